"""Figures that look at each graduate of a province: counted by a worker, kept, shown as of when.

A cohort of `SOON` people is counted while its page is waited for. A larger one takes seconds to
minutes: its page shows what is kept, and has it counted anew once it is `FRESH` no longer.
Which figures these are, and why: docs/decisions/0126-figures-of-a-province.md.
"""

from collections.abc import Mapping
from dataclasses import astuple, dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, and_, or_, select, update
from sqlalchemy.orm import Session, sessionmaker

from registry.base.clock import Clock
from registry.base.database import insert_new
from registry.province import flags
from registry.province.flags import FLAGS, FlagCase, FlagFigure
from registry.record import counts
from registry.statistics.figure_tables import KeptFigures
from registry.statistics.structure import Structure, structure_of_province
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


@dataclass(frozen=True)
class ProvinceFigures:
    """What was counted, and the moment that it is of."""

    flags: Mapping[str, FlagFigure]
    """By the key of the rule."""
    structure: Structure
    at: datetime


def find(session: Session, of: OfCohort, at: datetime) -> ProvinceFigures | None:
    """Return the figures to be shown at a moment; None where the first are still to be counted."""
    if is_counted_soon(session, of):
        return _counted(session, of, at)
    kept = session.scalars(select(KeptFigures).where(_is(of))).one_or_none()
    if kept is None or kept.figures is None or kept.made_at is None:
        return None
    return _read(kept.figures, of.year, kept.made_at)


def is_counted_soon(session: Session, of: OfCohort) -> bool:
    """Say whether a cohort is so small that a page may look at all its people."""
    people = select(counts.people()).where(counts.in_province(*of))
    return (session.scalar(people) or 0) <= SOON


def is_due(figures: ProvinceFigures | None, at: datetime) -> bool:
    """Say whether newer figures are to be asked for."""
    return figures is None or figures.at < at - FRESH


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
        figures = _written(_counted(session, mine, begun))
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


def _counted(session: Session, of: OfCohort, at: datetime) -> ProvinceFigures:
    found = {key: flags.look(session, flag, *of) for key, flag in FLAGS.items()}
    return ProvinceFigures(found, structure_of_province(session, *of), at)


def _written(figures: ProvinceFigures) -> dict[str, Any]:
    """Return them as JSON keeps them."""
    return {
        "flags": {
            key: [each.number, [astuple(case) for case in each.cases]]
            for key, each in figures.flags.items()
        },
        "structure": written_structure(figures.structure),
    }


def _read(kept: Mapping[str, Any], year: int, at: datetime) -> ProvinceFigures:
    """Return what is kept; a rule that came since has found nothing yet."""
    found = {
        key: FlagFigure(number, [FlagCase(*each) for each in cases])
        for key, (number, cases) in kept["flags"].items()
    }
    return ProvinceFigures(
        {key: found.get(key, FlagFigure(0, [])) for key in FLAGS},
        read_structure(kept["structure"], year),
        at,
    )
