"""Whatever is written to people, registrations and numbers, the kept counts are of these rows."""

from collections.abc import Callable
from datetime import date, timedelta
from itertools import count
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as some
from sqlalchemy import Select, Table, and_, delete, func, insert, not_, or_, select, update
from sqlalchemy.orm import Session

from migrations.cohort_triggers import TABLES
from migrations.metadata import metadata
from registry.record import graduates
from registry.record.confirmation.states import ConfirmationState
from registry.record.count_tables import GraduateCount, NumberCount
from registry.record.graduate_filter import GraduateFilter
from registry.record.tables import Graduate
from registry.review.states import ApplicationState, Purpose
from registry.upkeep import erase, kept_counts
from registry.upkeep.kept_counts import COUNTED_EVERY, Drift
from tests.clock import StandingClock
from tests.profiles import examples
from tests.registry.plans import plans
from tests.rows import a_row, anything
from tests.wxapp.school.records import Campus, open_campus

GRADUATES, REGISTRATIONS = metadata.tables["graduate"], metadata.tables["registration"]
NUMBERS, APPLICATIONS = metadata.tables["issued_number"], metadata.tables["application"]
BATCHES, ENTRIES = metadata.tables["province_batch"], metadata.tables["province_entry"]
CONFIRMATIONS, BINDINGS = metadata.tables["confirmation"], metadata.tables["binding"]
VERSIONS = count(1)
PEOPLE: tuple[tuple[str, tuple[Any, ...]], ...] = (
    ("year", (2025, 2026, -2026)),
    ("level", ("31", "11", "")),
    ("graduation_month", ("202606", "202607")),
    ("confirmation", tuple(ConfirmationState)),
    ("registration_id", (None,)),
    ("name", ("甲", "乙")),
)
SOURCES = (
    *(("national", "本人登记"), ("national", "网上签约"), ("national", "线下签约")),
    *(("national", "学校更正：王老师"), ("national", "某省系统"), ("import", "学校导入")),
)


class Rows:
    """Rows of two schools, to which anything is done, whether the product would do it or not."""

    def __init__(self, session: Session, clock: StandingClock, seed: int) -> None:
        self.session, self.random, self.clock = session, Random(seed), clock  # noqa: S311 - no secret
        self.schools = [open_campus(session, clock(), f"1{seed % 1000:03}{n}") for n in (0, 1)]

    def _one(self, table: Table) -> int | None:
        found = self.session.scalars(select(table.c.id).order_by(table.c.id)).all()
        return self.random.choice(found) if found else None

    def _version(self) -> tuple[int, int] | None:
        """Return a version and whose it is."""
        version = self._one(REGISTRATIONS)
        wanted = select(REGISTRATIONS.c.id, REGISTRATIONS.c.graduate_id)
        found = self.session.execute(wanted.where(REGISTRATIONS.c.id == version)).first()
        return (found.id, found.graduate_id) if found else None

    def come(self) -> None:
        """Bring somebody to one school or to both."""
        for campus in self.random.sample(self.schools, self.random.randint(1, 2)):
            campus.graduate(
                student_number=str(next(VERSIONS)), year=self.random.choice((2025, 2026))
            )

    def change(self) -> None:
        """Change something of one or of all."""
        name, values = self.random.choice(PEOPLE)
        statement = update(GRADUATES).values({name: self.random.choice(values)})
        if self.random.random() < 0.7:
            statement = statement.where(GRADUATES.c.id == self._one(GRADUATES))
        self.session.execute(statement)

    def move(self) -> None:
        """Move one to another department, maybe of the other school."""
        campus = self.random.choice(self.schools)
        there = self.random.choice(campus.departments).id
        values = {"school_id": campus.school.id, "department_id": there}
        mine = GRADUATES.c.id == self._one(GRADUATES)
        self.session.execute(update(GRADUATES).where(mine).values(values))

    def register(self) -> None:
        """Write a version, mostly put in force then, now and then before."""
        if (ident := self._one(GRADUATES)) is None:
            return
        source, name = self.random.choice(SOURCES)
        number = 10**9 + 1000 * next(VERSIONS)  # far from what the database gives by itself
        values = {"id": number, "graduate_id": ident, "version": next(VERSIONS)}
        said = {
            "source": source,
            "source_name": name,
            "category": self.random.choice(("10", "501")),
        }
        into_force = update(GRADUATES).where(GRADUATES.c.id == ident).values(registration_id=number)
        if early := self.random.random() < 0.3:
            self.session.execute(into_force)
        a_row(self.session, REGISTRATIONS, **values, **said)
        if not early:
            self.session.execute(into_force)

    def unregister(self) -> None:
        """Delete a version, in force or not."""
        mine = REGISTRATIONS.c.id == self._one(REGISTRATIONS)
        self.session.execute(update(NUMBERS).values(newest=False))
        used = [table.c.registration_id for table in (NUMBERS, CONFIRMATIONS, ENTRIES)]
        free = [REGISTRATIONS.c.id.not_in(select(each)) for each in used]
        self.session.execute(delete(REGISTRATIONS).where(mine, *free))

    def number(self) -> None:
        """Give somebody a number in place of the newest."""
        if (found := self._version()) is None:
            return
        version, ident = found
        about = {"issue": self.random.choice(("transfer", "verification")), "kind": "file"}
        mine = (NUMBERS.c.graduate_id == ident, NUMBERS.c.issue == about["issue"])
        self.session.execute(update(NUMBERS).where(*mine).values(newest=False))
        given = {"graduate_id": ident, "registration_id": version, "sequence": next(VERSIONS)}
        a_row(self.session, NUMBERS, **about, **given, ends_on=date(2027, 3, 31))

    def lapse(self) -> None:
        """Have all numbers lapse."""
        self.session.execute(update(NUMBERS).values(standing="lapsed"))

    def withdraw(self) -> None:
        """Delete a number."""
        self.session.execute(delete(NUMBERS).where(NUMBERS.c.id == self._one(NUMBERS)))

    def go(self) -> None:
        """Delete somebody, in the order in which the product does it."""
        if (ident := self._one(GRADUATES)) is not None:
            self.session.execute(delete(BINDINGS).where(BINDINGS.c.graduate_id == ident))
            erase.delete_records(self.session, [ident])

    def apply(self) -> None:
        """Send an application of somebody's."""
        if (ident := self._one(GRADUATES)) is not None:
            about = {"graduate_id": ident, "closed_at": self.clock(), **self._stands()}
            school = select(GRADUATES.c.school_id).where(GRADUATES.c.id == ident)
            a_row(self.session, APPLICATIONS, **about, school_id=self.session.scalar(school))

    def decide(self) -> None:
        """Move one application to another state, or all."""
        statement = update(APPLICATIONS).values(self._stands())
        if self.random.random() < 0.7:
            statement = statement.where(APPLICATIONS.c.id == self._one(APPLICATIONS))
        self.session.execute(statement)

    def _stands(self) -> dict[str, Any]:
        state = self.random.choice(tuple(ApplicationState))
        return {"state": state, "purpose": self.random.choice(tuple(Purpose)), "year": 2026}

    def fold(self) -> None:
        """Fold what was added."""
        kept_counts.fold(self.session)

    def below(self) -> None:
        """Add a row of every other table below somebody who has a version."""
        if (found := self._version()) is None:
            return
        version, ident = found
        about = {"graduate_id": ident, "closed_at": self.clock()}
        asked = a_row(self.session, APPLICATIONS, **about)
        for name in set(TABLES) - {"registration", "issued_number", "review_step"}:
            table = metadata.tables[name]
            self.session.execute(delete(table).where(table.c.graduate_id == ident))
            known = {"graduate_id": ident, "registration_id": version, "standing": False}
            known |= {
                "locked": False,
                "application_id": asked,
                "batch_id": a_row(self.session, BATCHES),
            }
            given = {each: value for each, value in known.items() if each in table.c}
            self.session.execute(insert(table).values(**anything(self.session, table, given)))
        a_row(self.session, metadata.tables["review_step"], application_id=asked)

    def astray(self) -> list[str]:
        """Return the tables of which a row says another school or cohort than its graduate."""
        return [name for name in TABLES if self.session.scalar(_astray(metadata.tables[name]))]

    def wrong(self) -> list[Drift]:
        """Return what a comparison finds wrong of either school."""
        at = self.clock()
        found = [kept_counts.put_right(self.session, each.school, at) for each in self.schools]
        return [each for each in found if each.cells]


def _astray(table: Table) -> Select[int]:
    """Return the query of how many rows are not where their graduate is."""
    row, her = table.c, GRADUATES.c
    there = and_(row.school_id == her.school_id, row.year == her.year)
    wrong = or_(row.school_id.is_(None), row.year.is_(None), not_(there))
    counted = select(func.count()).select_from(table)
    if "graduate_id" in row:
        return counted.join(GRADUATES, her.id == row.graduate_id).where(wrong)
    asked = counted.join(APPLICATIONS, APPLICATIONS.c.id == row.application_id)
    return asked.join(GRADUATES, her.id == APPLICATIONS.c.graduate_id).where(wrong)


ACTS: tuple[Callable[[Rows], None], ...] = (
    *(Rows.come, Rows.come, Rows.register, Rows.register, Rows.number, Rows.number),
    *(Rows.change, Rows.change, Rows.move, Rows.unregister, Rows.lapse, Rows.withdraw),
    *(Rows.go, Rows.fold, Rows.below, Rows.move, Rows.change),
    *(Rows.apply, Rows.decide),
)


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    max_examples=examples(15, thorough=300),
    deadline=None,
    phases=(Phase.explicit, Phase.reuse, Phase.generate),  # to shrink a history takes minutes
)
@given(
    seed=some.integers(0, 10**6),
    acts=some.lists(some.sampled_from(ACTS), min_size=5, max_size=30),
)
def test_whatever_is_written_the_kept_counts_are_those_of_the_rows(
    session: Session, clock: StandingClock, seed: int, acts: list[Callable[[Rows], None]]
) -> None:
    with session.begin_nested() as attempt:
        rows = Rows(session, clock, seed)
        for act in (Rows.come, Rows.register, Rows.number, Rows.apply, *acts):
            act(rows)
        assert rows.wrong() == []
        assert rows.astray() == []
        attempt.rollback()


@pytest.fixture
def campus(session: Session, clock: StandingClock) -> Campus:
    return open_campus(session, clock())


def _rows(session: Session) -> tuple[int, int]:
    """Return how many rows the counts of graduates have, and their sum."""
    wanted = select(func.count(), func.coalesce(func.sum(GraduateCount.number), 0))
    number, total = session.execute(wanted.select_from(GraduateCount)).one()
    return number, int(total)


def test_folded_counts_are_one_row_for_all_who_are_alike(session: Session, campus: Campus) -> None:
    for number in range(4):
        campus.graduate(student_number=str(number))
    assert _rows(session) == (4, 4)
    assert kept_counts.fold(session)
    assert _rows(session) == (1, 4)
    session.execute(update(Graduate).values(confirmation=ConfirmationState.DISPUTED))
    assert kept_counts.fold(session)
    assert _rows(session) == (1, 4)
    session.execute(delete(Graduate))
    assert kept_counts.fold(session)
    assert _rows(session) == (0, 0)
    assert not kept_counts.fold(session)


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
def test_what_is_to_be_folded_is_found_among_all_that_was(session: Session, campus: Campus) -> None:
    campus.graduate()
    campus.save()
    with plans(session) as found:
        kept_counts.fold(session)
    for table in ("graduate_count", "number_count", "application_count"):
        assert any(f"INDEX ix_{table}_added" in each for each in found), table


def test_a_count_that_drifted_is_put_right_and_told(
    session: Session, campus: Campus, clock: StandingClock
) -> None:
    for number in range(3):
        campus.graduate(student_number=str(number))
    session.execute(delete(GraduateCount))
    wrong = {**_cell(campus), "issue": "transfer", "kind": "file", "standing": "good"}
    added = {"ends_on": date(2027, 3, 31), "is_registered": True, "number": 5, "folded": False}
    session.execute(insert(NumberCount).values(**wrong, **added))
    wanted = GraduateFilter(2026)
    assert sum(graduates.counts(session, campus.scope, wanted).values()) == 0
    assert kept_counts.recount(session, clock()) == Drift(campus.school.code, 2, 8)
    assert sum(graduates.counts(session, campus.scope, wanted).values()) == 3
    assert kept_counts.recount(session, clock()) is None
    clock.move(COUNTED_EVERY + timedelta(seconds=1))
    assert kept_counts.recount(session, clock()) == Drift(campus.school.code, 0, 0)


def _cell(campus: Campus) -> dict[str, object]:
    place = {"school_id": campus.school.id, "department_id": campus.departments[0].id}
    return {**place, "year": 2026, "level": "31", "graduation_month": "202606"}
