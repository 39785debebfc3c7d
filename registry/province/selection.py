"""Who goes into a batch for the province, and who is left out and why: one query, each once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, false, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from registry.accounts.school_tables import Department
from registry.codes.categories import GROUPS
from registry.record import fields
from registry.record.confirmation.states import ConfirmationState
from registry.record.graduate_filter import with_words
from registry.record.province_tables import ProvinceEntry
from registry.record.scope import Scope, within
from registry.record.tables import Graduate, Registration
from registry.review import states as review
from registry.review.tables import Application

PAGE = 100
GOES = ""
"""Stands where nothing keeps a graduate out."""


class LeftOutReason(StrEnum):
    """Why a graduate is left out; the first that applies."""

    FILED = "filed"
    SENT = "sent"
    NOT_REGISTERED = "not_registered"
    IN_REVIEW = "in_review"
    DISPUTED = "disputed"
    INCOMPLETE = "incomplete"


LEFT_OUT_TITLES = {
    LeftOutReason.FILED: "省级已备案",
    LeftOutReason.SENT: "已上报，待省级备案",
    LeftOutReason.NOT_REGISTERED: "尚未登记去向",
    LeftOutReason.IN_REVIEW: "有申请正在审核",
    LeftOutReason.DISPUTED: "本人确认有误，尚未更正",
    LeftOutReason.INCOMPLETE: "必填项不全",
}

_NOT_REPORTED = frozenset({"unit_contact", "unit_phone"})
"""Asked of the graduate, but no columns of the national export of 2024."""


@dataclass(frozen=True)
class Prepared:
    """What a batch would be if it were sent now."""

    goes: int
    unconfirmed: int
    """Among those who go: reported, but not confirmed by the graduate yet."""
    left_out: Mapping[LeftOutReason, int]


@dataclass(frozen=True)
class LeftOutRow:
    """A graduate who is left out."""

    key: str
    name: str
    student_number: str
    department: str
    reason: LeftOutReason
    lacking: tuple[str, ...]
    """Of who is incomplete: what her category asks for and is not there, as the form calls it."""


@dataclass(frozen=True)
class GoingRow:
    """A graduate who would be reported now."""

    key: str
    name: str
    student_number: str
    department: str
    category: str
    unit_name: str
    unit_location: str
    confirmation: str


def reported_fields(category: str) -> tuple[str, ...]:
    """Return the columns of Registration a province wants filled for a category."""
    wanted = [each for each in fields.asked(category).required if each not in _NOT_REPORTED]
    return tuple(fields.PLACES.get(each, each) for each in wanted)


_EVER_REPORTED = sorted({name for group in GROUPS for name in reported_fields(group)})


def _lacking(reason: str, said: Sequence[Any]) -> tuple[str, ...]:
    """Return what `_incomplete` finds empty, by the titles of the form.

    `said` is the category and what `_EVER_REPORTED` names.
    """
    if reason != LeftOutReason.INCOMPLETE:
        return ()
    category, *values = said
    found = dict(zip(_EVER_REPORTED, values, strict=True))
    empty = [name for name in reported_fields(category) if found[name] in {None, ""}]
    return tuple(fields.title(fields.PLACE_CODES.get(name, name), category) for name in empty)


def _incomplete() -> ColumnElement[bool]:
    kinds = (
        and_(
            func.substr(Registration.category, 1, 2) == category,
            or_(false(), *(_is_empty(name) for name in reported_fields(category))),
        )
        for category in GROUPS
    )
    return or_(*kinds)


def _is_empty(name: str) -> ColumnElement[bool]:
    column: InstrumentedAttribute[Any] = getattr(Registration, name)
    return column.is_(None) if name == "signed_on" else column == ""


def why(scope: Scope) -> ColumnElement[str]:
    """Return the reason a graduate is left out, or GOES; for `joined` queries of the scope.

    Said of the applications, too, that they are the school's, the database reads no others.
    """
    in_review = (
        select(Application.id)
        .where(
            Application.graduate_id == Graduate.id,
            Application.school_id == scope.school_id,
            Application.closed_at.is_(None),
            Application.state.in_(review.WAITING),
        )
        .exists()
    )
    return case(
        (ProvinceEntry.locked, LeftOutReason.FILED.value),
        (ProvinceEntry.registration_id == Graduate.registration_id, LeftOutReason.SENT.value),
        (Graduate.registration_id.is_(None), LeftOutReason.NOT_REGISTERED.value),
        (in_review, LeftOutReason.IN_REVIEW.value),
        (Graduate.confirmation == ConfirmationState.DISPUTED, LeftOutReason.DISPUTED.value),
        (_incomplete(), LeftOutReason.INCOMPLETE.value),
        else_=GOES,
    )


def joined(
    scope: Scope,
    year: int,
    *columns: Any,  # noqa: ANN401 - whatever a query wants
) -> Select[*tuple[Any, ...]]:
    """Select columns of the year's graduates with their registration and standing entry."""
    standing = and_(ProvinceEntry.graduate_id == Graduate.id, ProvinceEntry.standing)
    return (
        select(*columns)
        .select_from(Graduate)
        .outerjoin(Registration, Registration.id == Graduate.registration_id)
        .outerjoin(ProvinceEntry, standing)
        .where(within(scope), Graduate.year == year)
    )


def prepare(session: Session, scope: Scope, year: int) -> Prepared:
    """Return what a batch sent now would hold, and how many are left out for which reason."""
    reason, answered = why(scope), Graduate.confirmation == ConfirmationState.CONFIRMED
    rows = joined(
        scope, year, reason.label("kept_out"), answered.label("is_answered"), func.count()
    )
    found = session.execute(rows.group_by("kept_out", "is_answered")).all()
    left_out = dict.fromkeys(LeftOutReason, 0)
    for code, _, number in found:
        if code != GOES:
            left_out[LeftOutReason(code)] += number
    going = [(confirmed, number) for code, confirmed, number in found if code == GOES]
    return Prepared(
        goes=sum(number for _, number in going),
        unconfirmed=sum(number for confirmed, number in going if not confirmed),
        left_out={each: number for each, number in left_out.items() if number},
    )


def left_out(
    session: Session, scope: Scope, year: int, reason: LeftOutReason | None = None, after: str = ""
) -> list[LeftOutRow]:
    """Return a page of those left out, of one reason or all, behind the graduate `after`."""
    wanted = why(scope)
    columns = (Graduate.key, Graduate.name, Graduate.student_number, Department.name, wanted)
    values = [getattr(Registration, name) for name in _EVER_REPORTED]
    rows = joined(scope, year, *columns, Registration.category, *values)
    rows = rows.join(Department, Department.id == Graduate.department_id)
    start = select(Graduate.id).where(within(scope), Graduate.key == after).scalar_subquery()
    if after:
        rows = rows.where(Graduate.id > start)
    rows = rows.where(wanted == reason.value if reason else wanted != GOES)
    found = session.execute(rows.order_by(Graduate.id).limit(PAGE))
    return [
        LeftOutRow(key, name, number, of, LeftOutReason(kept_out), _lacking(kept_out, said))
        for key, name, number, of, kept_out, *said in found
    ]


def going(
    session: Session,
    scope: Scope,
    year: int,
    words: str = "",
    state: ConfirmationState | None = None,
    after: str = "",
) -> list[GoingRow]:
    """Return a page of those whom a batch sent now would hold, behind the graduate `after`.

    Narrowed by words and by how they have answered. Raises RuleError `identity_in_address`.
    """
    columns = (
        *(Graduate.key, Graduate.name, Graduate.student_number, Department.name),
        *(Registration.category, Registration.unit_name, Registration.unit_location),
        Graduate.confirmation,
    )
    rows = (
        joined(scope, year, *columns)
        .join(Department, Department.id == Graduate.department_id)
        .where(why(scope) == GOES, *with_words(words))
    )
    if state:
        rows = rows.where(Graduate.confirmation == state)
    if after:
        start = select(Graduate.id).where(within(scope), Graduate.key == after)
        rows = rows.where(Graduate.id > start.scalar_subquery())
    return [GoingRow(*row) for row in session.execute(rows.order_by(Graduate.id).limit(PAGE))]
