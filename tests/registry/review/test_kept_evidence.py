"""A change begins with the documents in force; each file stays as long as anybody needs it."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from registry.accounts.tables import Role
from registry.base import files
from registry.base.file_tables import StoredFile
from registry.record.requirements import EvidenceKind
from registry.record.tables import Graduate
from registry.review import applications, evidence, kept_evidence
from registry.review.application_moves import current
from registry.review.evidence import EvidenceUpload
from registry.review.evidence_types import CheckedDocument
from registry.review.states import ApplicationState
from registry.review.tables import Application, Evidence
from tests.registry.review.casework import AGREEMENT, SEEKING, Casework
from tests.wxapp.school.records import VAULT

CHANGED = {**AGREEMENT, "unit_contact": "周经理"}


@pytest.fixture
def proof(work: Casework, graduate: Graduate) -> Evidence:
    """Give the agreement by which a graduate is registered."""
    passed = work.register(graduate)
    (found,) = evidence.listed(work.session, passed.id)
    return found


def draft_of(work: Casework, graduate: Graduate) -> list[Evidence]:
    open_one = current(work.session, graduate.id)
    assert open_one is not None
    return evidence.listed(work.session, open_one.id)


def expiry(work: Casework, proof: Evidence) -> datetime:
    found = select(StoredFile.expires_at).where(StoredFile.id == proof.file_id)
    return work.session.scalars(found).one()


def send(work: Casework, graduate: Graduate, saved: Application) -> Application:
    return applications.submit(work.session, VAULT, work.writer(graduate), saved.revision)


def test_a_change_is_sent_with_the_documents_in_force(
    work: Casework, graduate: Graduate, proof: Evidence
) -> None:
    saved = work.save(graduate, CHANGED)
    (taken,) = draft_of(work, graduate)
    assert (taken.kind, taken.name, taken.file_id) == (proof.kind, proof.name, proof.file_id)
    assert kept_evidence.carried(work.session, [taken, proof]) == {taken.id}
    assert send(work, graduate, saved).state == ApplicationState.SUBMITTED
    assert evidence.listed(work.session, proof.application_id) == [proof]


def test_a_reviewer_opens_the_same_file_by_either_application(
    work: Casework, graduate: Graduate, proof: Evidence
) -> None:
    sent = send(work, graduate, work.save(graduate, CHANGED))
    (taken,) = evidence.listed(work.session, sent.id)
    scope = work.scope(Role.SCHOOL)
    shown = [
        evidence.of_scope(work.session, VAULT, scope, each.key, "staff:x", work.at).content
        for each in (proof, taken)
    ]
    assert shown[0] == shown[1]


def test_a_category_with_other_proofs_takes_none_over(
    work: Casework, graduate: Graduate, proof: Evidence
) -> None:
    saved = work.save(graduate, SEEKING)
    assert draft_of(work, graduate) == []
    work.save(graduate, CHANGED)
    assert [each.file_id for each in draft_of(work, graduate)] == [proof.file_id]
    work.save(graduate, {**CHANGED, "category": "11"})
    assert draft_of(work, graduate) == []
    assert evidence.listed(work.session, proof.application_id) == [proof]
    assert saved.id != proof.application_id


def test_what_she_took_off_does_not_come_back_and_is_asked_for(
    work: Casework, graduate: Graduate, proof: Evidence
) -> None:
    work.save(graduate, CHANGED)
    (taken,) = draft_of(work, graduate)
    evidence.remove(work.session, work.writer(graduate), taken.key)
    saved = work.save(graduate, {**CHANGED, "unit_contact": "吴经理"})
    assert draft_of(work, graduate) == []
    found = applications.problems(work.session, VAULT, work.writer(graduate), saved.values)
    assert [each.code for each in found] == ["evidence_missing"]


def test_it_may_be_replaced(work: Casework, graduate: Graduate, proof: Evidence) -> None:
    work.save(graduate, CHANGED)
    (taken,) = draft_of(work, graduate)
    document = CheckedDocument("application/pdf", b"%PDF-1.7")
    upload = EvidenceUpload(EvidenceKind.AGREEMENT, "新协议.pdf", document)
    evidence.add(work.session, VAULT, work.writer(graduate), upload)
    evidence.remove(work.session, work.writer(graduate), taken.key)
    assert [each.name for each in draft_of(work, graduate)] == ["新协议.pdf"]


@pytest.mark.parametrize("act", ["remove", "discard"])
def test_a_file_in_force_is_kept_whatever_becomes_of_the_draft(
    work: Casework, graduate: Graduate, proof: Evidence, act: str
) -> None:
    until = expiry(work, proof)
    saved = work.save(graduate, CHANGED)
    if act == "remove":
        (taken,) = draft_of(work, graduate)
        evidence.remove(work.session, work.writer(graduate), taken.key)
    else:
        applications.discard(work.session, work.writer(graduate), saved.revision)
    assert expiry(work, proof) == until
    files.sweep_expired(work.session, work.at + timedelta(days=2))
    assert evidence.of_graduate(work.session, VAULT, graduate, proof.key).content


def test_a_file_taken_over_is_kept_three_years_from_then(
    work: Casework, graduate: Graduate, proof: Evidence
) -> None:
    stored = work.session.scalars(select(StoredFile)).one()
    stored.expires_at = work.at + timedelta(days=1)
    work.save(graduate, CHANGED)
    assert expiry(work, proof).year == 2029


def test_a_file_whose_time_has_passed_is_asked_for_again(
    work: Casework, graduate: Graduate, proof: Evidence
) -> None:
    files.sweep_expired(work.session, work.at + timedelta(days=3000))
    work.session.expire_all()
    work.save(graduate, CHANGED)
    assert draft_of(work, graduate) == []


def test_what_a_file_registered_has_no_documents_to_take_over(
    work: Casework, graduate: Graduate
) -> None:
    work.campus.report(graduate)
    work.save(graduate, CHANGED)
    assert draft_of(work, graduate) == []
