"""The employers as a province and the operator find them, and what a province settles."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, or_, select, true, update
from sqlalchemy.orm import Session

from registry.accounts import audit
from registry.accounts.employer_tables import Employer
from registry.accounts.school_tables import School
from registry.accounts.tables import Staff
from registry.base.database import insert_new
from registry.base.errors import NotFound, RuleError
from registry.base.paging import Page, Place, nearest, turned
from registry.base.text import clean, folded_number
from registry.signing.employer_papers import ProvinceSigning
from registry.signing.states import QualificationState
from registry.signing.tables import Qualification

MOST_PAY = 100_000


class FoundEmployer(NamedTuple):
    """An employer in the list."""

    key: str
    unit_name: str
    unit_code: str
    unit_contact: str
    unit_phone: str


class StandingAtSchool(NamedTuple):
    """How an employer stands at a school."""

    school: str
    state: QualificationState
    valid_until: datetime | None
    reason: str


def page(session: Session, province: str | None, words: str, place: Place) -> Page[FoundEmployer]:
    """Return the employers whose name or code has the words, of a province where one is given."""
    start = select(Employer.id).where(Employer.key == (place.before or place.after))
    columns = (Employer.key, Employer.unit_name, Employer.unit_code)
    wanted = select(*columns, Employer.unit_contact, Employer.unit_phone)
    wanted = wanted.where(_meant(words), _of(province))
    found = session.execute(nearest(wanted, Employer.id, start.scalar_subquery(), place))
    return turned((FoundEmployer(*row) for row in found), place)


def _meant(words: str) -> ColumnElement[bool]:
    wanted = clean(words)
    by_name = Employer.unit_name.contains(wanted, autoescape=True)
    by_code = Employer.unit_code == folded_number(wanted)
    return or_(by_name, by_code) if wanted else true()


def _of(province: str | None) -> ColumnElement[bool]:
    """Return the condition of the employers that sign, or asked to, at a province's schools."""
    if province is None:
        return true()
    here = select(Qualification.employer_id).join(School, School.id == Qualification.school_id)
    return Employer.id.in_(here.where(School.province == province))


def find(session: Session, province: str | None, key: str) -> Employer:
    """Return an employer by its key, of a province where one is given; raise NotFound."""
    found = session.scalar(select(Employer).where(Employer.key == key, _of(province)))
    if found is None:
        raise NotFound("用人单位")
    return found


def standings(
    session: Session, employer_id: int, province: str | None = None
) -> Sequence[StandingAtSchool]:
    """Return how an employer stands at the schools it asked at, by code."""
    there = School.province == province if province else true()
    rows = session.execute(
        select(School.name, Qualification.state, Qualification.valid_until, Qualification.reason)
        .join(School, School.id == Qualification.school_id)
        .where(Qualification.employer_id == employer_id, there)
        .order_by(School.code)
    )
    return [
        StandingAtSchool(name, QualificationState(state), until, reason)
        for name, state, until, reason in rows
    ]


def settings(session: Session, province: str) -> ProvinceSigning | None:
    """Return what a province has settled; None for nothing."""
    return session.scalar(select(ProvinceSigning).where(ProvinceSigning.province == province))


def settle(
    session: Session, staff: Staff, typed_pay: str, at: datetime, *, qualifies: bool
) -> None:
    """Settle who decides about employers at a province's schools, and its minimum wage in yuan.

    Raises RuleError `pay_range`.
    """
    assert staff.province is not None, "the door lets in nobody else"
    pay = _pay(typed_pay)
    row = {"province": staff.province, "updated_at": at}
    session.execute(insert_new(session, ProvinceSigning).values(row))
    session.execute(
        update(ProvinceSigning)
        .where(ProvinceSigning.province == staff.province)
        .values(qualifies=qualifies, minimum_pay=pay, updated_at=at)
        .execution_options(synchronize_session=False)
    )
    said = {"qualifies": qualifies, "minimum_pay": pay}
    about = f"province:{staff.province}"
    audit.note(session, audit.by_staff(staff, "signing_settings", about, said), at)


def _pay(typed: str) -> int | None:
    text = clean(typed)
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 9 and 0 < int(text) <= MOST_PAY):
        sentence = "请填写每月最低工资的元数，例如 2200；不填则不作提示。"
        raise RuleError("pay_range", sentence, "minimum_pay")
    return int(text)
