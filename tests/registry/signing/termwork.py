"""A school, an employer and graduates who end what they have signed, in short sentences."""

import json
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.accounts.tables import Role, Staff
from registry.province import batch_decisions
from registry.province.batches import send_batch, signature
from registry.record.confirmation.confirm import Reply, answer
from registry.record.scope import Scope
from registry.record.tables import Answer, Graduate
from registry.review.decisions import Decision
from registry.review.evidence_types import CheckedDocument
from registry.signing import terminating, termination_review
from registry.signing.tables import Agreement, Invitation
from registry.signing.terminating import TerminationRequest
from registry.signing.termination_documents import TerminationProof
from registry.signing.termination_review import TerminationVerdict
from registry.signing.termination_sides import Side, employer_side, graduate_side
from registry.signing.termination_tables import Termination
from tests.registry.review.casework import PNG, PROVINCE
from tests.registry.signing.signwork import USUAL_CODE, Signwork

FAMILY = TerminationRequest("consent", "family", "需照顾家人", "3000", "unpaid")
STUDY = TerminationRequest("clause", "study")
LETTER = TerminationRequest("letter", "promise")
BUSINESS = TerminationRequest("consent", "business", "岗位撤销", "3000", "unpaid")


@dataclass
class Signed:
    """An agreement that is signed, and both who signed it."""

    work: Signwork
    graduate: Graduate
    staff: Staff
    agreement: Agreement
    invitation_key: str

    @property
    def session(self) -> Session:
        return self.work.session

    @property
    def her(self) -> Side:
        """Return her side, now."""
        return graduate_side(self.work.writer(self.graduate_now()))

    @property
    def employer(self) -> Side:
        """Return the employer's side, now."""
        return employer_side(self.staff, self.work.at)

    def graduate_now(self) -> Graduate:
        return self.session.get_one(Graduate, self.graduate.id, populate_existing=True)

    def agreement_now(self) -> Agreement:
        return self.session.get_one(Agreement, self.agreement.id, populate_existing=True)

    def proof(self, more: bytes = b"") -> TerminationProof:
        return TerminationProof(
            self.work.campus.vault, "录取通知书.png", CheckedDocument("image/png", PNG + more)
        )

    def ask(
        self, side: Side, asked: TerminationRequest = FAMILY, proof: TerminationProof | None = None
    ) -> Termination:
        return terminating.ask(self.session, side, self.invitation_key, asked, proof)

    def decide(
        self, found: Termination, decision: Decision = Decision.PASS, reason: str = ""
    ) -> Termination:
        """Decide as the school, on the request as it stands now."""
        seen = self.session.get_one(Termination, found.id, populate_existing=True).state
        return self.judge(found, TerminationVerdict(decision, seen, reason))

    def judge(
        self, found: Termination, verdict: TerminationVerdict, scope: Scope | None = None
    ) -> Termination:
        """Decide as somebody of the school, on the request as it was seen."""
        school, at = self.work.staff(Role.SCHOOL), self.work.at
        own = scope or self.work.campus.scope
        return termination_review.decide(self.session, own, school, found.key, verdict, at)

    def confirm(self) -> None:
        """Have her answer that all is right."""
        reply = Reply(Answer.CORRECT, self.graduate_now().registration_id or 0)
        answer(self.session, self.graduate.id, reply, channel="wechat", at=self.work.at)
        self.session.expire_all()

    def file_with_province(self) -> None:
        """Have the school send what is in force, and the province file it."""
        school, clerk = (signature(self.work.staff(each)) for each in (Role.SCHOOL, Role.PROVINCE))
        self.confirm()
        batch = send_batch(self.session, self.work.campus.scope, 2026, school, self.work.at)
        batch_decisions.file_batch(self.session, PROVINCE, batch.key, clerk, self.work.at)
        self.session.commit()

    def refused(self, found: Termination) -> Termination:
        """Have the other party refuse."""
        side = self.employer if found.party == "graduate" else self.her
        return terminating.refuse(self.session, side, found.key, "岗位仍需要")

    def terminations(self) -> list[Termination]:
        """Return all requests, in order."""
        wanted = select(Termination).order_by(Termination.id)
        return list(self.session.scalars(wanted.execution_options(populate_existing=True)))

    def told(self) -> list[tuple[str, str]]:
        """Return what she was told of terminations: result and hint."""
        found = [json.loads(each.facts) for each in self.work.messages("termination")]
        return [(each["result"], each["hint"]) for each in found]


def sign(work: Signwork, graduate: Graduate, unit_code: str = USUAL_CODE) -> Signed:
    """Have a graduate and an employer sign."""
    staff = work.recruiter(unit_code)
    agreement = work.sign(graduate, staff)
    key = work.session.scalars(
        select(Invitation.key).where(Invitation.id == agreement.invitation_id)
    ).one()
    return Signed(work, graduate, staff, agreement, key)
