"""Figures that look at each graduate of a province: counted by a worker, kept, shown as of when.

A cohort of `SOON` people is counted while its page is waited for. A larger one takes seconds to
minutes: its page shows what is kept, and has it counted anew once it is `FRESH` no longer.
Which figures these are, and why: docs/decisions/0126-figures-of-a-province.md. What another version
of the program kept in another shape, or by other rules, is as if it were not there.
"""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import astuple, dataclass, fields
from datetime import datetime, timedelta
from functools import cache
from typing import Any, Generic, NamedTuple, TypeVar

from sqlalchemy import ColumnElement, and_, or_, select, update
from sqlalchemy.orm import Session, sessionmaker

from registry.base.clock import Clock
from registry.base.database import insert_new
from registry.province import flags
from registry.province.flags import FLAGS, Flag, FlagCase, FlagFigure
from registry.record import counts
from registry.statistics.figure_tables import KeptFigures
from registry.statistics.structure import (
    Share,
    Structure,
    StructurePart,
    structure_of_province,
)
from registry.statistics.structure_values import read_structure, written_structure

SOON = 2_000
"""So many graduates are counted at once."""
FRESH = timedelta(hours=1)
GIVEN_UP = timedelta(minutes=15)
"""Whoever began so long ago is taken to have ended without a result."""


class OfCohort(NamedTuple):
    """Whose figures they are."""

    province: str
    year: int


Figure = TypeVar("Figure")


@dataclass(frozen=True)
class CountedFigures(Generic[Figure]):
    """What was counted, and the moment that it is of."""

    figure: Figure
    at: datetime


@dataclass(frozen=True)
class FiguresPart(Generic[Figure]):
    """What one page shows of the figures."""

    count: Callable[[Session, OfCohort], Figure]
    read: Callable[[Mapping[str, Any], int], Figure]
    """Read it from what is kept of a cohort of that year."""


def find(
    session: Session, of: OfCohort, part: FiguresPart[Figure], at: datetime
) -> CountedFigures[Figure] | None:
    """Return what is to be shown at a moment; None where it is still to be counted at first."""
    if is_counted_soon(session, of):
        return CountedFigures(part.count(session, of), at)
    kept = session.scalars(select(KeptFigures).where(_is(of))).one_or_none()
    if kept is None or kept.figures is None or kept.made_at is None:
        return None
    if kept.figures.get(_SHAPE) != shape():
        return None
    return CountedFigures(part.read(kept.figures, of.year), kept.made_at)


def is_counted_soon(session: Session, of: OfCohort) -> bool:
    """Say whether a cohort is so small that a page may look at all its people."""
    people = select(counts.people()).where(counts.in_province(*of))
    return (session.scalar(people) or 0) <= SOON


def is_due(found: CountedFigures[Figure] | None, at: datetime) -> bool:
    """Say whether newer figures are to be asked for."""
    return found is None or found.at < at - FRESH


def ask(session: Session, of: OfCohort, at: datetime) -> None:
    """Note that somebody waits for new figures; the door then asks for the job."""
    session.execute(insert_new(session, KeptFigures).values(province=of.province, year=of.year))
    nobody = and_(_is(of), KeptFigures.asked_at.is_(None))
    session.execute(update(KeptFigures).where(nobody).values(asked_at=at))


def make_next(
    sessions: sessionmaker[Session], readers: sessionmaker[Session], clock: Clock
) -> bool:
    """Count what somebody has waited for longest; say whether there was anything."""
    begun = clock()
    with sessions.begin() as session:
        mine = _claim(session, begun)
    if mine is None:
        return False
    with readers() as session:
        figures = _counted(session, mine)
    made = {"figures": figures, "made_at": begun, "asked_at": None, "begun_at": None}
    with sessions.begin() as session:
        still_mine = and_(_is(mine), KeptFigures.begun_at == begun)
        session.execute(update(KeptFigures).where(still_mine).values(**made))
    return True


def _claim(session: Session, at: datetime) -> OfCohort | None:
    free = or_(KeptFigures.begun_at.is_(None), KeptFigures.begun_at < at - GIVEN_UP)
    waits = and_(KeptFigures.asked_at.is_not(None), free)
    columns = (KeptFigures.province, KeptFigures.year)
    row = session.execute(
        select(*columns).where(waits).order_by(KeptFigures.asked_at, *columns).limit(1)
    ).one_or_none()
    if row is None:
        return None
    of = OfCohort(*row)
    claimed = update(KeptFigures).where(_is(of), waits).values(begun_at=at)
    return of if session.scalars(claimed.returning(KeptFigures.year)).all() else None


def _is(of: OfCohort) -> ColumnElement[bool]:
    return and_(KeptFigures.province == of.province, KeptFigures.year == of.year)


def _counted(session: Session, of: OfCohort) -> dict[str, Any]:
    """Count all of it, and return it as JSON keeps it."""
    return {
        _SHAPE: shape(),
        _RULES: {key: _written(each) for key, each in RULES.count(session, of).items()},
        _STRUCTURE: written_structure(STRUCTURE.count(session, of)),
    }


def _written(figure: FlagFigure) -> list[Any]:
    return [figure.number, [astuple(case) for case in figure.cases]]


def _read(number: int, cases: list[list[Any]]) -> FlagFigure:
    return FlagFigure(number, [FlagCase(*each) for each in cases])


def of_rule(flag: Flag) -> FiguresPart[FlagFigure]:
    """Return the part that one rule of 去向核查 is."""
    return FiguresPart(
        lambda session, of: flags.look(session, flag, *of),
        lambda kept, _year: _read(*kept[_RULES][flag.key]),
    )


_SHAPE, _RULES, _STRUCTURE = "shape", "flags", "structure"
_WRITTEN_AS = 1
"""Add one where what is counted or written changes in a way that `shape` does not see."""
RULES = FiguresPart[Mapping[str, FlagFigure]](
    lambda session, of: {key: of_rule(flag).count(session, of) for key, flag in FLAGS.items()},
    lambda kept, year: {key: of_rule(flag).read(kept, year) for key, flag in FLAGS.items()},
)
"""All rules of 去向核查, by key."""
STRUCTURE = FiguresPart(
    lambda session, of: structure_of_province(session, *of),
    lambda kept, year: read_structure(kept[_STRUCTURE], year),
)
"""去向结构."""
IS_THERE = FiguresPart(lambda _session, _of: True, lambda _kept, _year: True)
"""Nothing but whether there is anything to show."""


@cache
def shape() -> str:
    """Return a fingerprint of the rules and of the shape in which this version keeps figures."""
    kept = (FlagFigure, FlagCase, Structure, StructurePart, Share)
    names = [(each.__name__, *(field.name for field in fields(each))) for each in kept]
    rules = [(each.key, each.rule, each.unit) for each in FLAGS.values()]
    said = repr((_WRITTEN_AS, names, rules))
    return hashlib.sha256(said.encode()).hexdigest()[:16]
