"""However reviews are narrowed, pages and counts are what a reader of all rows finds, in order."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as some
from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from registry.record.graduate_filter import Days
from registry.record.scope import Scope
from registry.record.tables import Graduate
from registry.review import lists
from registry.review.lists import ApplicationFilter
from registry.review.stages import Stage, stages, states_of
from registry.review.states import ApplicationState, Level, Purpose
from registry.review.tables import Application
from tests.clock import StandingClock
from tests.profiles import examples
from tests.registry import list_walk
from tests.registry.list_walk import CLASSES, SCOPES, WORDS, day_of, has_words, people_of, sees
from tests.wxapp.school.records import Campus, open_campus

LEVELS = (Level.DEPARTMENT, Level.SCHOOL)
STATES = (*[ApplicationState.SUBMITTED] * 12, *ApplicationState)
"""Most wait for a department: more than a page holds."""
CATEGORIES = ("10", "11", "502", "")
FILTERS: dict[str, tuple[tuple[str, ...], Callable[[Application, Graduate, str], bool]]] = {
    "level": (("31", "11", "33"), lambda _, her, said: her.level == said),
    "class_name": (CLASSES[:2], lambda _, her, said: her.class_name == said),
    "words": (WORDS, lambda _, her, said: has_words(her, said)),
    "category": (("10", "1", "50", "%"), lambda sent, _, said: sent.category.startswith(said)),
    "from": (("2026-06-10", "2026-06-14"), lambda sent, _, said: _day(sent) >= said),
    "to": (("2026-06-10", "2026-06-14"), lambda sent, _, said: _day(sent) <= said),
}
QUERIES = some.dictionaries(some.sampled_from(sorted(FILTERS)), some.integers(0, 9), max_size=3)


def _day(sent: Application) -> str:
    assert sent.submitted_at is not None
    return day_of(sent.submitted_at)


@dataclass(frozen=True)
class Reviews:
    """All applications of the year and whose they are, and who asks."""

    campus: Campus
    all: list[tuple[Application, Graduate]]
    scopes: Mapping[str, Scope]

    def meant(self, scope: str, query: Mapping[str, str]) -> list[Application]:
        """Return what was ever sent and the filters hold for, those sent first before the others.

        By the plain meaning of each filter; of all stages.
        """
        found = [
            sent
            for sent, her in self.all
            if sent.submitted_at is not None and sees(self.campus, scope, her)
            if all(FILTERS[name][1](sent, her, said) for name, said in query.items())
        ]
        return sorted(found, key=lambda sent: (sent.submitted_at, sent.id))


def sent_by(number: int, her: Graduate, campus: Campus) -> dict[str, object]:
    """Return a row: several are sent in the same moment, some were never sent."""
    state = STATES[number % len(STATES)]
    at = campus.at + timedelta(days=number * 7 % 5)
    return {
        "key": f"application-{number}",
        "graduate_id": her.id,
        "school_id": her.school_id,
        "year": her.year,
        "department_id": her.department_id,
        "state": state,
        "category": CATEGORIES[number % 4],
        "purpose": Purpose.REGISTER if number % 5 else Purpose.VOID,
        "values": {},
        "revision": 1,
        "submitted_at": None if state is ApplicationState.DRAFT else at,
        "created_at": at,
        "updated_at": at,
    }


@pytest.fixture
def reviews(session: Session, clock: StandingClock) -> Reviews:
    campus = open_campus(session, clock())
    people = list_walk.populate(campus)
    rows = [sent_by(number, her, campus) for number, her in enumerate(people)]
    session.execute(insert(Application), rows)
    session.commit()
    whose = {her.id: her for her in people}
    found = session.scalars(select(Application)).all()
    return Reviews(
        campus, [(each, whose[each.graduate_id]) for each in found], list_walk.scopes_of(campus)
    )


@settings(
    max_examples=examples(15, thorough=400),
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(some.sampled_from(SCOPES), some.sampled_from(stages(LEVELS)), QUERIES)
@example("school", Stage.DEPARTMENT, {})
@example("department", Stage.DEPARTMENT, {"words": 4})
@example("counsellor", Stage.PASSED, {"from": 1})
def test_pages_and_counts_of_reviews_are_what_a_reader_of_all_rows_finds(
    reviews: Reviews, scope: str, stage: Stage, drawn: dict[str, int]
) -> None:
    query = {name: FILTERS[name][0][at % len(FILTERS[name][0])] for name, at in drawn.items()}
    session, asked = reviews.campus.session, reviews.scopes[scope]
    meant = reviews.meant(scope, query)
    for purpose in (Purpose.REGISTER, Purpose.VOID):
        wanted = filter_of(query, stage, purpose)
        expected = {
            each: [
                sent.key
                for sent in meant
                if (sent.purpose, sent.state) in {(purpose, at) for at in _states(each, purpose)}
            ]
            for each in stages(LEVELS)
        }
        shown = list_walk.walked(partial(lists.page, session, asked, wanted))
        assert shown == expected[stage]
        counted = lists.counts(session, asked, wanted)[purpose]
        assert counted == {each: len(keys) for each, keys in expected.items()}
        assert list(lists.first_of(session, asked, wanted, 7)) == expected[stage][:7]


def _states(stage: Stage, purpose: Purpose) -> frozenset[ApplicationState]:
    return states_of(stage, purpose, LEVELS)


def filter_of(query: Mapping[str, str], stage: Stage, purpose: Purpose) -> ApplicationFilter:
    days = (date.fromisoformat(query[name]) if name in query else None for name in ("from", "to"))
    return ApplicationFilter(
        people_of(query),
        stage,
        LEVELS,
        purpose,
        query.get("category", ""),
        Days(*days),
    )
