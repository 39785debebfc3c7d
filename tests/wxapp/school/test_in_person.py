"""School staff record that they saw a graduate and her document; she authorizes by herself."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from registry.accounts import audit as audit_log
from registry.accounts.tables import AuditEntry
from registry.numbers.verification import authentication
from registry.record.tables import Graduate
from tests.audit_rows import DEEDS
from tests.clock import StandingClock
from tests.wxapp.school.conftest import Console
from tests.wxapp.school.records import Campus


@pytest.fixture
def graduate(console: Console) -> Graduate:
    found = console.campus.report(console.campus.graduate())
    console.campus.save()
    return found


def tab(graduate: Graduate) -> str:
    return f"/school/graduates/{graduate.key}?tab=authorization"


def proof_holds(console: Console, graduate: Graduate) -> bool:
    with console.resources.readers() as session:
        at = console.resources.clock()
        return authentication.fresh(session, graduate.id, "any browser of hers", at) is not None


def audit(console: Console) -> list[tuple[str, object]]:
    wanted = select(AuditEntry).where(DEEDS).order_by(AuditEntry.id)
    with console.resources.readers() as session:
        found = session.scalars(wanted).all()
        return [(each.action, audit_log.said_in(session, each)) for each in found]


@pytest.mark.parametrize("role", ["school", "department"])
def test_what_was_seen_holds_for_today_in_any_browser_of_hers(
    console: Console, graduate: Graduate, clock: StandingClock, role: str
) -> None:
    browser = console.browser(role).get(tab(graduate))
    browser.submit("form[action$=in-person]", document="identity_card", seen=True)
    assert browser.path == tab(graduate)
    assert "今天 10:00 已当面核对，出示居民身份证" in browser.text
    assert proof_holds(console, graduate)
    assert audit(console) == [("seen_in_person", {"reason": "居民身份证"})]
    assert "王老师 当面核对了本人和证件 居民身份证" in browser.follow("操作日志").text
    clock.move(timedelta(hours=14))
    assert not proof_holds(console, graduate)


def test_the_same_press_twice_is_one_record(console: Console, graduate: Graduate) -> None:
    browser = console.browser().get(tab(graduate))
    sent = browser.fill("form[action$=in-person]", document="passport", seen=True)
    for _ in range(2):
        browser.post(f"/school/graduates/{graduate.key}/in-person", sent)
    assert len(audit(console)) == 1


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"seen": True}, "请选择本人出示的证件"),
        ({"document": "identity_card"}, "请先当面核对本人与证件"),
    ],
)
def test_nothing_is_recorded_that_was_not_said(
    console: Console, graduate: Graduate, values: dict[str, str | bool], sentence: str
) -> None:
    browser = console.browser().get(tab(graduate))
    browser.submit("form[action$=in-person]", None, **values)
    assert (browser.status, sentence in browser.text) == (400, True)
    assert not proof_holds(console, graduate)


def test_another_schools_graduate_is_not_found(
    console: Console, other: Campus, graduate: Graduate
) -> None:
    hers = other.graduate()
    other.save()
    browser = console.browser().get(tab(graduate))
    sent = browser.fill("form[action$=in-person]", document="identity_card", seen=True)
    browser.post(f"/school/graduates/{hers.key}/in-person", sent)
    assert browser.status == 404
    assert not proof_holds(console, hers)


def test_the_page_says_that_she_confirms_first_and_keeps_the_number_to_herself(
    console: Console, graduate: Graduate
) -> None:
    browser = console.browser().get(tab(graduate))
    assert "本人尚未确认去向" in browser.text
    assert "核验编号只有本人看得到" in browser.text
    assert "档案 未授权" in browser.text
