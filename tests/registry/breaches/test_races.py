"""Two at the same moment: on PostgreSQL two real transactions, on SQLite one after the other."""

from collections.abc import Callable

from sqlalchemy.orm import Session, sessionmaker

from registry.accounts.tables import Role
from registry.breaches import filing, handling, steps
from registry.breaches.lists import Viewer
from registry.breaches.states import BreachState
from registry.breaches.steps import Act
from registry.breaches.tables import BreachReport
from tests.registry.breaches.conftest import Reporting
from tests.registry.review.at_once import after_another

Deed = Callable[[Session], object]


def withdrawing(desk: Reporting, report: BreachReport) -> Deed:
    records, key, at = [report.graduate_id], report.key, desk.at
    return lambda session: filing.withdraw(session, filing.own(session, records, key), at)


def asking_school(desk: Reporting, viewer: Viewer, report: BreachReport) -> Deed:
    vault, key, at = desk.campus.vault, report.key, desk.at
    return lambda session: handling.tell_school(session, vault, viewer, key, "请说明。", at)


def acts(desk: Reporting, report: BreachReport) -> list[Act]:
    desk.session.expire_all()
    return [each.act for each in steps.of_report(desk.session, desk.campus.vault, report)]


def test_withdrawn_before_the_school_is_asked(
    desk: Reporting, sessions: sessionmaker[Session]
) -> None:
    school, province = desk.viewer(Role.SCHOOL), desk.viewer(Role.PROVINCE)
    report = desk.file(desk.campus.graduate())
    desk.campus.save()
    second = asking_school(desk, province, report)
    assert after_another(sessions, withdrawing(desk, report), second) == "breach_elsewhere"
    assert acts(desk, report) == [Act.WITHDRAWN]
    assert desk.seen(school) == []


def test_the_school_is_asked_before_it_is_withdrawn(
    desk: Reporting, sessions: sessionmaker[Session]
) -> None:
    province = desk.viewer(Role.PROVINCE)
    report = desk.file(desk.campus.graduate())
    desk.campus.save()
    after_another(sessions, asking_school(desk, province, report), withdrawing(desk, report))
    assert acts(desk, report) == [Act.TOLD, Act.WITHDRAWN]
    assert report.state == BreachState.WITHDRAWN
