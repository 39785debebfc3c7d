"""Before she authorizes, she proves that it is she: by the face, freshly, in this very browser."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from notifier.ledger.tables import Binding
from registry.numbers.tables import Authentication
from registry.numbers.verification import authentication
from registry.numbers.verification.authentication import IdentityDocument
from registry.record.tables import Graduate
from sandbox.control import Control
from tests.pages import Browser
from tests.wxapp.graduate.verifying import (
    BACK,
    PAGE,
    PROOF,
    again,
    begin_face,
    choose,
    confirmed,
    end_face,
    prove,
    reported,
    without_the_way,
)
from tests.wxapp.school.records import IDENTITY, Campus
from tests.wxapp.site import HOST, Site


@pytest.fixture
def control(site: Site) -> Control:
    control = site.sandbox.control
    control.clear_faults()
    return control


def asked_to_prove(browser: Browser) -> bool:
    return browser.find("h1").get_text(strip=True) == "先确认是您本人"


def test_the_provider_gets_name_and_number_in_the_body_and_the_way_back(
    site: Site, control: Control
) -> None:
    browser = choose(confirmed(site, reported(site)))
    url = begin_face(browser)
    assert browser.headers["Refresh"] == f"0; url={url}"
    check = control.face_checks()[-1]
    assert (check["name"], check["id_card"]) == ("李娟", IDENTITY)
    way, _, secret = check["redirect_url"].rpartition("/")
    assert (f"{way}/{'x' * 43}", len(secret)) == (f"{HOST}{BACK}", 43)
    assert secret not in browser.body.decode(), "only who passes it is told"
    assert IDENTITY not in browser.body.decode()


def test_passing_authorizes_what_she_chose_and_the_proof_serves_the_other_kind(site: Site) -> None:
    browser = prove(choose(confirmed(site, reported(site))))
    assert browser.path == PAGE
    assert "档案去向核验报告 生效中" in browser.text
    assert "已完成实人认证，今天 10:10 前有效" in browser.text
    assert "户口去向核验报告 生效中" in choose(browser, "household").text


def test_what_she_chose_for_one_record_is_not_chosen_for_another(site: Site) -> None:
    one, other = reported(site), reported(site)
    browser = choose(confirmed(site, one))
    of_openid = select(Binding.openid).where(Binding.graduate_id == one.id)
    with site.resources.sessions.begin() as session:
        openid = session.scalars(of_openid).one()
        row = Binding(openid=openid, graduate_id=other.id, joined=True, bound_at=site.clock())
        session.add(row)
    browser.get(f"/g/confirmation?record={other.key}").submit("#right")
    assert browser.get(PROOF).path == PAGE
    assert asked_to_prove(browser.get(f"{PROOF}?record={one.key}"))


@pytest.mark.parametrize(
    ("ending", "sentence"), [("fail", "人脸核身没有通过"), ("quit", "人脸核身没有完成")]
)
def test_without_passing_nothing_is_proven(site: Site, ending: str, sentence: str) -> None:
    browser = prove(choose(confirmed(site, reported(site))), ending)
    assert browser.status == 400
    assert sentence in browser.find("[role=alert]").get_text()
    assert asked_to_prove(browser.get(PROOF))
    assert "生效中" not in browser.get(PAGE).text


def test_what_she_left_unfinished_she_may_finish(site: Site) -> None:
    browser = choose(confirmed(site, reported(site)))
    url = begin_face(browser)
    assert "人脸核身没有完成" in browser.get(end_face(url, "quit")).text
    assert browser.get(end_face(url, "pass")).path == PAGE


def test_somebody_elses_face_proves_nothing(site: Site, control: Control) -> None:
    browser = choose(confirmed(site, reported(site)))
    back = end_face(begin_face(browser), "pass")
    control.fault("other_person", path="/faceid")
    assert "与登记的不一致" in browser.get(back).find("[role=alert]").get_text()
    control.clear_faults()
    assert asked_to_prove(browser.get(PROOF))
    assert "已经用过或已超时" in browser.get(back).text, "the failed check stays failed"


def test_a_proof_lasts_ten_minutes(site: Site) -> None:
    browser = prove(choose(confirmed(site, reported(site))))
    sent = browser.fill("#authorize", kinds=["household"], validity="week")
    site.clock.move(timedelta(minutes=10))
    browser.post(PAGE, sent)
    assert asked_to_prove(browser)
    assert "授权户口去向核验（7 天）前" in browser.text
    assert "户口去向核验报告 未授权" in browser.get(PAGE).text


def test_a_proof_holds_in_no_other_browser_of_hers(site: Site) -> None:
    graduate = reported(site)
    prove(choose(confirmed(site, graduate)))
    assert asked_to_prove(choose(again(site, graduate), "household"))


def test_the_way_back_works_once_and_in_this_browser_only(site: Site) -> None:
    graduate = reported(site)
    browser = choose(confirmed(site, graduate))
    back = end_face(begin_face(browser), "pass")
    other = again(site, graduate).get(back)
    assert "已经用过或已超时" in other.find("[role=alert]").get_text()
    stranger = confirmed(site, reported(site)).get(back)
    assert "已经用过或已超时" in stranger.find("[role=alert]").get_text()
    assert browser.get(back).path == PAGE
    assert "已经用过或已超时" in browser.get(back).text


@pytest.mark.parametrize("query", ["", "?BizToken=", "?BizToken=made-up", "?BizToken=" + "x" * 999])
def test_a_way_back_nobody_gave_out_proves_nothing(site: Site, query: str) -> None:
    browser = confirmed(site, reported(site)).get(BACK + query)
    assert browser.status == 400
    assert asked_to_prove(browser)


def test_who_began_a_check_that_another_passed_proves_nothing(site: Site) -> None:
    browser = choose(confirmed(site, reported(site)))
    back = end_face(begin_face(browser), "pass")
    assert "已经用过或已超时" in browser.get(without_the_way(back)).find("[role=alert]").get_text()
    assert asked_to_prove(browser.get(PROOF))
    assert browser.get(back).path == PAGE, "led back, she goes on"


def test_a_check_taken_too_long_ago_is_not_asked_about(site: Site) -> None:
    browser = choose(confirmed(site, reported(site)))
    back = end_face(begin_face(browser), "pass")
    site.clock.move(timedelta(minutes=31))
    assert "已经用过或已超时" in browser.get(back).text


@pytest.mark.parametrize("behaviour", ["errcode", "drop", "html", "status"])
def test_a_provider_that_is_away_is_said_and_she_may_try_again(
    site: Site, control: Control, behaviour: str
) -> None:
    browser = choose(confirmed(site, reported(site)))
    control.fault(behaviour, path="/faceid", times=1)
    browser.submit()
    assert browser.status == 503
    assert "服务暂时无法连接" in browser.find("[role=alert]").get_text()
    back = end_face(begin_face(browser), "pass")
    control.fault(behaviour, path="/faceid", times=1)
    assert browser.get(back).status == 503
    assert browser.get(back).path == PAGE, "the outcome is still there to be asked for"


def test_before_she_confirmed_no_check_is_begun(site: Site, control: Control) -> None:
    browser = site.enter(site.bind(reported(site)), "authorization")
    before = len(control.face_checks())
    token = browser.get("/g/confirmation").fill("#right")["csrf_token"]
    browser.post(f"{PAGE}/face", {"csrf_token": str(token)})
    assert browser.path == PAGE
    assert len(control.face_checks()) == before


def test_five_checks_a_day_are_enough(site: Site, control: Control) -> None:
    graduate = reported(site)
    browser = choose(confirmed(site, graduate))
    for _ in range(5):
        begin_face(browser)
    before = len(control.face_checks())
    browser.get(PROOF).submit()
    assert "今天已经做过 5 次人脸核身" in browser.find("[role=alert]").get_text()
    assert len(control.face_checks()) == before
    site.clock.move(timedelta(hours=15))
    begin_face(choose(again(site, graduate)))
    assert len(control.face_checks()) == before + 1


def test_without_a_provider_only_the_school_is_offered(site: Site) -> None:
    site.app = site.app_with(face_secret_id="")
    browser = choose(confirmed(site, reported(site)))
    assert "到学校现场办理" in browser.text
    assert not browser.find_all("form")
    assert "人脸核身" not in browser.text


def test_another_document_than_the_identity_card_is_for_the_school(site: Site) -> None:
    def with_passport(campus: Campus, her: Graduate) -> None:
        her.identity_sealed = campus.vault.seal("identity", her.id, "E12345678")
        campus.report(her)

    browser = choose(confirmed(site, site.graduate(with_passport)))
    assert "人脸核身只支持居民身份证" in browser.text
    assert not browser.find_all("form")


def test_nothing_but_the_outcome_is_kept(site: Site) -> None:
    prove(choose(confirmed(site, reported(site))))
    [kept] = site.read(lambda session: session.scalars(select(Authentication)).all())
    assert (kept.way, kept.document, kept.recorded_by) == ("face", "", "")
    assert kept.reference_hash is not None
    assert kept.reference_hash not in str(site.sandbox.control.face_checks())


def test_who_was_seen_at_the_school_authorizes_that_day_without_the_face(site: Site) -> None:
    graduate = reported(site)
    browser = confirmed(site, graduate)
    with site.resources.sessions.begin() as session:
        card, at = IdentityDocument.IDENTITY_CARD, site.clock()
        authentication.record_in_person(session, graduate.id, card, "staff:x", at)
    choose(browser)
    assert "档案去向核验报告 生效中" in browser.text
    site.clock.move(timedelta(hours=14))
    assert asked_to_prove(choose(again(site, graduate), "household"))
