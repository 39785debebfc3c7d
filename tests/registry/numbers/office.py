"""One graduate and her school, for tests of numbers: what can happen to her, in one word each."""

from dataclasses import dataclass, field
from datetime import date
from itertools import count

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, undefer

from registry.accounts.school_tables import Department, School
from registry.numbers import service
from registry.numbers.lookup import looking_up
from registry.numbers.lookup.looking_up import Finding
from registry.numbers.sealed_number import sealed_number
from registry.numbers.service import Validity
from registry.numbers.shape import Issue, Kind
from registry.numbers.states import NumberState
from registry.numbers.tables import IssuedNumber
from registry.numbers.transfer import generate as transferring
from registry.numbers.transfer import states as transfer
from registry.numbers.transfer.generate import Generated, IssuingSchool
from registry.numbers.verification import authentication
from registry.numbers.verification import authorize as authorizing
from registry.numbers.verification import states as authorization
from registry.numbers.verification.authorize import AuthorizationRequest
from registry.record.confirmation.confirm import Reply, answer
from registry.record.registration import Origin, Proposal, record
from registry.record.tables import Answer, Graduate, Source
from registry.review.void import void
from tests.clock import StandingClock
from tests.registry.staff_context import VAULT

CODES = count(20000)
SESSION = "a" * 64
WORK = {
    "category": "10",
    "unit_name": "青禾科技有限公司",
    "unit_location": "福建省福州市鼓楼区",
    "file_type": "签约单位接收",
    "file_unit": "青禾科技有限公司",
    "household_type": "迁回生源地",
    "household_location": "福建省福州市",
}


SEALED = (undefer(IssuedNumber.number_sealed), undefer(IssuedNumber.link_sealed))


@dataclass
class Case:
    """A graduate of a school of her own."""

    session: Session
    clock: StandingClock
    school: School
    graduate: Graduate
    by: str = field(default="staff:clerk")

    @property
    def asked(self) -> AuthorizationRequest:
        """Return her own request, now, from her browser."""
        with_school = [joinedload(Graduate.school)]
        graduate = self.session.get_one(
            Graduate, self.graduate.id, options=with_school, populate_existing=True
        )
        return AuthorizationRequest(graduate, SESSION, self.clock())

    def report(self, **values: str) -> None:
        """Register these values; WORK's where none are given."""
        origin = Origin(self.school.id, Source.IMPORT, "", "学校", self.by, self.clock())
        record(self.session, origin, [Proposal(self.graduate.id, values or WORK)])
        self.session.refresh(self.graduate)

    def correct(self, **basics: str) -> None:
        """Correct her own particulars."""
        origin = Origin(self.school.id, Source.IMPORT, "", "学校", self.by, self.clock())
        record(self.session, origin, [Proposal(self.graduate.id, {}, basics)])
        self.session.refresh(self.graduate)

    def void(self) -> None:
        """Put nothing in force."""
        void(self.session, [self.graduate.id], self.clock())
        self.session.refresh(self.graduate)

    def confirm(self) -> None:
        """Answer that all is right."""
        reply = Reply(Answer.CORRECT, self.graduate.registration_id or 0)
        answer(self.session, self.graduate.id, reply, channel="wechat", at=self.clock())
        self.session.refresh(self.graduate)

    def prove(self) -> None:
        """Be seen at the school with her card."""
        authentication.record_in_person(
            self.session,
            self.graduate.id,
            authentication.IdentityDocument.IDENTITY_CARD,
            self.by,
            self.clock(),
        )

    def authorize(self, kind: Kind = Kind.FILE, validity: Validity = Validity.SERVICE) -> None:
        """Authorize one kind."""
        authorizing.authorize(self.session, VAULT, self.asked, kind, validity)

    def generate(self, kind: Kind = Kind.FILE) -> Generated:
        """Have the school make her transfer number where it is missing or over."""
        office = IssuingSchool(self.school, self.by, self.clock())
        return transferring.generate(self.session, VAULT, office, [self.graduate.id], kind)

    def authorization(self, kind: Kind = Kind.FILE) -> authorization.AuthorizationState:
        """Return where her authorization stands."""
        return authorizing.own(self.session, self.graduate.id, self.clock())[kind].state

    def transfer(self, kind: Kind = Kind.FILE) -> transfer.TransferState:
        """Return where her transfer number stands."""
        row = self.newest(Issue.TRANSFER, kind)
        standing = NumberState(row.standing) if row else None
        ends_on = row.ends_on if row else None
        return transfer.state_of(standing, ends_on, self.today)

    @property
    def today(self) -> date:
        """Return the day in Shanghai."""
        return service.today(self.clock())

    def newest(self, issue: Issue, kind: Kind = Kind.FILE) -> IssuedNumber | None:
        """Return her newest number of an issue and kind, the number itself loaded."""
        return next((row for row in self.rows(issue, kind) if row.newest), None)

    def rows(self, issue: Issue, kind: Kind) -> list[IssuedNumber]:
        """Return all her numbers of an issue and kind, oldest first."""
        wanted = select(IssuedNumber).where(
            IssuedNumber.graduate_id == self.graduate.id,
            IssuedNumber.issue == issue,
            IssuedNumber.kind == kind,
        )
        fresh = wanted.options(*SEALED).execution_options(populate_existing=True)
        return list(self.session.scalars(fresh.order_by(IssuedNumber.sequence)))

    def number(self, issue: Issue, kind: Kind = Kind.FILE) -> str:
        """Return her newest number, opened."""
        row = self.newest(issue, kind)
        assert row is not None
        return sealed_number(row).number(VAULT)

    def token(self, issue: Issue, kind: Kind = Kind.FILE) -> str:
        """Return the token of her newest number's link, opened."""
        row = self.newest(issue, kind)
        assert row is not None
        return sealed_number(row).token(VAULT)

    def look_up(self, number: str, kind: Kind = Kind.FILE, name: str = "") -> Finding:
        """Look a number up under her name, or another."""
        held = name or self.graduate.name
        return looking_up.by_number(self.session, VAULT, kind, held, number, self.clock())


def a_case(session: Session, clock: StandingClock) -> Case:
    """Add a school with one graduate, of whom nothing is registered yet."""
    code = str(next(CODES))
    school = School(code=code, name="示范大学", created_at=clock())
    session.add(school)
    session.flush()
    department = Department(school_id=school.id, name="计算机学院")
    session.add(department)
    session.flush()
    graduate = Graduate(
        school_id=school.id,
        department_id=department.id,
        year=2026,
        student_number="20220101",
        name="欧阳·娜仁",
        sex="2",
        level="31",
        major="软件工程",
        origin="内蒙古自治区呼和浩特市新城区",
        programme_length="4",
        identity_sealed="",
        identity_index="",
        graduation_month="202606",
        created_at=clock(),
        updated_at=clock(),
    )
    session.add(graduate)
    session.flush()
    return Case(session, clock, school, graduate)
