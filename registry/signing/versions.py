"""The terms of an agreement as they were proposed one after another, and which were agreed to."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.accounts.tables import Staff
from registry.signing.tables import Agreement, Invitation, TermsVersion


def digest(terms: Mapping[str, str]) -> str:
    """Return the SHA-256 of terms, the same in whatever order they stand."""
    written = json.dumps(dict(terms), ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(written.encode()).hexdigest()


def keep_first(session: Session, agreement: Agreement, invitation: Invitation) -> None:
    """Keep the terms of the invitation that became an agreement, agreed to by accepting it."""
    sender = session.get_one(Staff, invitation.sent_by)
    first = _version(agreement, 1, invitation.terms, sender.actor, invitation.sent_at)
    first.agreed_at = agreement.accepted_at
    session.add(first)


def propose(
    session: Session, agreement: Agreement, terms: Mapping[str, str], by: str, at: datetime
) -> None:
    """Keep terms that an employer proposes for an agreement."""
    session.add(_version(agreement, newest(session, agreement).number + 1, terms, by, at))


def _version(
    agreement: Agreement, number: int, terms: Mapping[str, str], by: str, at: datetime
) -> TermsVersion:
    return TermsVersion(
        agreement_id=agreement.id,
        number=number,
        terms=dict(terms),
        digest=digest(terms),
        proposed_by=by,
        proposed_at=at,
    )


def of(session: Session, agreement: Agreement) -> Sequence[TermsVersion]:
    """Return the versions of an agreement's terms, newest first."""
    wanted = select(TermsVersion).where(TermsVersion.agreement_id == agreement.id)
    return session.scalars(wanted.order_by(TermsVersion.number.desc())).all()


def newest(session: Session, agreement: Agreement) -> TermsVersion:
    """Return the terms that were proposed last."""
    return of(session, agreement)[0]
