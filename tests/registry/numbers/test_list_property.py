"""However lists of numbers are narrowed, pages and counts are what a reader of all rows finds."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as some
from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from registry.numbers import listing
from registry.numbers.listing import STATES, NumberFilter
from registry.numbers.shape import Issue, Kind
from registry.numbers.states import NumberState
from registry.numbers.tables import IssuedNumber
from registry.numbers.transfer import states as transfer
from registry.numbers.verification import states as authorization
from registry.record.graduate_filter import Days
from registry.record.scope import Scope
from registry.record.tables import Graduate, Registration
from tests.clock import StandingClock
from tests.profiles import examples
from tests.registry import list_walk
from tests.registry.list_walk import CLASSES, SCOPES, WORDS, day_of, has_words, people_of, sees
from tests.wxapp.school.records import Campus, open_campus

TODAY = date(2026, 6, 10)
RULES = {Issue.TRANSFER: transfer.state_of, Issue.VERIFICATION: authorization.state_of}
UNITS = ("青岛市人才服务中心", "100%_中心")
WHICH = tuple((issue, kind) for issue in Issue for kind in Kind)


@dataclass(frozen=True)
class Numbered:
    """Somebody with what is registered, and her newest number of an issue and kind."""

    her: Graduate
    stands: Registration | None
    number: IssuedNumber | None

    def state(self, issue: Issue) -> str:
        """Return what the rules say of the number."""
        if self.number is None:
            return RULES[issue](None, None, TODAY)
        return RULES[issue](NumberState(self.number.standing), self.number.ends_on, TODAY)

    def receiver(self, kind: Kind) -> str:
        """Return where the file or the household goes to."""
        if self.stands is None:
            return ""
        file = kind is Kind.FILE
        return self.stands.file_unit if file else self.stands.household_location

    def issued(self) -> str:
        """Return the day the number was made; empty without one."""
        return day_of(self.number.issued_at) if self.number else ""


FILTERS: dict[str, tuple[tuple[str, ...], Callable[[Numbered, Kind, str], bool]]] = {
    "level": (("31", "11", "33"), lambda one, _, said: one.her.level == said),
    "class_name": (CLASSES[:2], lambda one, _, said: one.her.class_name == said),
    "words": (WORDS, lambda one, _, said: has_words(one.her, said) or _is_at(one, said)),
    "receiver": (("中心", "%", "_", "没有"), lambda one, kind, said: said in one.receiver(kind)),
    "from": (("2026-06-10", "2026-06-12"), lambda one, _, said: one.issued() >= said),
    "to": (
        ("2026-06-10", "2026-06-12"),
        lambda one, _, said: bool(one.number) and one.issued() <= said,
    ),
}
QUERIES = some.dictionaries(some.sampled_from(sorted(FILTERS)), some.integers(0, 9), max_size=3)


def _is_at(one: Numbered, words: str) -> bool:
    said = "" if words == "\u200b" else words
    return one.stands is not None and said in one.stands.unit_name


@dataclass(frozen=True)
class Numbers:
    """All people of the year, and who asks."""

    campus: Campus
    people: Mapping[tuple[Issue, Kind], list[Numbered]]
    scopes: Mapping[str, Scope]


def number_of(her: Graduate, place: int, which: int, campus: Campus) -> dict[str, object]:
    """Return a row: good, lapsed or over, made on one of four days."""
    issue, kind = WHICH[which]
    return {
        "graduate_id": her.id,
        "issue": issue,
        "kind": kind,
        "sequence": 1,
        "newest": True,
        "standing": list(NumberState)[place % len(NumberState)],
        "snapshot": {},
        "number_index": f"{place}-{which}",
        "link_hash": f"{place}-{which}",
        "number_sealed": "",
        "registration_id": her.registration_id,
        "issued_by": "staff:x",
        "ends_on": TODAY + timedelta(days=place // 3 % 3 - 1),
        "issued_at": campus.at + timedelta(days=place % 4),
    }


@pytest.fixture
def numbers(session: Session, clock: StandingClock) -> Numbers:
    campus = open_campus(session, clock())
    people = list_walk.populate(campus)
    for place, her in enumerate(people):
        if place % 7:
            campus.report(her, file_unit=UNITS[place % 2])
    for which in range(len(WHICH)):
        rows = [
            number_of(her, place, which, campus)
            for place, her in enumerate(people)
            if her.registration_id and place % 4 != which
        ]
        session.execute(insert(IssuedNumber), rows)
    session.commit()
    found = {each: list(numbered(session, people, *each)) for each in WHICH}
    return Numbers(campus, found, list_walk.scopes_of(campus))


def numbered(session: Session, people: list[Graduate], issue: Issue, kind: Kind) -> list[Numbered]:
    mine = IssuedNumber.issue == issue, IssuedNumber.kind == kind
    made = {each.graduate_id: each for each in session.scalars(select(IssuedNumber).where(*mine))}
    stands = {each.graduate_id: each for each in session.scalars(select(Registration))}
    return [Numbered(her, stands.get(her.id), made.get(her.id)) for her in people]


@settings(
    max_examples=examples(12, thorough=400),
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(some.sampled_from(SCOPES), some.sampled_from(WHICH), some.integers(0, 9), QUERIES)
@example("school", (Issue.TRANSFER, Kind.FILE), 0, {})
@example("department", (Issue.VERIFICATION, Kind.HOUSEHOLD), 1, {"words": 5})
@example("counsellor", (Issue.TRANSFER, Kind.HOUSEHOLD), 0, {"receiver": 1})
def test_pages_and_counts_of_numbers_are_what_a_reader_of_all_rows_finds(
    numbers: Numbers, scope: str, which: tuple[Issue, Kind], state: int, drawn: dict[str, int]
) -> None:
    issue, kind = which
    query = {name: FILTERS[name][0][at % len(FILTERS[name][0])] for name, at in drawn.items()}
    states = ["", *STATES[issue]]
    wanted = filter_of(query, which, states[state % len(states)])
    meant = [
        each
        for each in numbers.people[which]
        if sees(numbers.campus, scope, each.her)
        and (issue is Issue.VERIFICATION or each.stands)
        and all(FILTERS[name][1](each, kind, said) for name, said in query.items())
    ]
    session, asked, at = numbers.campus.session, numbers.scopes[scope], numbers.campus.at
    shown = list_walk.walked(partial(listing.page, session, asked, wanted, at=at))
    fitting = [each for each in meant if wanted.state in {"", each.state(issue)}]
    assert shown == [each.her.key for each in fitting]
    counted = listing.counts(session, asked, wanted, at)
    assert counted == {
        each: sum(one.state(issue) == each for one in meant) for each in STATES[issue]
    }
    assert set(session.scalars(listing.ids(asked, wanted, at))) == {one.her.id for one in fitting}


def filter_of(query: Mapping[str, str], which: tuple[Issue, Kind], state: str) -> NumberFilter:
    days = (date.fromisoformat(query[name]) if name in query else None for name in ("from", "to"))
    return NumberFilter(
        people_of(query),
        *which,
        state=state,
        updated=Days(*days),
        receiver=query.get("receiver", ""),
    )
