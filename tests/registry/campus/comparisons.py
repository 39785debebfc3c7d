"""Every count, list, statistic and message, held against what the model says."""

import json
from collections import Counter
from collections.abc import Collection, Mapping

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from notifier.campaigns import audience
from notifier.campaigns.audience import Audience, Reach
from notifier.ledger import bindings, graduate_inbox
from notifier.ledger.kinds import kinds
from notifier.ledger.tables import Binding, Message
from registry.base.paging import Place
from registry.numbers import listing
from registry.numbers.listing import NumberFilter
from registry.numbers.shape import Issue, Kind
from registry.province import monitoring, returns, selection
from registry.record import graduates
from registry.record.confirmation.states import ConfirmationState
from registry.record.graduate_filter import GraduateFilter
from registry.record.tables import Graduate
from registry.review import cohort_work, ended, lists
from registry.review.lists import ApplicationFilter
from registry.review.stages import Stage
from registry.review.states import LEVEL_CHOICES, Level, Purpose
from registry.statistics.province_table import province_table
from registry.statistics.rate_table import Numbers, rate_table
from registry.statistics.tally import By
from tests.registry.campus.acts import History
from tests.registry.campus.model import CONFIRMED, UNCONFIRMED, RecordModel

COHORTS = (2026, 2027)
TOLD = {
    "registration_changed": "hint",
    "confirmation_reminder": "item",
    "review_result": "reason",
    "record_joined": "cohort",
    "province_returned": "hint",
}
"""Of each kind of message, the fact that histories compare."""
REMINDER = "confirmation_reminder"


def compare(history: History, schools: Collection[int] = (0, 1)) -> None:
    """Compare all there is of some schools, and of everybody, with the model."""
    with history.desk.readers.begin() as session:
        for school in schools:
            for cohort in COHORTS:
                people = history.model.shown(school, cohort)
                _first_page(session, history, school, cohort, people)
                _reviews(session, history, school, cohort, people)
                _numbers(session, history, school, cohort, people)
                _report(session, history, school, cohort, people)
                _reminders(session, history, school, cohort, people)
            _work_of_cohorts(session, history, school)
            _ended(session, history, school)
        for cohort in COHORTS:
            _province(session, history, cohort)
        _people(session, history)


def _states(people: list[RecordModel]) -> dict[ConfirmationState, int]:
    counted = Counter(each.state for each in people)
    return {state: counted[state] for state in ConfirmationState}


def _first_page(
    session: Session, history: History, school: int, cohort: int, people: list[RecordModel]
) -> None:
    campus, wanted = history.schools[school].campus, GraduateFilter(cohort)
    assert graduates.counts(session, campus.scope, wanted) == _states(people)
    assert graduates.total(session, campus.scope, wanted) == len(people)
    rows = graduates.page(session, campus.scope, wanted, Place()).rows
    listed = sorted((each.student_number, each.state, each.category) for each in rows)
    assert listed == sorted(
        (
            history.number(each.key),
            each.state,
            each.destination.category if each.destination else "",
        )
        for each in people
    )
    departments = graduates.by_department(session, campus.scope, wanted)
    assert [each["counts"] for each in departments] == ([_states(people)] if people else [])
    sources = graduates.by_source(session, campus.scope, wanted)
    assert sum((Counter(each) for each in sources.values()), Counter()) == Counter(
        each.state for each in people
    )
    not_reported = [each for each in people if each.destination is None]
    assert sum(sources.get("", {}).values()) == len(not_reported)


def _reviews(
    session: Session, history: History, school: int, cohort: int, people: list[RecordModel]
) -> None:
    campus = history.schools[school].campus
    wanted = ApplicationFilter(GraduateFilter(cohort), Stage.SCHOOL, LEVEL_CHOICES[0])
    pending = [each.pending for each in people if each.pending is not None]
    for scope in (campus.scope, campus.department_scope()):
        counted = lists.counts(session, scope, wanted)
        for purpose in Purpose:
            for level in (Level.DEPARTMENT, Level.SCHOOL):
                waiting = [each for each in pending if (each.purpose, each.due) == (purpose, level)]
                assert counted[purpose][Stage(level)] == len(waiting)
    first = [
        each for each in pending if (each.purpose, each.due) == (Purpose.REGISTER, Level.SCHOOL)
    ]
    assert len(lists.page(session, campus.scope, wanted, Place()).rows) == len(first)


def _numbers(
    session: Session, history: History, school: int, cohort: int, people: list[RecordModel]
) -> None:
    campus, at = history.schools[school].campus, history.clock()
    wanted = NumberFilter(GraduateFilter(cohort), Issue.VERIFICATION, Kind.FILE)
    authorized = sum(each.authorized for each in people)
    found = listing.counts(session, campus.scope, wanted, at)
    assert _without_none(found) == _without_none(
        {"in_force": authorized, "not_authorized": len(people) - authorized}
    )
    wanted = NumberFilter(GraduateFilter(cohort), Issue.TRANSFER, Kind.FILE)
    reported = Counter(each.transfer for each in people if each.destination is not None)
    assert _without_none(listing.counts(session, campus.scope, wanted, at)) == reported


def _without_none(counted: Mapping[str, int]) -> dict[str, int]:
    return {name: number for name, number in counted.items() if number}


def _report(
    session: Session, history: History, school: int, cohort: int, people: list[RecordModel]
) -> None:
    scope = history.schools[school].campus.scope
    kept_out = Counter(each.left_out() for each in people)
    going = kept_out.pop("", 0)
    prepared = selection.prepare(session, scope, cohort)
    assert (prepared.goes, dict(prepared.left_out)) == (going, dict(kept_out))
    unconfirmed = [each for each in people if not each.left_out() and each.state is not CONFIRMED]
    assert prepared.unconfirmed == len(unconfirmed)
    assert len(selection.left_out(session, scope, cohort)) == kept_out.total()
    waiting = [each for each in people if each.returned and each.in_force]
    found = returns.of_school(session, scope, cohort)
    assert {each.key: each.number for each in found} == Counter(each.batch for each in waiting)


def _reminders(
    session: Session, history: History, school: int, cohort: int, people: list[RecordModel]
) -> None:
    campus, kind = history.schools[school].campus, kinds()[REMINDER]
    whom = [each for each in people if each.state is not CONFIRMED]
    bound = sum(each.key.person in history.model.bound for each in whom)
    expected = Reach(len(whom), 0, len(whom) - bound, bound, 0)
    found = audience.reach(session, campus.scope, Audience(cohort), kind, history.clock())
    assert found == expected
    by_school = audience.reach_by_school(session, [campus.school.id], Audience(cohort), kind)
    assert by_school == ({campus.school.id: expected} if whom else {})


def _work_of_cohorts(session: Session, history: History, school: int) -> None:
    scope = history.schools[school].campus.scope
    shown = [each for cohort in COHORTS for each in history.model.shown(school, cohort)]
    for level in (Level.DEPARTMENT, Level.SCHOOL):
        found = cohort_work.by_cohort(session, scope, level)
        reviews = Counter(
            each.shown for each in shown if each.pending and each.pending.due is level
        )
        unconfirmed = Counter(each.shown for each in shown if each.state is UNCONFIRMED)
        for cohort in {*found, *reviews, *unconfirmed}:
            work = found.get(cohort, cohort_work.CohortWork())
            assert (work.reviews, work.unconfirmed) == (reviews[cohort], unconfirmed[cohort])


def _ended(session: Session, history: History, school: int) -> None:
    found = ended.of_school(session, history.schools[school].campus.scope)
    gone = [each for each in history.model.records.values() if each.ended]
    numbers = {history.number(each.key) for each in gone if each.key.school == school}
    assert {each.student_number for each in found} == numbers


def _province(session: Session, history: History, cohort: int) -> None:
    progress = monitoring.progress(session, history.province, cohort)
    table = province_table(session, history.province, cohort)
    lines = {line.title: line.numbers for line in table.lines}
    assert len(progress) == len(history.schools)
    for place, school in enumerate(history.schools):
        people, ident = history.model.shown(place, cohort), school.campus.school.id
        found = progress[ident]
        assert found.states == _states(people)
        assert found.filed == sum(each.filed for each in people)
        assert found.waiting == sum(bool(each.sent) and not each.filed for each in people)
        said = (each.destination.category if each.destination else "" for each in people)
        everybody = GraduateFilter(cohort)
        counted = rate_table(session, school.campus.scope, everybody, By.SEX).whole.numbers
        assert (counted.graduates, counted.categories) == (len(people), Counter(said))
        assert lines.get(school.campus.school.name, Numbers()) == counted


def _people(session: Session, history: History) -> None:
    for person in range(2):
        records = history.model.of_person(person)
        ids = {each.key: history.ident(session, each.key) for each in records}
        for each in records:
            assert _told(session, ids[each.key]) == each.messages, each.key
        held = set(
            session.scalars(
                select(Binding.graduate_id).where(
                    Binding.graduate_id.in_(ids.values()), Binding.ended_at.is_(None)
                )
            )
        )
        bound = person in history.model.bound
        assert held == (set(ids.values()) if bound else set())
        if bound:
            hers = bindings.records_of(session, history.openids[person])
            assert {each.id for each in hers} == {
                ids[each.key] for each in records if not each.ended
            }
        written = sum(len(each.messages) for each in records)
        assert graduate_inbox.unread(session, list(ids.values())) == written
    schools = [each.campus.school.id for each in history.schools]
    everybody = select(func.count()).where(Graduate.school_id.in_(schools))
    assert session.scalar(everybody) == len(history.model.records)


def _told(session: Session, graduate_id: int) -> list[tuple[str, str]]:
    rows = session.execute(
        select(Message.kind, Message.facts)
        .where(Message.graduate_id == graduate_id)
        .order_by(Message.id)
    )
    return [(kind, json.loads(facts)[TOLD[kind]]) for kind, facts in rows]
