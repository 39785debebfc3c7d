"""A school whose graduates register and whose staff review, spoken to in short sentences."""

import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from notifier.ledger.tables import Message
from registry.accounts.tables import Role, Staff
from registry.numbers.service import Validity
from registry.numbers.shape import Kind
from registry.numbers.verification import authentication
from registry.numbers.verification.authorize import AuthorizationRequest, authorize
from registry.record import own_record
from registry.record.requirements import EvidenceKind
from registry.record.scope import Scope, in_province
from registry.record.tables import Graduate, Registration
from registry.review import applications, evidence
from registry.review import decide as reviewing
from registry.review.application_moves import Writer, current
from registry.review.decisions import Decision, Outcome, Verdict, reviewer
from registry.review.evidence import EvidenceUpload
from registry.review.evidence_types import CheckedDocument
from registry.review.states import ApplicationState
from registry.review.tables import Application
from tests.wxapp.school.records import Campus

CREDIT_CODE = "91350100M000100Y43"
AGREEMENT: dict[str, str] = {
    "category": "10",
    "unit_name": "青岛海纳软件有限公司",
    "unit_code": CREDIT_CODE,
    "unit_nature": "31",
    "unit_industry": "34",
    "unit_location_code": "370202",
    "unit_contact": "孙经理",
    "unit_phone": "0532-86981234",
    "job_class": "13",
    "signed_on": "2026-05-20",
    "file_type": "转回生源地",
    "household_type": "户口不在学校",
}
PROVINCE = "370000"
SEEKING = {"category": "70", "file_type": "转回生源地", "household_type": "户口不在学校"}


def _chunk(kind: bytes, content: bytes) -> bytes:
    body = kind + content
    return len(content).to_bytes(4) + body + zlib.crc32(body).to_bytes(4)


PNG = (
    b"\x89PNG\r\n\x1a\n"
    + _chunk(b"IHDR", b"\0\0\0\1\0\0\0\1\x08\0\0\0\0")
    + _chunk(b"IDAT", zlib.compress(b"\0\0"))
    + _chunk(b"IEND", b"")
)
"""A picture of one pixel."""


@dataclass
class Casework:
    """One school at work; `at` moves on when a test says so."""

    campus: Campus
    at: datetime
    reviewers: dict[Role, Staff] = field(default_factory=dict)

    @property
    def session(self) -> Session:
        """Return the session everything is done on."""
        return self.campus.session

    def writer(self, graduate: Graduate) -> Writer:
        """Let a graduate write now."""
        return Writer(graduate, self.at)

    def save(self, graduate: Graduate, values: Mapping[str, object]) -> Application:
        """Keep a draft over whatever is open."""
        open_one = current(self.session, graduate.id)
        revision = open_one.revision if open_one else applications.NEW
        return applications.save(self.session, self.writer(graduate), values, revision)

    def prove(self, graduate: Graduate, kind: EvidenceKind = EvidenceKind.AGREEMENT) -> None:
        """Upload a document."""
        upload = EvidenceUpload(kind, "材料.png", CheckedDocument("image/png", PNG))
        evidence.add(self.session, self.campus.vault, self.writer(graduate), upload)

    def submit(self, graduate: Graduate, values: Mapping[str, object] = AGREEMENT) -> Application:
        """Fill the form, prove it where that is wanted, and send it."""
        saved = self.save(graduate, values)
        if values.get("category") == "10":
            self.prove(graduate)
        return applications.submit(
            self.session, self.campus.vault, self.writer(graduate), saved.revision
        )

    def staff(self, role: Role) -> Staff:
        """Return the one member of staff of a role; the department's is of the first one."""
        if role not in self.reviewers:
            department = 0 if role is Role.DEPARTMENT else None
            self.reviewers[role] = self.campus.staff(role, department)
        return self.reviewers[role]

    def scope(self, role: Role) -> Scope:
        """Return how far a role sees."""
        if role is Role.PROVINCE:
            return in_province(self.session, PROVINCE, self.campus.school.key)[1]
        return self.campus.department_scope() if role is Role.DEPARTMENT else self.campus.scope

    def decide(
        self, role: Role, *given: Application, decision: Decision = Decision.PASS, reason: str = ""
    ) -> list[Outcome]:
        """Decide on applications as they were seen; return what came of each."""
        seen = {each.key: each.revision for each in given}
        who = reviewer(self.staff(role))
        verdict = Verdict(decision, reason)
        found = reviewing.decide(self.session, self.scope(role), who, seen, verdict, self.at)
        for each in given:
            self.session.refresh(each)
        self.session.expire_all()
        return [found[each.key] for each in given]

    def give_back(self, role: Role, *given: Application, reason: str = "单位名称不全") -> Outcome:
        """Return an application."""
        return self.decide(role, *given, decision=Decision.RETURN, reason=reason)[0]

    def register(self, graduate: Graduate, values: Mapping[str, object] = AGREEMENT) -> Application:
        """Go the whole way: submitted, passed by the department and by the school."""
        sent = self.submit(graduate, values)
        assert self.decide(Role.DEPARTMENT, sent) == [Outcome.PASSED]
        assert self.decide(Role.SCHOOL, sent) == [Outcome.PASSED]
        assert sent.state == ApplicationState.PASSED
        return sent

    def authorize(self, graduate: Graduate, kind: Kind = Kind.FILE) -> None:
        """Have a graduate who confirmed let receivers look her up, seen with her card."""
        card = authentication.IdentityDocument.IDENTITY_CARD
        authentication.record_in_person(self.session, graduate.id, card, "staff:x", self.at)
        self.session.expire_all()
        asked = AuthorizationRequest(
            own_record.graduate_afresh(self.session, graduate.id), "", self.at
        )
        authorize(self.session, self.campus.vault, asked, kind, Validity.SERVICE)
        self.session.expire_all()

    def versions(self, graduate: Graduate) -> list[Registration]:
        """Return all versions of a graduate, in order."""
        wanted = select(Registration).where(Registration.graduate_id == graduate.id)
        return list(self.session.scalars(wanted.order_by(Registration.version)))

    def messages(self, kind: str = "review_result") -> list[Message]:
        """Commit, and return the messages of a kind, in order."""
        self.session.commit()
        wanted = select(Message).where(Message.kind == kind).order_by(Message.id)
        return list(self.session.scalars(wanted))
