"""A school makes the transfer numbers that are missing and renews those that lapsed, in one action.

Source: the operating guide for schools, 2.2: for everyone with a reported destination; nobody's
confirmation or authentication is needed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, func, or_, select
from sqlalchemy.orm import Session, undefer

from registry.accounts.school_tables import School
from registry.base.crypto import Vault
from registry.base.database import one_of, planned_anew
from registry.numbers import issuing, report, service
from registry.numbers.issuing import Issuer, NumberToIssue
from registry.numbers.shape import Issue, Kind
from registry.numbers.states import NumberState
from registry.numbers.tables import IssuedNumber
from registry.record import contact_changes, in_force
from registry.record.tables import Graduate, Registration


@dataclass(frozen=True)
class IssuingSchool:
    """The school that makes the numbers, who does it for the school, and when."""

    school: School
    by: str
    """`staff:<key>`."""
    at: datetime


@dataclass(frozen=True)
class Generated:
    """How many numbers were made where there was none, and in place of one that was over."""

    created: int = 0
    renewed: int = 0

    def __add__(self, other: "Generated") -> "Generated":
        """Add up two outcomes."""
        return Generated(self.created + other.created, self.renewed + other.renewed)


def newest(
    kind: Kind, issue: Issue = Issue.TRANSFER, number: type[IssuedNumber] = IssuedNumber
) -> ColumnElement[bool]:
    """Return the condition that joins a graduate with the newest number of an issue and kind.

    `number` is an alias of the table where a query joins it more than once.
    """
    return and_(
        number.graduate_id == Graduate.id,
        number.school_id == Graduate.school_id,
        number.year == Graduate.year,
        number.issue == issue,
        number.kind == kind,
        number.newest,
    )


def needing_count(
    session: Session, condition: ColumnElement[bool], kind: Kind, at: datetime
) -> int:
    """Return how many graduates are reported, served, and without a good number.

    `condition` is over Graduate and takes the school (`registry.record.scope.within`).
    """
    today = service.today(at)
    over = or_(
        IssuedNumber.id.is_(None),
        IssuedNumber.standing != NumberState.GOOD,
        IssuedNumber.ends_on < today,
    )
    return session.scalars(
        select(func.count())
        .select_from(Graduate)
        .outerjoin(IssuedNumber, newest(kind))
        .where(
            condition,
            Graduate.registration_id.is_not(None),
            Graduate.graduation_month >= service.earliest_transferred(today),
            over,
        )
    ).one()


def good(session: Session, graduate_id: int, kind: Kind, at: datetime) -> IssuedNumber | None:
    """Return a graduate's transfer number, where it is good, with the sealed number loaded."""
    return session.scalar(
        select(IssuedNumber)
        .join(Graduate, newest(kind))
        .where(
            Graduate.id == graduate_id,
            IssuedNumber.standing == NumberState.GOOD,
            IssuedNumber.ends_on >= service.today(at),
        )
        .options(undefer(IssuedNumber.number_sealed), undefer(IssuedNumber.link_sealed))
        .execution_options(populate_existing=True)
    )


def generate(
    session: Session, vault: Vault, issuing_school: IssuingSchool, ids: Sequence[int], kind: Kind
) -> Generated:
    """Give these graduates of the school a good number of a kind where they have none.

    Those whose service is over, who have nothing reported, or who object to a change of their phone
    or binding that nobody has looked at yet, are left as they are.
    """
    school = issuing_school.school
    with planned_anew(session):
        lacking = _without_good(session, ids, kind, issuing_school.at)
        if not lacking:
            return Generated()
        in_force.lock(session, school.id, lacking)
        still = _without_good(session, lacking, kind, issuing_school.at)
        still = sorted(set(still) - contact_changes.objected(session, still))
        found = session.execute(_reported(session, school, still, kind, issuing_school.at)).all()
    wanted = [_wanted(school, row, kind) for row in found]
    issuer = Issuer(Issue.TRANSFER, school.code, issuing_school.by, issuing_school.at)
    renewed = issuing.issue(session, vault, issuer, wanted)
    return Generated(len(wanted) - renewed, renewed)


def _without_good(session: Session, ids: Sequence[int], kind: Kind, at: datetime) -> Sequence[int]:
    good = session.scalars(
        select(IssuedNumber.graduate_id).where(
            one_of(session, IssuedNumber.graduate_id, ids),
            IssuedNumber.issue == Issue.TRANSFER,
            IssuedNumber.kind == kind,
            IssuedNumber.newest,
            IssuedNumber.standing == NumberState.GOOD,
            IssuedNumber.ends_on >= service.today(at),
        )
    )
    return sorted(set(ids).difference(good))


def _reported(
    session: Session, school: School, ids: Sequence[int], kind: Kind, at: datetime
) -> Select[*tuple[Any, ...]]:
    """Return the query of what a number of each served graduate with a destination shows."""
    return (
        select(
            *(Graduate.id, Registration.id.label("registration_id")),
            *report.selected(kind),
        )
        .join(Registration, Registration.id == Graduate.registration_id)
        .where(
            Graduate.school_id == school.id,
            one_of(session, Graduate.id, ids),
            Graduate.graduation_month >= service.earliest_transferred(service.today(at)),
        )
    )


def _wanted(school: School, row: Row[*tuple[Any, ...]], kind: Kind) -> NumberToIssue:
    return NumberToIssue(
        graduate_id=row.id,
        year=service.graduation_year(row.graduation_month),
        kind=kind,
        registration_id=row.registration_id,
        snapshot=report.snapshot(school.name, row, row, kind),
        ends_on=service.last_day(Issue.TRANSFER, row.graduation_month),
    )
