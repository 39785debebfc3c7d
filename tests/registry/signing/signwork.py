"""A school, an employer and graduates who sign, spoken to in short sentences."""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import select

from registry.accounts.school_tables import School
from registry.accounts.tables import Role, Staff
from registry.province.states import BatchState
from registry.record.own_record import graduate_afresh
from registry.record.province_tables import ProvinceBatch, ProvinceEntry
from registry.record.tables import Graduate
from registry.review.decisions import Decision, Outcome
from registry.review.tables import Application
from registry.signing import answering, employers, inviting
from registry.signing.employer_papers import EmployerListing
from registry.signing.inviting import Offer
from registry.signing.tables import Agreement, Invitation
from tests.registry.review.casework import Casework

RETRACT = timedelta(hours=2)
TERMS: dict[str, str] = {
    "post": "软件工程师",
    "job_class": "13",
    "work_location_code": "370202",
    "pay": "9000",
    "probation_months": "3",
    "probation_pay": "7500",
    "breach": "3000",
    "exits": "升学、应征入伍",
    "takes_file": "no",
    "takes_household": "no",
}
USUAL_CODE = "91350100M000100Y43"
OTHER_CODE = "91370200MA3C0TUX7C"


class Signwork(Casework):
    """One school at work whose graduates are invited to sign."""

    def recruiter(self, unit_code: str = USUAL_CODE) -> Staff:
        """Add somebody of an employer that the school has qualified."""
        member = self.campus.staff(Role.EMPLOYER)
        member.employer_id = self.campus.employer(unit_code).id
        self.session.flush()
        return member

    def invite(
        self,
        graduate: Graduate,
        staff: Staff | None = None,
        said: Mapping[str, str] = TERMS,
        answer_by: datetime | None = None,
    ) -> Invitation:
        """Send an invitation, to be answered within five days."""
        who = staff or self.recruiter()
        until = answer_by or inviting.last_moment(inviting.default_day(self.at), self.at)
        her = graduate_afresh(self.session, graduate.id)
        return inviting.send(self.session, who, Offer(her, said, until), self.at)

    def accept(self, graduate: Graduate, invitation: Invitation) -> Agreement:
        """Accept as she would after her code."""
        writer, vault = self.writer(graduate), self.campus.vault
        return answering.accept(self.session, vault, writer, invitation.key, RETRACT)

    def another_school(self) -> School:
        """Add a school of the same province."""
        school = School(code="10426", name="第二大学", province=self.campus.school.province)
        school.created_at = self.at
        self.session.add(school)
        self.session.flush()
        return school

    def review_of(self, agreement: Agreement) -> Application:
        """Return the application that an agreement is reviewed as."""
        return self.session.get_one(Application, agreement.application_id, populate_existing=True)

    def sign(self, graduate: Graduate, staff: Staff | None = None) -> Agreement:
        """Go the whole way: invited, accepted, passed by both levels after her time is over."""
        agreement = self.accept(graduate, self.invite(graduate, staff))
        self.at += RETRACT
        review = self.review_of(agreement)
        assert self.decide(Role.DEPARTMENT, review) == [Outcome.PASSED]
        assert self.decide(Role.SCHOOL, review) == [Outcome.PASSED]
        return self.session.get_one(Agreement, agreement.id, populate_existing=True)

    def decline(self, role: Role, agreement: Agreement, reason: str = "岗位不实") -> None:
        """Do not pass an agreement, for good."""
        review = self.review_of(agreement)
        came = self.decide(role, review, decision=Decision.DECLINE, reason=reason)
        assert came == [Outcome.DECLINED]

    def returned(self, graduate: Graduate, staff: Staff | None = None) -> Agreement:
        """Go as far as a return to be mended by the department."""
        agreement = self.accept(graduate, self.invite(graduate, staff))
        self.give_back(Role.DEPARTMENT, self.review_of(agreement), reason="薪资有误")
        return self.session.get_one(Agreement, agreement.id, populate_existing=True)

    def facts(self, kind: str) -> list[dict[str, str]]:
        """Return what the messages of a kind say, in order."""
        return [json.loads(each.facts) for each in self.messages(kind)]

    def suspend(self) -> None:
        """Suspend the usual employer at the school."""
        school, key = self.staff(Role.SCHOOL), self.campus.employer().key
        found = employers.find(self.session, self.campus.school.id, key)
        assert employers.suspend(self.session, school, found, "核查", self.at)

    def list_employer(self, until: datetime) -> None:
        """Put the usual employer on the list of those who sign with nobody."""
        listing = EmployerListing(
            employer_id=self.campus.employer().id,
            reason="虚假招聘",
            until=until,
            listed_at=self.at,
            listed_by=self.staff(Role.SCHOOL).id,
        )
        self.session.add(listing)
        self.session.flush()

    def file(self, graduate: Graduate) -> None:
        """Have the province file what is in force for a graduate."""
        her = graduate_afresh(self.session, graduate.id)
        sent = {"sent_by": "test", "sent_by_name": "test", "sent_at": self.at}
        batch = ProvinceBatch(
            school_id=her.school_id,
            year=her.year,
            state=BatchState.FILED,
            total=1,
            counts={},
            left_out={},
            **sent,
        )
        self.session.add(batch)
        self.session.flush()
        about = {"graduate_id": her.id, "registration_id": her.registration_id}
        self.session.add(ProvinceEntry(batch_id=batch.id, locked=True, standing=True, **about))
        self.session.flush()

    def key_of(self, agreement: Agreement) -> str:
        """Return the key of the invitation that an agreement came from."""
        return self.session.get_one(Invitation, agreement.invitation_id).key

    def agreements(self) -> list[Agreement]:
        """Return all agreements, in order."""
        wanted = select(Agreement).order_by(Agreement.id)
        return list(self.session.scalars(wanted.execution_options(populate_existing=True)))
