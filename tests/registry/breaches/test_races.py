"""Two at the same moment: on PostgreSQL two real transactions, on SQLite one after the other."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session, sessionmaker

from registry.accounts.tables import Role
from registry.base.database import random_key
from registry.breaches import filing, handling, steps
from registry.breaches.lists import Viewer
from registry.breaches.states import BreachState
from registry.breaches.steps import Act
from registry.breaches.tables import BreachReport
from registry.record.tables import Graduate
from tests.registry.breaches.conftest import ABOUT_SCHOOL, Reporting
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


def filing_one(desk: Reporting, graduate: Graduate, key: str) -> Deed:
    vault, at = desk.campus.vault, desk.at
    return lambda session: filing.file(session, vault, graduate, key, ABOUT_SCHOOL, at).key


def answering(desk: Reporting, viewer: Viewer, report: BreachReport) -> Deed:
    vault, key, at = desk.campus.vault, report.key, desk.at
    return lambda session: handling.answer(session, vault, viewer, key, "已责令改正。", at)


def reports(desk: Reporting) -> int:
    return desk.session.scalar(select(func.count()).select_from(BreachReport)) or 0


def test_a_form_pressed_twice_at_once_is_one_report(
    desk: Reporting, sessions: sessionmaker[Session]
) -> None:
    key = random_key()
    press = filing_one(desk, desk.campus.graduate(), key)
    desk.campus.save()
    assert after_another(sessions, press, press) == key
    assert reports(desk) == 1


def test_of_two_filed_at_once_the_one_too_many_is_refused(
    desk: Reporting, sessions: sessionmaker[Session]
) -> None:
    graduate = desk.campus.graduate()
    for _ in range(filing.MOST_WAITING - 1):
        desk.file(graduate)
        desk.at += timedelta(hours=2)
    first, second = (filing_one(desk, graduate, random_key()) for _ in range(2))
    desk.campus.save()
    assert after_another(sessions, first, second) == "too_many_waiting"
    assert reports(desk) == filing.MOST_WAITING


@pytest.mark.parametrize("answered_first", [True, False])
def test_answered_and_withdrawn_at_once_the_first_holds(
    desk: Reporting, sessions: sessionmaker[Session], *, answered_first: bool
) -> None:
    province = desk.viewer(Role.PROVINCE)
    report = desk.file(desk.campus.graduate())
    desk.campus.save()
    deeds = [answering(desk, province, report), withdrawing(desk, report)]
    first, second = deeds if answered_first else reversed(deeds)
    came = after_another(sessions, first, second)
    assert came == ("answered_already" if answered_first else "breach_elsewhere")
    assert acts(desk, report) == [Act.ANSWERED if answered_first else Act.WITHDRAWN]


def test_of_two_who_answer_at_once_one_does(
    desk: Reporting, sessions: sessionmaker[Session]
) -> None:
    one, other = desk.viewer(Role.PROVINCE), desk.viewer(Role.PROVINCE)
    report = desk.file(desk.campus.graduate())
    desk.campus.save()
    first, second = answering(desk, one, report), answering(desk, other, report)
    assert after_another(sessions, first, second) == "breach_elsewhere"
    assert acts(desk, report) == [Act.ANSWERED]
