"""Documents of a termination (解约材料): sealed, kept as evidence is, for the school to read.

The graduate sees all that is said of her; an employer sees what it added itself.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.accounts import audit
from registry.accounts.audit import AuditRecord
from registry.base import files
from registry.base.crypto import Vault
from registry.base.errors import NotFound, RuleError
from registry.record.scope import Scope, within
from registry.record.tables import Graduate
from registry.review import evidence
from registry.review.evidence import EvidenceDocument
from registry.review.evidence_types import CheckedDocument
from registry.signing.termination_sides import Side
from registry.signing.termination_states import Party
from registry.signing.termination_tables import Termination, TerminationDocument

MOST_FILES = 6
"""Documents that one party adds to one request."""


@dataclass(frozen=True)
class TerminationProof:
    """A document that was looked into; its name is for people and never a path."""

    vault: Vault
    name: str
    document: CheckedDocument


def keep(session: Session, side: Side, termination: Termination, proof: TerminationProof) -> None:
    """Keep a document with a request whose graduate is locked; the same one twice is kept once.

    Raises RuleError `too_many_files`.
    """
    content = proof.document.content
    digest = hashlib.sha256(content).hexdigest()
    held = [each for each in listed(session, termination.id) if each.party == side.party]
    if digest in {each.sha256 for each in held}:
        return
    if len(held) >= MOST_FILES:
        raise RuleError("too_many_files", f"最多上传 {MOST_FILES} 个文件。", "file")
    graduate = session.get_one(Graduate, termination.graduate_id)
    media_type = proof.document.media_type
    name = evidence.document_name(proof.name, media_type)
    incoming = files.Incoming(graduate.school_id, name, media_type, content)
    until = evidence.keep_until(graduate.cohort, side.at, side.keeps)
    stored = files.store(session, proof.vault, incoming, side.at, until)
    row = TerminationDocument(
        termination_id=termination.id,
        graduate_id=graduate.id,
        party=side.party,
        file_id=stored.id,
        name=name,
        media_type=media_type,
        size=len(content),
        sha256=digest,
        added_at=side.at,
    )
    session.add(row)
    session.flush()


def listed(session: Session, termination_id: int) -> Sequence[TerminationDocument]:
    """Return the documents of a request, oldest first."""
    wanted = select(TerminationDocument).where(TerminationDocument.termination_id == termination_id)
    return session.scalars(wanted.order_by(TerminationDocument.id)).all()


def of_request(session: Session, key: str) -> Sequence[TerminationDocument]:
    """Return the documents of a request that was found before by its key, oldest first."""
    wanted = (
        select(TerminationDocument)
        .join(Termination, Termination.id == TerminationDocument.termination_id)
        .where(Termination.key == key)
    )
    return session.scalars(wanted.order_by(TerminationDocument.id)).all()


def shown_to(party: Party, documents: Sequence[TerminationDocument]) -> list[TerminationDocument]:
    """Return those of the documents that a party may see."""
    return [each for each in documents if party is Party.GRADUATE or each.party == party]


def of_graduate(session: Session, vault: Vault, graduate: Graduate, key: str) -> EvidenceDocument:
    """Return a document about a graduate; raise NotFound for another's and for one that is gone."""
    hers = (TerminationDocument.key == key, TerminationDocument.graduate_id == graduate.id)
    found = session.scalar(select(TerminationDocument).where(*hers))
    return _opened(session, vault, graduate.school_id, found)


def of_employer(session: Session, vault: Vault, side: Side, key: str) -> EvidenceDocument:
    """Return a document that an employer added, and keep that it was looked at.

    Raises NotFound for others.
    """
    row = session.execute(
        select(TerminationDocument, Graduate)
        .join(Termination, Termination.id == TerminationDocument.termination_id)
        .join(Graduate, Graduate.id == Termination.graduate_id)
        .where(
            TerminationDocument.key == key,
            TerminationDocument.party == Party.EMPLOYER,
            Termination.employer_id == side.ident,
        )
    ).one_or_none()
    if row is None:
        raise NotFound("文件")
    found, graduate = row
    _note(session, graduate, key, side.actor, side.at)
    return _opened(session, vault, graduate.school_id, found)


def of_school(
    session: Session, vault: Vault, scope: Scope, key: str, by: str, at: datetime
) -> EvidenceDocument:
    """Return a document about a graduate in scope, and keep that it was looked at.

    Raises NotFound outside the scope.
    """
    row = session.execute(
        select(TerminationDocument, Graduate)
        .join(Graduate, Graduate.id == TerminationDocument.graduate_id)
        .where(within(scope), TerminationDocument.key == key)
    ).one_or_none()
    if row is None:
        raise NotFound("文件")
    found, graduate = row
    _note(session, graduate, key, by, at)
    return _opened(session, vault, graduate.school_id, found)


def _note(session: Session, graduate: Graduate, key: str, by: str, at: datetime) -> None:
    subject, said = f"{audit.GRADUATE}{graduate.key}", {"key": key}
    record = AuditRecord(by, "evidence_opened", subject, graduate.school_id, said)
    audit.note(session, record, at)


def _opened(
    session: Session, vault: Vault, school_id: int, found: TerminationDocument | None
) -> EvidenceDocument:
    stored = files.find(session, school_id, found.file_id) if found else None
    if found is None or stored is None:
        raise NotFound("文件")
    return EvidenceDocument(found.name, found.media_type, files.opened(vault, stored))
