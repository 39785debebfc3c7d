"""Evidence of a destination (佐证材料): sealed, kept three years or more, shown to those entitled.

Source: the acceptance rules of the 2021 standard, annex 2; schools keep evidence three years.
"""

import hashlib
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache

from sqlalchemy import Select, func, select, update
from sqlalchemy.orm import Session

from registry.accounts import audit
from registry.accounts.audit import AuditRecord
from registry.base import files
from registry.base.clock import SHANGHAI
from registry.base.crypto import Vault
from registry.base.detached import read_rows
from registry.base.errors import NotFound, RuleError
from registry.base.file_tables import StoredFile
from registry.base.listed import is_listed
from registry.base.retention import DEFAULT, Kept, Retention, months_after
from registry.base.text import clean
from registry.record.requirements import EvidenceKind
from registry.record.scope import Scope, within
from registry.record.tables import Graduate
from registry.review import evidence_types
from registry.review.application_moves import Writer, current
from registry.review.evidence_types import CheckedDocument
from registry.review.states import EDITABLE, ApplicationState, Purpose
from registry.review.tables import Application, Evidence

MOST_FILES = 12
FORGOTTEN_AFTER = timedelta(days=1)
_NAME = re.compile(r"[^/\\]*$")


@dataclass(frozen=True)
class EvidenceUpload:
    """A document that was looked into; its name is for people and never a path."""

    kind: EvidenceKind
    name: str
    document: CheckedDocument


@dataclass(frozen=True)
class EvidenceDocument:
    """A document as it is handed out."""

    name: str
    media_type: str
    content: bytes


def keep_until(year: int, at: datetime, keeps: Retention = DEFAULT) -> datetime:
    """Return the first moment evidence may go: full years after graduation and upload."""
    last = max(year, at.astimezone(SHANGHAI).year)
    day = months_after(date(last + 1, 1, 1), keeps.months[Kept.EVIDENCE])
    return datetime(day.year, day.month, day.day, tzinfo=SHANGHAI)


def listed(session: Session, application_id: int) -> list[Evidence]:
    """Return what lies with an application, oldest first."""
    wanted = select(Evidence).where(
        Evidence.application_id == application_id, Evidence.removed_at.is_(None)
    )
    return list(session.scalars(wanted.order_by(Evidence.id)))


def kinds(session: Session, application_id: int) -> frozenset[str]:
    """Return which kinds of evidence lie with an application."""
    return frozenset(each.kind for each in listed(session, application_id))


def add(session: Session, vault: Vault, writer: Writer, upload: EvidenceUpload) -> Evidence:
    """Keep a document with the open draft; the same one twice is kept once.

    Raises RuleError `too_many_files`, `internship_proof`, or `not_editable` without a draft to keep
    it with.
    """
    _checked_name(upload)
    return keep(session, vault, writer, _editable(session, writer), upload)


def keep(
    session: Session, vault: Vault, writer: Writer, application: Application, upload: EvidenceUpload
) -> Evidence:
    """Keep a document with an application of hers that is locked; the same one twice is kept once.

    Raises RuleError `too_many_files` or `internship_proof`.
    """
    media_type, content = upload.document.media_type, upload.document.content
    name = _checked_name(upload)
    held = listed(session, application.id)
    digest = hashlib.sha256(content).hexdigest()
    for each in held:
        if (each.kind, each.sha256) == (upload.kind, digest):
            return each
    _refuse_more(held)
    incoming = files.Incoming(application.school_id, name, media_type, content)
    until = keep_until(application.year, writer.at, writer.keeps)
    stored = files.store(session, vault, incoming, writer.at, until)
    found = Evidence(
        application_id=application.id,
        graduate_id=application.graduate_id,
        kind=upload.kind,
        file_id=stored.id,
        name=name,
        media_type=media_type,
        size=len(content),
        sha256=digest,
        added_at=writer.at,
    )
    session.add(found)
    session.flush()
    return found


def replace(
    session: Session, vault: Vault, writer: Writer, upload: EvidenceUpload, named: Collection[str]
) -> list[str]:
    """Keep a document in the place of those named by key, or of all of its kind where none is.

    They are taken off first, so that a draft with all the documents it may have takes it too.
    Returns the keys of what was taken off; raises as `add` does.
    """
    digest = hashlib.sha256(upload.document.content).hexdigest()
    held = listed(session, _editable(session, writer).id)
    others = [each for each in held if (each.kind, each.sha256 == digest) == (upload.kind, False)]
    older = [each.key for each in others if not named or each.key in named]
    for key in older:
        remove(session, writer, key)
    add(session, vault, writer, upload)
    return older


def document_name(name: str, media_type: str) -> str:
    """Return the name that people know a document by, which says what it really is."""
    matched = _NAME.search(name)
    base = clean(matched[0] if matched else "").rsplit(".", 1)[0].strip(". ")[:80]
    return (base or "佐证材料") + evidence_types.SUFFIXES[media_type]


def _checked_name(upload: EvidenceUpload) -> str:
    name = document_name(upload.name, upload.document.media_type)
    if upload.kind is EvidenceKind.EMPLOYER_LETTER and "实习" in name:
        sentence = "实习证明不能作为就业证明，请上传单位出具的用人证明。"
        raise RuleError("internship_proof", sentence, "file")
    return name


def _editable(session: Session, writer: Writer) -> Application:
    """Return the open draft, locked: it cannot be sent while a document comes or goes."""
    draft = current(session, writer.graduate.id, lock=True)
    if (
        draft is None
        or draft.purpose != Purpose.REGISTER
        or ApplicationState(draft.state) not in EDITABLE
    ):
        sentence = "登记正在审核或尚未开始填写，不能增减材料。如需修改，请先撤回。"
        raise RuleError("not_editable", sentence, "file")
    return draft


def remove(session: Session, writer: Writer, key: str) -> Evidence:
    """Take a document off the draft, and return it; what was never submitted is deleted soon."""
    draft = _editable(session, writer)
    found = next((each for each in listed(session, draft.id) if each.key == key), None)
    if found is None:
        raise NotFound("文件")
    found.removed_at = writer.at
    if draft.submitted_at is None or found.added_at > draft.submitted_at:
        _shorten(session, draft, [found.file_id], writer.at)
    session.flush()
    return found


def removed(session: Session, application_id: int, keys: Sequence[str]) -> list[Evidence]:
    """Return those of some documents that were taken off a draft, as far as they can come back."""
    wanted = (
        select(Evidence)
        .join(StoredFile, StoredFile.id == Evidence.file_id)
        .where(Evidence.application_id == application_id, Evidence.key.in_(keys))
        .where(Evidence.removed_at.is_not(None))
    )
    return list(session.scalars(wanted.order_by(Evidence.id)))


def restore(session: Session, writer: Writer, key: str) -> Evidence:
    """Put back what she took off the draft (撤销删除), as long as its file is still there.

    Where she has brought the same anew meanwhile, that one is it. Raises NotFound for what is not
    hers or is gone, RuleError `too_many_files` or `not_editable`.
    """
    draft = _editable(session, writer)
    found = session.scalar(
        select(Evidence)
        .join(StoredFile, StoredFile.id == Evidence.file_id)
        .where(Evidence.application_id == draft.id, Evidence.key == key)
        .where(StoredFile.expires_at > writer.at)
    )
    if found is None:
        raise NotFound("文件")
    if found.removed_at is None:
        return found
    held = listed(session, draft.id)
    for each in held:
        if (each.kind, each.sha256) == (found.kind, found.sha256):
            return each
    _refuse_more(held)
    found.removed_at = None
    until = keep_until(draft.year, writer.at, writer.keeps)
    session.execute(
        update(StoredFile)
        .where(StoredFile.id == found.file_id, StoredFile.expires_at < until)
        .values(expires_at=until)
        .execution_options(synchronize_session=False)
    )
    session.flush()
    return found


def _refuse_more(held: Sequence[Evidence]) -> None:
    if len(held) >= MOST_FILES:
        sentence = f"最多上传 {MOST_FILES} 个文件，请先删除不需要的。"
        raise RuleError("too_many_files", sentence, "file")


def forget(session: Session, application: Application, at: datetime) -> None:
    """Have the documents of an application that was never submitted deleted soon."""
    _shorten(session, application, [each.file_id for each in listed(session, application.id)], at)


def _shorten(
    session: Session, application: Application, file_ids: Sequence[int | None], at: datetime
) -> None:
    """Have files deleted soon that no other application has among its documents."""
    elsewhere = select(Evidence.id).where(
        Evidence.file_id == StoredFile.id, Evidence.application_id != application.id
    )
    session.execute(
        update(StoredFile)
        .where(StoredFile.id.in_([each for each in file_ids if each is not None]))
        .where(~elsewhere.exists())
        .values(expires_at=at + FORGOTTEN_AFTER)
        .execution_options(synchronize_session=False)
    )


def of_graduate(session: Session, vault: Vault, graduate: Graduate, key: str) -> EvidenceDocument:
    """Return a document of hers; raise NotFound for anybody else's and for one that is gone."""
    wanted = (Evidence.key == key, Evidence.graduate_id == graduate.id)
    found = session.scalar(select(Evidence).where(*wanted))
    return _opened(session, vault, graduate.school_id, found)


def of_scope(
    session: Session, vault: Vault, scope: Scope, key: str, by: str, at: datetime
) -> EvidenceDocument:
    """Return a document of a graduate in scope, and keep that it was looked at.

    Raises NotFound outside the scope, and for a draft that nobody has sent to review yet.
    """
    row = session.execute(
        select(Evidence, Graduate.key)
        .join(Graduate, Graduate.id == Evidence.graduate_id)
        .join(Application, Application.id == Evidence.application_id)
        .where(within(scope), Evidence.key == key, Application.submitted_at.is_not(None))
    ).one_or_none()
    if row is None:
        raise NotFound("文件")
    found, graduate_key = row
    document = _opened(session, vault, scope.school_id, found)
    record = AuditRecord(
        by, "evidence_opened", f"graduate:{graduate_key}", scope.school_id, {"key": key}
    )
    audit.note(session, record, at)
    return document


def _opened(
    session: Session, vault: Vault, school_id: int, found: Evidence | None
) -> EvidenceDocument:
    stored = files.find(session, school_id, found.file_id) if found else None
    if found is None or stored is None:
        raise NotFound("文件")
    return EvidenceDocument(found.name, found.media_type, files.opened(vault, stored))


def count(session: Session, application_ids: list[int]) -> dict[int, int]:
    """Return how many documents lie with each application."""
    rows = read_rows(session, _numbers(), {"applications": application_ids})
    return {row[0]: row[1] for row in rows}


@cache
def _numbers() -> Select[int, int]:
    return (
        select(Evidence.application_id, func.count())
        .where(is_listed(Evidence.application_id, "applications"), Evidence.removed_at.is_(None))
        .group_by(Evidence.application_id)
    )
