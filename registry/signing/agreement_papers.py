"""Agreements get their paper: a number nobody can guess, a link, and the text frozen by a hash."""

import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, select
from sqlalchemy.orm import Session

from registry.accounts.school_tables import Department, School
from registry.base.database import insert_new
from registry.base.errors import RuleError
from registry.numbers import issuing, service, shape
from registry.numbers.shape import Draw
from registry.record.tables import Graduate
from registry.signing import agreement_text
from registry.signing.agreement_text import DEPARTMENT, EDITION, SCHOOL, SIGNER
from registry.signing.paper_tables import AgreementPaper
from registry.signing.tables import Agreement, TermsVersion

CHUNK = 500
LINK_MARK = "x"
"""How the token of an agreement's link begins: no hexadecimal digit, as those of reports do."""

_FROZEN = [getattr(Graduate, name) for name in SIGNER if name not in {SCHOOL, DEPARTMENT}]


def give(
    session: Session,
    those: ColumnElement[bool],
    at: datetime,
    draw: Draw = secrets.randbelow,
) -> int:
    """Give agreements that have none their paper, `CHUNK` at most; return how many got one.

    A number that was drawn before is no paper: the clock asks again for who is left without.
    """
    rows = session.execute(
        select(
            *(Agreement.id, Agreement.graduate_id, School.code, *_FROZEN),
            *(School.name.label(SCHOOL), Department.name.label(DEPARTMENT)),
        )
        .join(Graduate, Graduate.id == Agreement.graduate_id)
        .join(School, School.id == Graduate.school_id)
        .join(Department, Department.id == Graduate.department_id)
        .where(those, ~_has_paper())
        .order_by(Agreement.id)
        .limit(CHUNK)
    ).all()
    return _insert(session, [_paper(row, at, draw) for row in rows])


def give_missing(session: Session, at: datetime) -> int:
    """Give a paper to what began before there were any, or in a process of the version before."""
    return give(session, Agreement.id.is_not(None), at)


def _has_paper() -> ColumnElement[bool]:
    return select(AgreementPaper.id).where(AgreementPaper.agreement_id == Agreement.id).exists()


def _insert(session: Session, papers: Sequence[Mapping[str, Any]]) -> int:
    if not papers:
        return 0
    made = insert_new(session, AgreementPaper).values(papers)
    return len(session.scalars(made.returning(AgreementPaper.id)).all())


def _paper(row: Row[*tuple[Any, ...]], at: datetime, draw: Draw) -> dict[str, Any]:
    signer = {name: str(getattr(row, name)) for name in SIGNER if getattr(row, name)}
    year = service.graduation_year(row.graduation_month)
    number = shape.make_agreement(year, row.code, row.level, draw)
    return {
        "agreement_id": row.id,
        "graduate_id": row.graduate_id,
        "number": number,
        "link": f"{LINK_MARK}{issuing.link_token()}",
        "edition": EDITION,
        "signer": signer,
        "digest": agreement_text.head_digest(number, EDITION, signer),
        "made_at": at,
    }


def of(session: Session, agreement: Agreement) -> AgreementPaper:
    """Return the paper of an agreement; raise RuleError `no_paper_yet` for a minute at most."""
    wanted = select(AgreementPaper).where(AgreementPaper.agreement_id == agreement.id)
    found = session.scalar(wanted.execution_options(populate_existing=True))
    if found is None:
        raise RuleError("no_paper_yet", "协议书编号正在生成，请一分钟后再试。")
    return found


def text_digest(session: Session, agreement: Agreement) -> str:
    """Return the SHA-256 of the text that both have agreed to, as its print and a lookup say it.

    Raises RuleError `no_paper_yet`.
    """
    terms = session.scalars(agreed_terms(TermsVersion.agreement_id == agreement.id)).one()
    return agreement_text.text_digest(of(session, agreement).digest, terms)


def agreed_terms(those: ColumnElement[bool]) -> Select[str]:
    """Return the query of the digest of the terms that were agreed to last."""
    return (
        select(TermsVersion.digest)
        .where(those, TermsVersion.agreed_at.is_not(None))
        .order_by(TermsVersion.number.desc())
        .limit(1)
    )


def number(session: Session, condition: ColumnElement[bool]) -> str:
    """Return the number of the one agreement that a condition tells, as it is printed.

    Empty where there is no agreement, or no paper of it yet.
    """
    found = session.scalar(
        select(AgreementPaper.number)
        .join(Agreement, Agreement.id == AgreementPaper.agreement_id)
        .where(condition)
    )
    return shape.grouped(found) if found else ""
