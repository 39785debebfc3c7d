"""Documents with a report: looked into as all evidence is, and kept without the name they had.

A school that handles a report about an employer, and whoever handles others, sees them; that
somebody did is in the log.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.base import files
from registry.base.crypto import Vault
from registry.base.errors import NotFound, RuleError
from registry.base.retention import DEFAULT, Retention
from registry.breaches.states import BreachState
from registry.breaches.tables import BreachFile, BreachReport
from registry.review.evidence import EvidenceDocument, keep_until
from registry.review.evidence_types import SUFFIXES, CheckedDocument

MOST_FILES = 6
OPEN = frozenset({BreachState.RECEIVED, BreachState.HANDLING, BreachState.REOPENED})
"""States in which she may add to a report."""


@dataclass(frozen=True)
class ListedFile:
    """A document as it is listed: by its number, not by the name it came with."""

    key: str
    name: str
    size: int


def add(
    session: Session,
    vault: Vault,
    report: BreachReport,
    document: CheckedDocument,
    at: datetime,
    keeps: Retention = DEFAULT,
) -> None:
    """Keep a document with a report; the same one twice is kept once.

    Raises RuleError `report_over` or `too_many_files`.
    """
    locked = session.get_one(BreachReport, report.id, with_for_update=True, populate_existing=True)
    if locked.state not in OPEN:
        raise RuleError("report_over", "举报已答复或已办结，不能再补充材料。", "file")
    held = _of(session, report)
    digest = hashlib.sha256(document.content).hexdigest()
    if digest in {each.sha256 for each in held}:
        return
    if len(held) >= MOST_FILES:
        raise RuleError("too_many_files", f"最多上传 {MOST_FILES} 个文件。", "file")
    name = _name(len(held) + 1, document.media_type)
    incoming = files.Incoming(report.school_id, name, document.media_type, document.content)
    until = keep_until(at.year, at, keeps)
    stored = files.store(session, vault, incoming, at, until)
    session.add(
        BreachFile(
            report_id=report.id,
            file_id=stored.id,
            media_type=document.media_type,
            size=len(document.content),
            sha256=digest,
            added_at=at,
        )
    )
    session.flush()


def _of(session: Session, report: BreachReport) -> Sequence[BreachFile]:
    wanted = select(BreachFile).where(BreachFile.report_id == report.id)
    return session.scalars(wanted.order_by(BreachFile.id)).all()


def _name(number: int, media_type: str) -> str:
    return f"材料{number}{SUFFIXES[media_type]}"


def listed(session: Session, report: BreachReport) -> list[ListedFile]:
    """Return the documents of a report that are still kept, oldest first."""
    return [
        ListedFile(each.key, _name(number, each.media_type), each.size)
        for number, each in enumerate(_of(session, report), 1)
        if each.file_id is not None
    ]


def opened(session: Session, vault: Vault, report: BreachReport, key: str) -> EvidenceDocument:
    """Return a document of a report; raise NotFound where there is none, or none any more."""
    for number, each in enumerate(_of(session, report), 1):
        stored = files.find(session, report.school_id, each.file_id)
        if each.key == key and stored is not None:
            content = files.opened(vault, stored)
            return EvidenceDocument(_name(number, each.media_type), each.media_type, content)
    raise NotFound("材料")
