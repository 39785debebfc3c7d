"""A school makes the transfer numbers that are missing and renews those that lapsed, in one action.

Source: the operating guide for schools, 2.2: for everyone with a reported destination; nobody's
confirmation or authentication is needed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session, undefer

from registry import in_force
from registry.crypto import Vault
from registry.numbers import issuing, report, service
from registry.numbers.issuing import Issuer, Wanted
from registry.numbers.shape import Issue, Kind
from registry.numbers.standing import Standing
from registry.numbers.tables import IssuedNumber
from registry.tables import Graduate, Registration, School

CHUNK = 1000
"""Graduates a transaction: about a tenth of a second of locks."""


@dataclass(frozen=True)
class Office:
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


def newest(kind: Kind, issue: Issue = Issue.TRANSFER) -> ColumnElement[bool]:
    """Return the condition that joins a graduate with the newest number of an issue and kind."""
    return and_(
        IssuedNumber.graduate_id == Graduate.id,
        IssuedNumber.issue == issue,
        IssuedNumber.kind == kind,
        IssuedNumber.newest,
    )


def needing(
    session: Session,
    condition: ColumnElement[bool],
    kind: Kind,
    at: datetime,
    *,
    after: int = 0,
    limit: int = CHUNK,
) -> Sequence[int]:
    """Return the next graduates after an id who are reported, served, and without a good number.

    `condition` is over Graduate and takes the school (`registry.scope.within`).
    """
    wanted = _needing(Graduate.id, condition, kind, at).where(Graduate.id > after)
    return session.scalars(wanted.order_by(Graduate.id).limit(limit)).all()


def needing_count(
    session: Session, condition: ColumnElement[bool], kind: Kind, at: datetime
) -> int:
    """Return how many graduates `needing` would find."""
    return session.scalars(_needing(func.count(), condition, kind, at)).one()


def _needing(
    column: ColumnElement[int] | InstrumentedAttribute[int],
    condition: ColumnElement[bool],
    kind: Kind,
    at: datetime,
) -> Select[int]:
    today = service.today(at)
    over = or_(
        IssuedNumber.id.is_(None),
        IssuedNumber.standing != Standing.GOOD,
        IssuedNumber.ends_on < today,
    )
    return (
        select(column)
        .select_from(Graduate)
        .outerjoin(IssuedNumber, newest(kind))
        .where(
            condition,
            Graduate.registration_id.is_not(None),
            Graduate.graduation_month >= service.earliest_transferred(today),
            over,
        )
    )


def good(session: Session, graduate_id: int, kind: Kind, at: datetime) -> IssuedNumber | None:
    """Return a graduate's transfer number, where it is good, with the sealed number loaded."""
    return session.scalar(
        select(IssuedNumber)
        .join(Graduate, newest(kind))
        .where(
            Graduate.id == graduate_id,
            IssuedNumber.standing == Standing.GOOD,
            IssuedNumber.ends_on >= service.today(at),
        )
        .options(undefer(IssuedNumber.number_sealed))
        .execution_options(populate_existing=True)
    )


def generate(
    session: Session, vault: Vault, office: Office, ids: Sequence[int], kind: Kind
) -> Generated:
    """Give these graduates of the school a good number of a kind where they have none.

    Those whose service is over, or who have nothing reported, are left as they are.
    """
    school, at = office.school, office.at
    in_force.lock(session, school.id, ids)
    good = set(session.scalars(_with_good_number(ids, kind, at)))
    wanted = [
        _wanted(school, graduate, registration, kind)
        for graduate, registration, _ in in_force.current(session, school.id, ids).values()
        if registration is not None and graduate.id not in good and _is_served(graduate, at)
    ]
    issuer = Issuer(Issue.TRANSFER, school.code, office.by, at)
    renewed = issuing.issue(session, vault, issuer, wanted)
    return Generated(len(wanted) - renewed, renewed)


def _with_good_number(ids: Sequence[int], kind: Kind, at: datetime) -> Select[int]:
    return (
        select(Graduate.id)
        .join(IssuedNumber, newest(kind))
        .where(
            Graduate.id.in_(ids),
            IssuedNumber.standing == Standing.GOOD,
            IssuedNumber.ends_on >= service.today(at),
        )
    )


def _is_served(graduate: Graduate, at: datetime) -> bool:
    return service.today(at) <= service.last_day(Issue.TRANSFER, graduate.graduation_month)


def _wanted(school: School, graduate: Graduate, registration: Registration, kind: Kind) -> Wanted:
    return Wanted(
        graduate_id=graduate.id,
        year=graduate.year,
        kind=kind,
        registration_id=registration.id,
        snapshot=report.snapshot(school.name, graduate, registration, kind),
        ends_on=service.last_day(Issue.TRANSFER, graduate.graduation_month),
    )
