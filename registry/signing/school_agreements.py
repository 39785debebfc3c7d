"""A school's agreements: the list, narrowed by how they stand and by employer, and one of them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, func, or_, select
from sqlalchemy.orm import Session, aliased

from registry.accounts.school_tables import Department
from registry.base.paging import Page, Place, nearest, turned
from registry.base.text import clean
from registry.record.tables import Graduate, Registration
from registry.review.tables import Application
from registry.signing.agreement_sources import term
from registry.signing.paper_tables import AgreementPaper
from registry.signing.states import AgreementState, VoidingState
from registry.signing.tables import Agreement, Voiding
from registry.signing.terms import CATEGORY

UNIT_LENGTH = 120
STREAMED = 1_000
"""Rows a round trip of a whole list."""


@dataclass(frozen=True)
class AgreementFilter:
    """Which of a school's agreements are meant."""

    state: AgreementState | None = None
    unit: str = ""
    """Part of the employer's name, or its credit code."""
    apart: bool = False
    """Only those in force where another destination is registered."""
    asked: bool = False
    """Only those that somebody has asked to void."""
    on_paper: bool = False
    """Only those on paper (线下签约)."""

    def said(self) -> dict[str, str]:
        """Return it as addresses and tasks keep it: `read_filter` reads it."""
        kinds = {"apart": self.apart, "asked": self.asked, "paper": self.on_paper}
        kind = next((name for name, chosen in kinds.items() if chosen), "")
        given = {"state": self.state or "", "unit": self.unit, "kind": kind}
        return {name: str(value) for name, value in given.items() if value}


def read_filter(given: Mapping[str, str]) -> AgreementFilter:
    """Read which are meant; a word that is no state means all."""
    asked = given.get("state", "")
    return AgreementFilter(
        state=AgreementState(asked) if asked in set(AgreementState) else None,
        unit=clean(given.get("unit", ""))[:UNIT_LENGTH],
        apart=given.get("kind") == "apart",
        asked=given.get("kind") == "asked",
        on_paper=given.get("kind") == "paper",
    )


@dataclass(frozen=True)
class ListedAgreement:
    """An agreement in a school's list."""

    key: str
    graduate_id: int
    graduate_key: str
    name: str
    student_number: str
    department: str
    unit_name: str
    post: str
    state: AgreementState
    accepted_at: datetime
    signed_at: datetime | None
    due_by: datetime | None
    reason: str
    review_key: str | None
    """None of a paper that is not handed in."""
    on_paper: bool
    asked: bool
    """Somebody has asked to void it."""
    apart: bool
    """In force, and another destination is registered."""
    cohort: int
    unit_code: str
    ended_at: datetime | None
    number: str
    """Of the agreement (协议书编号), ungrouped; empty where there is none yet."""


def every(session: Session, school_id: int, wanted: AgreementFilter) -> Iterator[ListedAgreement]:
    """Yield agreements of a school's graduates, the newest first, some a round trip."""
    found = _listed().where(*_those(school_id, wanted)).order_by(Agreement.id.desc())
    for row in session.execute(found.execution_options(yield_per=STREAMED)):
        yield _read(row)


def total(session: Session, school_id: int, wanted: AgreementFilter) -> int:
    """Return how many agreements of a school's graduates are meant."""
    return session.scalar(select(func.count()).select_from(_ids(school_id, wanted).subquery())) or 0


def people(school_id: int, wanted: AgreementFilter) -> Select[int]:
    """Return the query of whose agreements they are."""
    return _ids(school_id, wanted).with_only_columns(Agreement.graduate_id).distinct()


def _ids(school_id: int, wanted: AgreementFilter) -> Select[int]:
    return (
        select(Agreement.id)
        .join(Graduate, Graduate.id == Agreement.graduate_id)
        .where(*_those(school_id, wanted))
    )


def page(
    session: Session, school_id: int, wanted: AgreementFilter, place: Place
) -> Page[ListedAgreement]:
    """Return agreements of a school's graduates, the newest first."""
    start = select(Agreement.id).where(Agreement.key == (place.before or place.after))
    found = _listed().where(*_those(school_id, wanted))
    begin = start.scalar_subquery()
    rows = session.execute(nearest(found, Agreement.id, begin, place, newest_first=True))
    return turned(map(_read, rows), place)


def counts(session: Session, school_id: int, wanted: AgreementFilter) -> dict[str, int]:
    """Return how many stand in each state, narrowed by employer alone."""
    by_unit = AgreementFilter(unit=wanted.unit)
    rows = session.execute(
        select(Agreement.state, func.count())
        .join(Graduate, Graduate.id == Agreement.graduate_id)
        .where(*_those(school_id, by_unit))
        .group_by(Agreement.state)
    )
    found = dict(rows.all())
    return {state: found.get(state, 0) for state in AgreementState}


def one(session: Session, school_id: int, key: str) -> ListedAgreement | None:
    """Return one agreement of a school's graduates; None for others."""
    mine = (Graduate.school_id == school_id, Agreement.key == key)
    row = session.execute(_listed().where(*mine)).one_or_none()
    return _read(row) if row else None


def _those(school_id: int, wanted: AgreementFilter) -> list[ColumnElement[bool]]:
    those = [Graduate.school_id == school_id]
    if wanted.state is not None:
        those.append(Agreement.state == wanted.state)
    if wanted.unit:
        named = term("unit_name").contains(wanted.unit, autoescape=True)
        those.append(or_(named, term("unit_code") == wanted.unit.upper()))
    if wanted.on_paper:
        those.append(Agreement.request_id.is_not(None))
    if wanted.apart:
        those.append(_apart())
    if wanted.asked:
        those.append(_asked())
    return those


def _asked() -> ColumnElement[bool]:
    asked = Voiding.state == VoidingState.ASKED
    return select(Voiding.id).where(Voiding.agreement_id == Agreement.id, asked).exists()


def _apart() -> ColumnElement[bool]:
    """Return the condition of agreements in force beside another destination.

    A province's own system has the last word over destinations: what it says against an agreement
    is kept, and shown to the school.
    """
    in_force = aliased(Registration)
    own = and_(
        in_force.id == Graduate.registration_id,
        in_force.category.startswith(CATEGORY),
        in_force.unit_code == term("unit_code"),
    )
    return (Agreement.state == AgreementState.SIGNED) & ~select(in_force.id).where(own).exists()


def _listed() -> Select[*tuple[Any, ...]]:
    return (
        select(
            *(Agreement.key, Agreement.graduate_id, Agreement.terms, Agreement.state),
            *(Agreement.accepted_at, Agreement.signed_at, Agreement.due_by, Agreement.reason),
            *(Graduate.key.label("graduate_key"), Graduate.name, Graduate.student_number),
            Department.name.label("department"),
            Application.key.label("review_key"),
            Agreement.request_id.is_not(None).label("on_paper"),
            *(_asked().label("asked"), _apart().label("apart")),
            *(Graduate.year, Agreement.ended_at, AgreementPaper.number),
        )
        .join(Graduate, Graduate.id == Agreement.graduate_id)
        .join(Department, Department.id == Graduate.department_id)
        .outerjoin(Application, Application.id == Agreement.application_id)
        .outerjoin(AgreementPaper, AgreementPaper.agreement_id == Agreement.id)
    )


def _read(row: Row[*tuple[Any, ...]]) -> ListedAgreement:
    return ListedAgreement(
        *(row.key, row.graduate_id, row.graduate_key, row.name, row.student_number),
        *(row.department, row.terms["unit_name"], row.terms["post"]),
        state=AgreementState(row.state),
        accepted_at=row.accepted_at,
        signed_at=row.signed_at,
        due_by=row.due_by,
        reason=row.reason,
        review_key=row.review_key,
        on_paper=bool(row.on_paper),
        asked=row.asked,
        apart=row.apart,
        cohort=abs(row.year),
        unit_code=row.terms["unit_code"],
        ended_at=row.ended_at,
        number=row.number or "",
    )
