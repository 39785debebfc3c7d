"""Evidence is what it says it is, sealed, kept for three years, and shown to those entitled."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from registry.accounts.tables import AuditEntry
from registry.base import files
from registry.base.errors import NotFound, RuleError
from registry.base.file_tables import StoredFile
from registry.record.requirements import EvidenceKind
from registry.record.scope import Scope
from registry.record.tables import Graduate
from registry.review import evidence
from registry.review.applications import withdraw
from registry.review.evidence import EvidenceUpload
from registry.review.evidence_types import CheckedDocument
from registry.review.tables import Evidence
from tests.registry.review.casework import AGREEMENT, PNG, Casework
from tests.wxapp.school.records import VAULT, open_campus

PDF = b"%PDF-1.7"


@pytest.fixture
def proof(work: Casework, graduate: Graduate) -> Evidence:
    """Give a document of a draft."""
    work.save(graduate, AGREEMENT)
    work.prove(graduate)
    return work.session.scalars(select(Evidence)).one()


def add(work: Casework, graduate: Graduate, name: str, content: bytes = PDF) -> Evidence:
    upload = EvidenceUpload(
        EvidenceKind.EMPLOYER_LETTER, name, CheckedDocument("application/pdf", content)
    )
    return evidence.add(work.session, VAULT, work.writer(graduate), upload)


def test_the_same_document_twice_is_kept_once(
    work: Casework, graduate: Graduate, proof: Evidence
) -> None:
    work.prove(graduate)
    assert evidence.listed(work.session, proof.application_id) == [proof]


def test_it_is_sealed_and_kept_for_three_full_years(work: Casework, proof: Evidence) -> None:
    stored = files.find(work.session, work.campus.school.id, proof.file_id)
    assert stored is not None
    assert PNG not in stored.sealed
    assert stored.expires_at == datetime(2029, 12, 31, 16, tzinfo=UTC)


def test_a_name_is_for_people_and_never_a_path(
    work: Casework, graduate: Graduate, proof: Evidence
) -> None:
    assert add(work, graduate, "..\\..\\etc/证 明\0.exe").name == "证 明.pdf"
    assert add(work, graduate, "/", PDF + b"\n").name == "佐证材料.pdf"


def test_an_internship_proves_no_employment(
    work: Casework, graduate: Graduate, proof: Evidence
) -> None:
    with pytest.raises(RuleError, match="internship_proof"):
        add(work, graduate, "实习证明.pdf")


def test_there_is_an_end_to_documents(
    work: Casework, graduate: Graduate, proof: Evidence, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(evidence, "MOST_FILES", 1)
    with pytest.raises(RuleError, match="too_many_files"):
        add(work, graduate, "证明.pdf")


def test_she_sees_her_own_and_nobody_elses(
    work: Casework, graduate: Graduate, proof: Evidence
) -> None:
    shown = evidence.of_graduate(work.session, VAULT, graduate, proof.key)
    assert (shown.content, shown.media_type) == (PNG, "image/png")
    stranger = work.campus.graduate("赵敏")
    with pytest.raises(NotFound):
        evidence.of_graduate(work.session, VAULT, stranger, proof.key)


def test_staff_in_scope_see_what_was_sent_and_it_is_noted(
    work: Casework, graduate: Graduate, proof: Evidence
) -> None:
    def look(scope: Scope | None = None) -> bytes:
        mine = scope or work.campus.department_scope(0)
        found = evidence.of_scope(work.session, VAULT, mine, proof.key, "staff:x", work.at)
        return found.content

    with pytest.raises(NotFound):
        look()
    work.submit(graduate)
    assert look() == PNG
    deed = work.session.scalars(select(AuditEntry)).one()
    assert (deed.action, deed.subject) == ("evidence_opened", f"graduate:{graduate.key}")
    for other in (
        work.campus.department_scope(1),
        open_campus(work.session, work.at, "10001").scope,
    ):
        with pytest.raises(NotFound):
            look(other)


def test_what_waits_for_review_neither_comes_nor_goes(
    work: Casework, graduate: Graduate, proof: Evidence
) -> None:
    work.submit(graduate)
    with pytest.raises(RuleError, match="not_editable"):
        work.prove(graduate)
    with pytest.raises(RuleError, match="not_editable"):
        evidence.remove(work.session, work.writer(graduate), proof.key)


def expiry(work: Casework, file_id: int | None) -> datetime:
    found = select(StoredFile.expires_at).where(StoredFile.id == file_id)
    return work.session.scalars(found).one()


def test_what_was_never_sent_is_deleted_soon_what_was_sent_is_kept(
    work: Casework, graduate: Graduate, proof: Evidence
) -> None:
    sent = work.submit(graduate)
    withdraw(work.session, work.writer(graduate), sent.revision)
    work.at = work.at.replace(hour=5)
    late = add(work, graduate, "证明.pdf")
    for each in (proof, late):
        evidence.remove(work.session, work.writer(graduate), each.key)
    assert expiry(work, proof.file_id).year == 2029
    assert (expiry(work, late.file_id) - work.at).days == 1
    assert evidence.listed(work.session, sent.id) == []
    with pytest.raises(NotFound):
        evidence.remove(work.session, work.writer(graduate), proof.key)
