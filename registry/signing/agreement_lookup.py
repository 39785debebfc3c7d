"""Anybody who holds a print asks whether the agreement is in force: name and number, or the link.

Guarded, puzzled over, counted and logged as the lookups of reports are (`registry.numbers.lookup`).
What is told is little: the standing, the parties, the days, and the hash to compare the text by;
no term of it. One that ended is told of too: who holds its print has to learn it.
"""

import hmac
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter
from typing import Any

from sqlalchemy import ColumnElement, Row, func, insert, select, true
from sqlalchemy.orm import Session

from registry.base.text import compared_name
from registry.numbers import shape
from registry.numbers.lookup import looking_up, receive
from registry.numbers.lookup.guard import Guard
from registry.numbers.lookup.looking_up import OwnView, Receiver
from registry.numbers.lookup.receive import LookupAnswer, LookupRequest
from registry.numbers.tables import Lookup, Result
from registry.signing import agreement_papers, agreement_text
from registry.signing.agreement_papers import LINK_MARK
from registry.signing.agreement_text import SCHOOL
from registry.signing.paper_tables import AgreementPaper
from registry.signing.standing import Standing, standing_of
from registry.signing.states import AgreementState
from registry.signing.tables import Agreement, TermsVersion

KIND = "agreement"
"""How the log names these lookups, beside the kinds of reports."""
_NOBODY = "无此人"


@dataclass(frozen=True)
class ShownAgreement:
    """What the print of an agreement is compared with."""

    standing: Standing
    number: str
    name: str
    """The graduate's, as the agreement has it; pages mask it."""
    school: str
    unit_name: str
    unit_code: str
    accepted_at: datetime
    on_paper: bool
    """Both sign by hand: what began it is that the school issued it."""
    signed_at: datetime | None
    supplemented_at: datetime | None
    """When the last supplement was agreed to."""
    ended_at: datetime | None
    digest: str


@dataclass(frozen=True)
class AgreementFinding:
    """What a lookup found."""

    result: Result
    shown: ShownAgreement | None = None
    """Only where the result is SHOWN."""
    about: int | None = None
    """The id of the agreement it was about, for the log."""


def look_up(
    session: Session, guard: Guard, asked: LookupRequest, at: datetime
) -> LookupAnswer[AgreementFinding]:
    """Look up what was typed, unless a puzzle or a pause comes first."""
    number = shape.read_agreement(asked.number)

    def find(receiver: Receiver) -> AgreementFinding:
        return _logged(session, _by_number(session, number, asked.name), receiver, at)

    return receive.answered(session, guard, asked, number or "", find, at)


def is_link(token: str) -> bool:
    """Say whether a token can be an agreement's, without asking the database."""
    return token.startswith(LINK_MARK)


def follow_link(
    session: Session, guard: Guard, token: str, address: str, at: datetime
) -> LookupAnswer[AgreementFinding]:
    """Look up the link of a QR code: holding it is the proof."""

    def find(receiver: Receiver) -> AgreementFinding:
        row = _found(session, AgreementPaper.link == token)
        return _logged(session, _finding(row), receiver, at)

    return receive.followed(session, guard, address, find, at)


def _by_number(session: Session, number: str | None, name: str) -> AgreementFinding:
    """Look up a number under a name; nothing mistyped reaches the database."""
    if number is None:
        return AgreementFinding(Result.MALFORMED)
    row = _found(session, AgreementPaper.number == number)
    holder = row.signer["name"] if row is not None else _NOBODY
    named = hmac.compare_digest(compared_name(holder).encode(), compared_name(name).encode())
    if row is not None and not named:
        return AgreementFinding(Result.WRONG_NAME, about=row.id)
    return _finding(row)


def _found(session: Session, condition: ColumnElement[bool]) -> Row[*tuple[Any, ...]] | None:
    agreed = agreement_papers.agreed_terms(TermsVersion.agreement_id == Agreement.id)
    supplemented = select(func.max(TermsVersion.agreed_at)).where(
        TermsVersion.agreement_id == Agreement.id, TermsVersion.agreed_at > Agreement.signed_at
    )
    return session.execute(
        select(
            *(Agreement.id, Agreement.state, Agreement.accepted_at, Agreement.signed_at),
            *(Agreement.ended_at, Agreement.terms, Agreement.request_id, AgreementPaper.number),
            *(AgreementPaper.signer, AgreementPaper.digest),
            agreed.scalar_subquery().label("terms_digest"),
            supplemented.correlate(Agreement).scalar_subquery().label("supplemented_at"),
        )
        .join(AgreementPaper, AgreementPaper.agreement_id == Agreement.id)
        .where(condition)
    ).one_or_none()


def _finding(row: Row[*tuple[Any, ...]] | None) -> AgreementFinding:
    if row is None:
        return AgreementFinding(Result.UNKNOWN)
    shown = ShownAgreement(
        standing=standing_of(AgreementState(row.state)),
        number=row.number,
        name=row.signer["name"],
        school=row.signer[SCHOOL],
        unit_name=row.terms["unit_name"],
        unit_code=row.terms["unit_code"],
        accepted_at=row.accepted_at,
        on_paper=row.request_id is not None,
        signed_at=row.signed_at,
        supplemented_at=row.supplemented_at,
        ended_at=row.ended_at,
        digest=agreement_text.text_digest(row.digest, row.terms_digest),
    )
    return AgreementFinding(Result.SHOWN, shown, row.id)


def _logged(
    session: Session, finding: AgreementFinding, receiver: Receiver, at: datetime
) -> AgreementFinding:
    """Keep that somebody looked up, and what came of it."""
    row = {
        "agreement_id": finding.about,
        "kind": KIND,
        "result": finding.result,
        "by_link": receiver.by_link,
        "address_index": receiver.address_index,
        "receiver": receiver.account,
        "at": at,
    }
    session.execute(insert(Lookup), [row])
    return finding


def all_views(
    session: Session, graduate_id: int, limit: int, before: int | None = None
) -> list[OwnView]:
    """Return when numbers of hers were looked up with success, agreements' too, newest first.

    `before` is the id of the row that the page comes after.
    """
    reports = looking_up.all_views(session, graduate_id, limit, before)
    older = Lookup.id < before if before is not None else true()
    rows = session.execute(
        select(Lookup.id, Lookup.at, Lookup.by_link)
        .join(AgreementPaper, AgreementPaper.agreement_id == Lookup.agreement_id)
        .where(AgreementPaper.graduate_id == graduate_id, Lookup.result == Result.SHOWN, older)
        .order_by(Lookup.id.desc())
        .limit(limit)
    )
    found = [OwnView(ident, at, KIND, KIND, by_link, "") for ident, at, by_link in rows]
    return sorted([*reports, *found], key=attrgetter("id"), reverse=True)[:limit]
