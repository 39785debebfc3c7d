"""The terms of an agreement as they were proposed one after another, and which were agreed to."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from registry.signing import terms
from registry.signing.agreement_sources import called
from registry.signing.tables import Agreement, TermsVersion


def digest(values: Mapping[str, str]) -> str:
    """Return the SHA-256 of terms, the same in whatever order they stand."""
    written = json.dumps(dict(values), ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(written.encode()).hexdigest()


def keep_first(session: Session, agreement: Agreement, by: str, at: datetime) -> None:
    """Keep the terms that an agreement begins with, who proposed them, and when.

    She has agreed to them: by accepting the invitation, or by asking for the paper.
    """
    first = _version(agreement, 1, agreement.terms, by, at)
    first.agreed_at = agreement.accepted_at
    session.add(first)


def propose(
    session: Session, agreement: Agreement, values: Mapping[str, str], by: str, at: datetime
) -> None:
    """Keep terms that an employer proposes for an agreement."""
    session.add(_version(agreement, newest(session, agreement).number + 1, values, by, at))


def _version(
    agreement: Agreement, number: int, values: Mapping[str, str], by: str, at: datetime
) -> TermsVersion:
    return TermsVersion(
        agreement_id=agreement.id,
        number=number,
        terms=dict(values),
        digest=digest(values),
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


def is_supplement(agreement: Agreement, version: TermsVersion) -> bool:
    """Say whether terms were agreed to after the agreement was signed (补充协议)."""
    signed, agreed = agreement.signed_at, version.agreed_at
    return signed is not None and agreed is not None and agreed > signed


@dataclass(frozen=True)
class TermChange:
    """One term that differs between two versions, as people read it; empty for none."""

    title: str
    before: str
    after: str


def differences(before: Mapping[str, str], after: Mapping[str, str]) -> list[TermChange]:
    """Return what differs, of the terms and of the employer's data, in the order of the form."""
    stood, stands = _said(before), _said(after)
    titles = dict.fromkeys([*stands, *stood])
    found = [TermChange(each, stood.get(each, ""), stands.get(each, "")) for each in titles]
    return [each for each in found if each.before != each.after]


def agreed_before(session: Session, agreement_id: int, moment: datetime) -> dict[str, str]:
    """Return the terms of an agreement that held just before a moment."""
    wanted = select(TermsVersion.terms).where(
        TermsVersion.agreement_id == agreement_id, TermsVersion.agreed_at < moment
    )
    return dict(session.scalars(wanted.order_by(TermsVersion.number.desc()).limit(1)).one())


def newest_of(session: Session, key: str) -> TermsVersion:
    """Return the terms proposed last of what an invitation became, which was found before."""
    return session.scalars(_of_invitation(key).limit(1)).one()


def last_change(session: Session, key: str) -> list[TermChange]:
    """Return what the newest terms of an invitation's agreement change; nothing where none do."""
    rows = session.scalars(_of_invitation(key).limit(2)).all()
    return differences(rows[1].terms, rows[0].terms) if len(rows) > 1 else []


def _of_invitation(key: str) -> Select[TermsVersion]:
    return (
        select(TermsVersion)
        .join(Agreement, Agreement.id == TermsVersion.agreement_id)
        .where(called(key))
        .order_by(TermsVersion.number.desc())
    )


def _said(values: Mapping[str, str]) -> dict[str, str]:
    lines = [*terms.lines(values), *terms.unit_lines(values)]
    return {each.title: each.value for each in lines}
