"""Her campus binds her without a code: her own record alone, in the browser that asked."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from notifier.ledger.tables import Binding
from registry.accounts.tables import AuditEntry, WebSession
from registry.record.privacy_tables import Consent
from registry.record.registration import Origin, Proposal, record
from registry.record.tables import Graduate, Source
from tests.pages import Browser
from tests.wxapp.core.campuses import app_with_campus, at_the_campus, here, service_of
from tests.wxapp.graduate.test_binding import IDENTITY, report, sms_count
from tests.wxapp.school.records import Campus
from tests.wxapp.site import Site

OTHER = "110101199003074514"


@pytest.fixture
def app(site: Site) -> Flask:
    return app_with_campus(site)


@pytest.fixture
def graduate(site: Site) -> Graduate:
    return site.graduate(report)


def newcomer(site: Site, app: Flask, label: str = "新来的") -> Browser:
    phone = site.sandbox.control.add_phone(label)
    return site.enter(phone, browser=Browser(app.test_client()))


def address_of(page: Browser) -> str:
    return str(page.find("a.weui-btn_primary")["href"])


def begun(
    page: Browser, name: str = "李娟", number: str = IDENTITY, campus: str = "统一身份认证"
) -> Browser:
    """Press the button for the campus with what was typed."""
    button = next(each for each in page.find_all("button") if campus in each.text)
    return page.submit(button=button.text, name=name, identity_number=number)


def bound(site: Site) -> list[str]:
    wanted = select(Graduate.name).join(Binding).where(Binding.ended_at.is_(None))
    return list(site.read(lambda session: session.scalars(wanted).all()))


def test_her_campus_binds_her_without_a_code(site: Site, app: Flask, graduate: Graduate) -> None:
    before = sms_count(site)
    page = begun(newcomer(site, app))
    page.get(at_the_campus(address_of(page), graduate.student_number))
    assert "绑定成功" in page.text
    assert (bound(site), sms_count(site)) == (["李娟"], before)
    assert site.read(lambda session: session.scalars(select(Consent.purpose)).all()) == ["binding"]
    assert site.read(lambda session: session.scalars(select(Binding.phone_index)).all()) == [None]
    done = site.read(lambda session: session.scalars(select(AuditEntry.action)).all())
    assert {"bound", "campus_proven"} <= set(done)


@pytest.mark.parametrize(
    ("name", "identity", "number"),
    [("王五", OTHER, ""), ("李娟", OTHER, ""), ("李娟", IDENTITY, "9"), ("王五", IDENTITY, "")],
)
def test_name_identity_number_and_student_number_have_to_be_of_one_record(
    site: Site, app: Flask, graduate: Graduate, name: str, identity: str, number: str
) -> None:
    page = begun(newcomer(site, app), name, identity)
    page.get(at_the_campus(address_of(page), number or graduate.student_number))
    assert "不是同一位毕业生" in page.text
    assert bound(site) == []


def test_a_number_that_the_school_wrote_lately_proves_nobody(
    site: Site, app: Flask, graduate: Graduate
) -> None:
    with site.resources.sessions.begin() as session:
        at, school = site.clock(), graduate.school_id
        origin = Origin(school, Source.NATIONAL, "更正", "学校", "staff:x", at)
        record(session, origin, [Proposal(graduate.id, basics={"student_number": "ACCOMPLICE"})])
    for days, hers in ((0, []), (31, ["李娟"])):
        site.clock.move(timedelta(days=days))
        page = begun(newcomer(site, app, f"{days}"))
        page.get(at_the_campus(address_of(page), "ACCOMPLICE"))
        assert ("学号在 30 天内由学校录入或更改过" in page.text, bound(site)) == (not hers, hers)


def test_nor_does_that_of_a_second_record_in_her_name(
    site: Site, app: Flask, graduate: Graduate
) -> None:
    hers = (graduate.identity_index, graduate.phone_index)

    def second(_campus: Campus, her: Graduate) -> None:
        her.year, her.student_number, her.name = 2028, "ACCOMPLICE", graduate.name
        her.identity_index, her.phone_index = hers

    site.graduate(second)
    for days, named in ((0, []), (31, ["李娟", "李娟"])):
        site.clock.move(timedelta(days=days))
        page = begun(newcomer(site, app, f"{days}"))
        page.get(at_the_campus(address_of(page), "ACCOMPLICE"))
        assert bound(site) == named


def test_what_another_browser_began_binds_nobody_here(
    site: Site, app: Flask, graduate: Graduate
) -> None:
    his = begun(newcomer(site, app))
    back = at_the_campus(address_of(his), graduate.student_number)
    hers = newcomer(site, app, "她").get(back)
    assert "登录已失效" in hers.text
    assert bound(site) == []
    assert his.get("/g/bind/campus/done").status == 400
    assert bound(site) == []


def test_what_was_typed_is_kept_sealed_and_for_ten_minutes(
    site: Site, app: Flask, graduate: Graduate
) -> None:
    page = begun(newcomer(site, app))
    kept = str(site.read(lambda session: session.scalars(select(WebSession.content)).all()))
    assert IDENTITY not in kept
    assert "李娟" not in kept
    back = at_the_campus(address_of(page), graduate.student_number)
    site.clock.move(timedelta(minutes=11))
    assert "登录已失效" in page.get(back).text
    assert bound(site) == []


def test_a_campus_that_is_away_is_said_where_she_binds(site: Site, graduate: Graduate) -> None:
    app = app_with_campus(site, server="http://localhost:9")
    page = begun(newcomer(site, app))
    page.get(f"{here(service_of(address_of(page)))}&ticket=ST-1")
    assert (page.path, "暂时无法连接" in page.text) == ("/g/bind", True)


def test_a_campus_for_staff_alone_is_offered_to_no_graduate(site: Site) -> None:
    page = newcomer(site, app_with_campus(site, **{"for": ["staff"]}))
    assert page.path == "/g/bind"
    assert "统一身份认证" not in page.text
    assert page.client.post("/g/bind/campus", data={"campus": "qinghe"}).status_code == 400
