"""Her face binds her without a code, where it is set up: whoever passed, and nobody else."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from notifier.binding import bind_by_face
from notifier.ledger.tables import Binding
from registry.accounts.tables import Attempt
from registry.record.privacy_tables import Consent
from registry.record.tables import Graduate
from tests.pages import Browser
from tests.wxapp.graduate.test_binding import CLAIM, PROOF, code_on_the_phone, report, sms_count
from tests.wxapp.graduate.test_binding import IDENTITY as PROVEN
from tests.wxapp.graduate.verifying import end_face, without_the_way
from tests.wxapp.site import Site

BIND = "/g/bind"


@pytest.fixture
def graduate(site: Site) -> Graduate:
    return site.graduate(report)


def newcomer(site: Site, label: str = "新来的") -> Browser:
    return site.enter(site.sandbox.control.add_phone(label))


def begun(page: Browser, name: str = "李娟", number: str = PROVEN) -> Browser:
    """Press the button for the face check with what was typed."""
    return page.submit(button="单独同意并开始人脸核身", name=name, identity_number=number)


def ended(page: Browser, ending: str = "pass") -> Browser:
    return page.get(end_face(str(page.find("a.weui-btn_primary")["href"]), ending))


def bound(site: Site) -> list[str]:
    wanted = select(Graduate.name).join(Binding).where(Binding.ended_at.is_(None))
    return list(site.read(lambda session: session.scalars(wanted).all()))


def test_her_face_binds_her_without_a_code(site: Site, graduate: Graduate) -> None:
    before = sms_count(site)
    page = ended(begun(newcomer(site)))
    assert "绑定成功" in page.text
    assert (bound(site), sms_count(site)) == (["李娟"], before)
    kept = site.read(lambda session: session.scalars(select(Consent.purpose)).all())
    assert sorted(kept) == ["binding", "face"]
    assert page.get("/g/me").path == "/g/me"


def test_her_face_proves_no_phone(site: Site, graduate: Graduate) -> None:
    assert graduate.phone_index, "the school knows one, whosoever it is by now"
    ended(begun(newcomer(site)))
    proven_by = site.read(lambda session: session.scalars(select(Binding.phone_index)).all())
    assert proven_by == [None]


def test_who_has_no_phone_at_her_school_is_bound_too(site: Site) -> None:
    def without_phone(_campus: object, her: Graduate) -> None:
        her.phone_sealed = her.phone_index = None

    site.change(site.graduate(report), without_phone)
    assert "绑定成功" in ended(begun(newcomer(site))).text
    proven_by = site.read(lambda session: session.scalars(select(Binding.phone_index)).all())
    assert proven_by == [None]


@pytest.mark.parametrize("ending", ["fail", "quit"])
def test_a_face_that_is_not_passed_binds_nobody(
    site: Site, graduate: Graduate, ending: str
) -> None:
    page = ended(begun(newcomer(site)), ending)
    assert (page.status, "人脸核身没有通过" in page.text) == (400, True)
    assert bound(site) == []


def test_a_stranger_who_passes_learns_nothing_of_others(site: Site, graduate: Graduate) -> None:
    page = begun(newcomer(site), "王五", "110101199003074514")
    assert page.find_all("a.weui-btn_primary") != [], "as for anybody"
    page = ended(page)
    assert "没有找到您的学籍信息" in page.text
    assert bound(site) == []


def test_what_another_browser_began_binds_nobody_here(site: Site, graduate: Graduate) -> None:
    hers = begun(newcomer(site))
    back = end_face(str(hers.find("a.weui-btn_primary")["href"]), "pass")
    page = newcomer(site, "另一个").get(back)
    assert "这次人脸核身已经用过或已超时" in page.text
    assert bound(site) == []


@pytest.mark.parametrize("has_session", [True, False])
def test_who_has_another_pass_the_check_for_him_is_not_bound(
    site: Site, graduate: Graduate, *, has_session: bool
) -> None:
    his = begun(newcomer(site))
    back = end_face(str(his.find("a.weui-btn_primary")["href"]), "pass")
    hers = newcomer(site, "她") if has_session else site.browser()
    hers.client.get(back)
    assert "这次人脸核身已经用过或已超时" in his.get(back).text
    assert bound(site) == []


def test_who_was_not_led_back_is_not_bound_though_another_passed_his_check(
    site: Site, graduate: Graduate
) -> None:
    his = begun(newcomer(site))
    back = end_face(str(his.find("a.weui-btn_primary")["href"]), "pass")
    assert "这次人脸核身已经用过或已超时" in his.get(without_the_way(back)).text
    assert "这次人脸核身已经用过或已超时" in his.get(back).text, "one wrong way ends the check"
    assert bound(site) == []


def test_a_check_counts_once(site: Site, graduate: Graduate) -> None:
    page = begun(newcomer(site))
    back = end_face(str(page.find("a.weui-btn_primary")["href"]), "fail")
    page.get(back)
    assert "已经用过" in page.get(back).text


def test_five_in_a_day_and_the_code_beside_it(site: Site, graduate: Graduate) -> None:
    openid = site.sandbox.control.add_phone("新来的")
    for _ in range(bind_by_face.A_DAY):
        assert begun(site.enter(openid)).find_all("a.weui-btn_primary") != []
        site.clock.move(timedelta(hours=1))
    page = begun(site.enter(openid))
    assert "今天已经做过 5 次人脸核身" in page.text
    page.get(BIND).submit(button=CLAIM, name="李娟", identity_number=PROVEN)
    page.submit(button=PROOF, code=code_on_the_phone(site))
    assert bound(site) == ["李娟"]


def test_other_documents_keep_to_the_code(site: Site, graduate: Graduate) -> None:
    page = begun(newcomer(site), "李娟", "E12345678")
    assert "人脸核身只适用于居民身份证" in page.text
    checks = select(Attempt.id).where(Attempt.purpose == bind_by_face.PURPOSE)
    assert site.read(lambda session: session.scalars(checks).all()) == []


def test_whoever_saw_another_text_is_asked_to_read_again(site: Site, graduate: Graduate) -> None:
    page = newcomer(site)
    token = str(page.find_all("input[name=csrf_token]")[0]["value"])
    sent = {"name": "李娟", "identity_number": PROVEN, "notice": "old", "csrf_token": token}
    assert "说明已更新" in page.post(f"{BIND}/face", sent).text
