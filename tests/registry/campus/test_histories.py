"""Whatever happens to people with several records, every count, list and message stays true."""

from collections.abc import Callable
from typing import NamedTuple

import pytest
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as some
from sqlalchemy.orm import Session, sessionmaker

from notifier.ledger import notices
from registry.base.database import open_readers
from registry.record import events
from registry.record.tables import Answer
from registry.review.decisions import Decision
from tests.clock import StandingClock
from tests.profiles import examples
from tests.registry.campus.acts import History
from tests.registry.campus.comparisons import compare
from tests.registry.campus.model import Destination, Key, Row
from tests.registry.staff_context import WorkDesk
from tests.wxapp.school.records import VAULT


class Step(NamedTuple):
    """One act of a history: about one record, if there is one by then, or about a school."""

    act: str
    """A method of History."""
    key: Key | None
    given: tuple[object, ...]

    @property
    def school(self) -> int:
        """Return whose counts it may change; what is a person's is looked at in any case."""
        return self.key.school if self.key else int(str(self.given[0]))

    def play(self, history: History) -> None:
        """Do it."""
        act: Callable[..., None] = getattr(history, self.act)
        if self.key is None:
            act(*self.given)
        elif record := history.model.records.get(self.key):
            act(record, *self.given)


SCHOOLS = PEOPLE = STUDIES = some.integers(0, 1)
COHORTS = some.sampled_from([2026, 2027])
KEYS = some.sampled_from([Key(0, 0, 0), Key(0, 0, 1), Key(1, 0, 0), Key(0, 1, 0)])
CATEGORIES = some.sampled_from(["70", "71"])
DESTINATIONS = some.builds(
    Destination,
    some.just("10"),
    some.sampled_from(["甲公司", "乙公司"]),
    some.sampled_from(["13", "24"]),
    some.just(value=False),
)
PARTICULARS = some.sampled_from(
    [("major", "通信工程"), ("class_name", "二班"), ("cohort", "202606"), ("cohort", "202706")]
)


def rosters(*left: bool) -> some.SearchStrategy[list[Row]]:
    """Return rosters of up to four rows, each about another study; `left`: whether she left."""
    said = some.none() | DESTINATIONS
    row = some.builds(Row, PEOPLE, STUDIES, COHORTS, said, some.sampled_from(left)).map(
        lambda each: each._replace(destination=None) if each.left else each
    )
    return some.lists(row, min_size=1, max_size=4, unique_by=lambda each: each[:2])


def about(act: str, *given: some.SearchStrategy[object]) -> some.SearchStrategy[Step]:
    """Return acts about one record."""
    return some.builds(Step, some.just(act), KEYS, some.tuples(*given))


def at(act: str, *given: some.SearchStrategy[object]) -> some.SearchStrategy[Step]:
    """Return acts of a school, or of a person."""
    return some.builds(Step, some.just(act), some.none(), some.tuples(SCHOOLS, *given))


PASS, RETURN = some.just(Decision.PASS), some.just(Decision.RETURN)
STEPS = some.one_of(
    at("bring_in", rosters(False, False, False, True)),  # noqa: FBT003 - one in four left
    PARTICULARS.flatmap(lambda each: about("correct_person", *map(some.just, each))),
    about("correct_registration", CATEGORIES),
    about("end_or_take_back"),
    about("apply", CATEGORIES | some.just("")),
    *(about("decide", decision) for decision in (PASS, PASS, RETURN)),
    about("reply", some.sampled_from(list(Answer))),
    about("reply", some.just(Answer.CORRECT)),
    about("let_verify"),
    about("release"),
    at("bind_or_unbind"),
    at("number_all"),
    at("send", COHORTS),
    at("file_batch"),
    at("return_batch"),
)
FORMS = DESTINATIONS | some.none()
BEGINNINGS = some.tuples(
    some.tuples(
        some.builds(
            Row, some.just(0), some.just(0), some.just(2026), FORMS, some.just(value=False)
        ),
        some.builds(
            Row, some.just(0), some.just(1), some.just(2027), FORMS, some.just(value=False)
        ),
        some.builds(Row, some.just(1), some.just(0), COHORTS, FORMS, some.just(value=False)),
    ),
    some.tuples(
        some.builds(Row, some.just(0), some.just(0), COHORTS, FORMS, some.just(value=False))
    ),
)
"""Of one person two records at the first school and one at the second; of another, one."""


HERS, MASTER, ANOTHER = Key(0, 0, 0), Key(0, 0, 1), Key(0, 1, 0)
WORK = Destination("10", "甲公司", "13")
BEGUN = (
    (
        Row(0, 0, 2026, WORK, left=False),
        Row(0, 1, 2027, None, left=False),
        Row(1, 0, 2026, None, left=False),
    ),
    (Row(0, 0, 2026, WORK, left=False),),
)
ENDED_IN_REVIEW = [
    Step("apply", HERS, ("70",)),
    Step("end_or_take_back", HERS, ()),
    Step("decide", HERS, (Decision.PASS,)),
    Step("correct_registration", HERS, ("70",)),
    Step("end_or_take_back", HERS, ()),
    Step("decide", HERS, (Decision.PASS,)),
]
GONE_FROM_A_BATCH = [
    Step("correct_registration", HERS, ("70",)),
    Step("correct_registration", ANOTHER, ("71",)),
    Step("send", None, (0, 2026)),
    Step("correct_person", ANOTHER, ("cohort", "202706")),
    Step("end_or_take_back", HERS, ()),
    Step("file_batch", None, (0,)),
]
TWO_IN_ONE_COHORT = [
    Step("correct_person", HERS, ("cohort", "202706")),
    Step("end_or_take_back", MASTER, ()),
    Step("correct_person", HERS, ("cohort", "202706")),
    Step("end_or_take_back", MASTER, ()),
]
LEFT_IN_ANOTHER_MONTH = [Step("bring_in", None, (0, [Row(0, 0, 2027, None, left=True)]))]
"""Histories that once went wrong."""


@pytest.fixture
def desk(sessions: sessionmaker[Session], clock: StandingClock) -> WorkDesk:
    events.tell_before_commit(sessions, notices.write)
    return WorkDesk(sessions, open_readers(sessions.kw["bind"]), VAULT, clock)


@pytest.mark.slow  # after each act all counts, lists and messages are compared
@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    max_examples=examples(4, thorough=40),
    phases=(Phase.explicit, Phase.reuse, Phase.generate),  # to shrink a history takes minutes
)
@example(begin=BEGUN, steps=ENDED_IN_REVIEW)
@example(begin=BEGUN, steps=GONE_FROM_A_BATCH)
@example(begin=BEGUN, steps=TWO_IN_ONE_COHORT)
@example(begin=BEGUN, steps=LEFT_IN_ANOTHER_MONTH)
@given(begin=BEGINNINGS, steps=some.lists(STEPS, min_size=6, max_size=18))
def test_every_count_list_and_message_is_what_the_model_says(
    desk: WorkDesk, clock: StandingClock, begin: tuple[tuple[Row, ...], ...], steps: list[Step]
) -> None:
    history = History(desk, clock)
    history.open()
    for school, roster in enumerate(begin):
        history.bring_in(school, roster)
    compare(history)
    for step in steps:
        step.play(history)
        compare(history, [step.school])
    compare(history)
