"""Whatever happens in whatever order, signing agrees with a model of a few sentences.

One live agreement a person; a destination of the agreement's if and only if it is signed, or was
kept to the end; each invitation told once, each end of one, and each thing that happens to an
agreement.
"""

import shutil
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from tempfile import TemporaryDirectory
from typing import ClassVar

import hypothesis.strategies as st
import pytest
from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from sqlalchemy import select
from typing_extensions import override

from notifier.campaigns import signing_deadlines
from notifier.ledger import notices
from notifier.ledger.tables import Message
from registry.accounts.employer_tables import Employer
from registry.accounts.tables import Role
from registry.base.database import open_engine, open_sessions
from registry.base.errors import RuleError
from registry.record import events
from registry.record.registration import Origin, Proposal, record
from registry.record.tables import Graduate, Registration, Source
from registry.review.application_moves import current
from registry.review.correction import CorrectionForm, correct
from registry.review.decisions import DONE, Decision
from registry.review.void import request_void
from registry.signing import (
    answering,
    employers,
    fulfilment,
    invitation_ends,
    mending,
    versions,
    voiding,
)
from registry.signing.states import MENDING, AgreementState, InvitationState
from registry.signing.tables import Agreement, Invitation
from tests.databases import FindTemplate
from tests.profiles import examples
from tests.registry.review.casework import SEEKING
from tests.registry.signing.signwork import OTHER_CODE, TERMS, Signwork
from tests.registry.signing.termwork import LETTER, Signed
from tests.wxapp.school.records import open_campus

AT = datetime(2026, 6, 10, 2, tzinfo=UTC)
OVER_BY = datetime(2027, 3, 31, 16, tzinfo=UTC)
"""When what was signed for the cohort of 2026 is over."""
RECORDS, EMPLOYERS = st.sampled_from([0, 1]), st.sampled_from([0, 1])
DESKS = st.sampled_from([[Role.DEPARTMENT], [Role.SCHOOL], [Role.DEPARTMENT, Role.SCHOOL]])
DECISIONS = st.sampled_from(
    [Decision.PASS, Decision.PASS, Decision.RETURN, Decision.RETURN, Decision.DECLINE]
)
OVER = "invitation_ended answered_late"


class Signings(RuleBasedStateMachine):
    """One person with two records of a year, two employers, and a school."""

    template: ClassVar[str]

    def __init__(self) -> None:
        super().__init__()
        self.folder = TemporaryDirectory()
        self.engine = open_engine(f"sqlite:///{shutil.copy(self.template, self.folder.name)}")
        sessions = open_sessions(self.engine)
        events.tell_before_commit(sessions, notices.write)
        self.session = sessions()
        self.open: dict[tuple[int, int], Invitation] = {}
        """What the model holds to be open, by record and employer."""
        self.live: Agreement | None = None
        self.kept: dict[int, int | None] = {}
        """What agreements that were kept have registered, by graduate."""
        self.sent = self.ended = 0
        """Invitations sent, and ended without her answer."""
        self.told = self.amended = self.gone = 0
        """What a review made of agreements, amendments, and agreements ended otherwise."""

    @initialize()
    def begin(self) -> None:
        self.work = Signwork(open_campus(self.session, AT), AT)
        self.records = [self.work.campus.graduate("李娟", department=0) for _ in range(2)]
        codes = ("91350100M000100Y43", OTHER_CODE)
        self.recruiters = [self.work.recruiter(code) for code in codes]
        for role in (Role.DEPARTMENT, Role.SCHOOL):
            self.work.staff(role)
        self.two = [self.work.campus.staff(Role.SCHOOL) for _ in range(2)]
        for each in self.two:
            each.created_at = AT - timedelta(days=2)
        self.session.commit()

    @override
    def teardown(self) -> None:
        self.session.close()
        self.engine.dispose()
        self.folder.cleanup()

    def attempt(self, codes: str, deed: Callable[[], object]) -> bool:
        """Do it and commit; a refusal is one of the rules' and changes nothing."""
        try:
            deed()
        except RuleError as refusal:
            self.session.rollback()
            if refusal.code not in codes.split():
                raise
            return False
        self.session.commit()
        return True

    def graduate(self, record: int) -> Graduate:
        return self.session.get_one(Graduate, self.records[record].id, populate_existing=True)

    @rule(record=RECORDS, employer=EMPLOYERS)
    def invite(self, record: int, employer: int) -> None:
        made: list[Invitation] = []
        staff = self.recruiters[employer]
        done = self.attempt(
            "already_invited",
            lambda: made.append(self.work.invite(self.graduate(record), staff)),
        )
        held = self.live is not None and self.of(self.live) == (record, employer)
        assert done == ((record, employer) not in self.open and not held)
        if done:
            self.sent += 1
            self.open[record, employer] = made[0]

    def of(self, agreement: Agreement) -> tuple[int, int]:
        """Return whose agreement it is, and with which employer."""
        invitation = self.session.get_one(Invitation, agreement.invitation_id)
        record = [each.id for each in self.records].index(agreement.graduate_id)
        employer = [each.employer_id for each in self.recruiters].index(invitation.employer_id)
        return record, employer

    @precondition(lambda self: self.open)
    @rule(data=st.data())
    def accept(self, data: st.DataObject) -> None:
        self.accept_of(*data.draw(st.sampled_from(sorted(self.open))))

    def accept_of(self, record: int, employer: int) -> None:
        invitation = self.open[record, employer]
        made: list[Agreement] = []
        done = self.attempt(
            f"already_accepted signed_already application_open {OVER}",
            lambda: made.append(self.work.accept(self.graduate(record), invitation)),
        )
        late = invitation.answer_by <= self.work.at
        voiding = current(self.session, self.records[record].id) is not None and not done
        kept = self.records[record].id in self.kept
        assert done == (self.live is None and not late and not voiding and not kept)
        if done:
            self.live = made[0]
            del self.open[record, employer]

    @precondition(lambda self: self.live is None)
    @rule(record=RECORDS, employer=EMPLOYERS)
    def sign(self, record: int, employer: int) -> None:
        """Go the whole way at once, so that enough happens to what is signed."""
        self.invite(record, employer)
        self.accept_of(record, employer)
        if self.live is None:
            return
        self.wait(2)
        self.review([Role.DEPARTMENT, Role.SCHOOL], Decision.PASS)
        self.session.refresh(self.live)
        assert self.live.state == AgreementState.SIGNED

    @precondition(lambda self: self.open)
    @rule(data=st.data())
    def refuse(self, data: st.DataObject) -> None:
        record, employer = data.draw(st.sampled_from(sorted(self.open)))
        invitation = self.open[record, employer]
        writer = self.work.writer(self.graduate(record))
        deed = self.attempt(OVER, lambda: answering.refuse(self.session, writer, invitation.key))
        assert deed == (invitation.answer_by > self.work.at)
        if deed:
            del self.open[record, employer]

    @precondition(lambda self: self.open)
    @rule(data=st.data())
    def withdraw(self, data: st.DataObject) -> None:
        record, employer = data.draw(st.sampled_from(sorted(self.open)))
        invitation = self.open.pop((record, employer))
        mine, key = self.recruiters[employer].employer_id or 0, invitation.key
        assert self.attempt(
            "", lambda: invitation_ends.withdraw(self.session, mine, key, "取消", self.work.at)
        )
        self.ended += 1

    @precondition(lambda self: self.live)
    @rule()
    def retract(self) -> None:
        assert self.live is not None
        record, _ = self.of(self.live)
        invitation = self.session.get_one(Invitation, self.live.invitation_id)
        writer = self.work.writer(self.graduate(record))
        done = self.attempt(
            "retract_over", lambda: answering.retract(self.session, writer, invitation.key)
        )
        reviewed = self.live.state in {AgreementState.IN_REVIEW, AgreementState.RETRACTED}
        assert done == (reviewed and self.live.retract_until > self.work.at)
        if done:
            self.live = None

    @precondition(lambda self: self.live)
    @rule(roles=DESKS, decision=DECISIONS)
    def review(self, roles: list[Role], decision: Decision) -> None:
        for role in roles:
            for each in self.records:
                self.decide(role, each, decision)

    def decide(self, role: Role, graduate: Graduate, decision: Decision) -> None:
        found = current(self.session, graduate.id)
        if found is None:
            return
        (came,) = self.work.decide(role, found, decision=decision, reason="不符")
        self.session.commit()
        if came not in DONE:
            return
        if decision is not Decision.PASS or role is Role.SCHOOL:
            self.told += 1
        if decision is Decision.DECLINE:
            self.live = None

    @precondition(lambda self: self.live)
    @rule(pay=st.sampled_from(["9700", "9800"]))
    def amend(self, pay: str) -> None:
        assert self.live is not None
        _, employer = self.of(self.live)
        staff, key, said = self.recruiters[employer], self.work.key_of(self.live), TERMS
        known = self.live.terms["pay"] == pay
        returned = self.live.state == AgreementState.RETURNED
        newest = versions.newest(self.session, self.live).terms["pay"]
        again = self.live.state == AgreementState.AMENDED and newest == pay
        done = self.attempt(
            "not_returned nothing_changed",
            lambda: mending.amend(self.session, staff, key, said | {"pay": pay}, self.work.at),
        )
        assert done == ((returned and not known) or again)
        self.amended += done and not again

    @precondition(lambda self: self.live and self.live.state in MENDING)
    @rule(seen=st.sampled_from(["old", "new"]))
    def agree(self, seen: str) -> None:
        assert self.live is not None
        state, record = self.live.state, self.of(self.live)[0]
        kept = versions.of(self.session, self.live)
        digest = kept[0 if seen == "new" else -1].digest
        writer, key = self.work.writer(self.graduate(record)), self.work.key_of(self.live)
        vault = self.work.campus.vault
        done = self.attempt(
            "terms_changed", lambda: mending.agree(self.session, vault, writer, key, digest)
        )
        assert done == (digest == kept[0].digest)
        self.session.expire_all()
        agreed = done and state == AgreementState.AMENDED
        assert self.live.state == (AgreementState.IN_REVIEW if agreed else state)

    @precondition(lambda self: self.live and self.live.state == AgreementState.RETURNED)
    @rule()
    def resubmit(self) -> None:
        assert self.live is not None
        writer = self.work.writer(self.graduate(self.of(self.live)[0]))
        vault, key = self.work.campus.vault, self.work.key_of(self.live)
        assert self.attempt("", lambda: mending.resubmit(self.session, vault, writer, key))

    @precondition(lambda self: self.live)
    @rule(who=st.sampled_from(["she", "employer"]))
    def give_up(self, who: str) -> None:
        assert self.live is not None
        mended, key = self.live.state in MENDING, self.work.key_of(self.live)
        record, employer = self.of(self.live)
        writer, staff = self.work.writer(self.graduate(record)), self.recruiters[employer]
        done = self.attempt(
            "not_returned",
            (lambda: mending.give_up(self.session, writer, key, "放弃"))
            if who == "she"
            else lambda: mending.give_up_by_employer(
                self.session, staff, key, "放弃", self.work.at
            ),
        )
        assert done == mended
        self.end(done=done)

    def end(self, *, done: bool) -> None:
        if done:
            self.live, self.gone = None, self.gone + 1

    @precondition(lambda self: self.live)
    @rule()
    def void_by_two(self) -> None:
        assert self.live is not None
        key, at = self.live.key, self.work.at
        self.attempt("", lambda: voiding.ask(self.session, self.two[0], key, "虚假签约", at))
        self.attempt("", lambda: voiding.confirm(self.session, self.two[1], key, at))
        self.end(done=True)

    @precondition(lambda self: self.live)
    @rule(by=st.sampled_from(["correction", "import"]))
    def another_destination(self, by: str) -> None:
        assert self.live is not None
        graduate, staff = self.graduate(self.of(self.live)[0]), self.work.staff(Role.SCHOOL)
        school, at = self.work.campus.school.id, self.work.at
        change, scope = CorrectionForm(SEEKING, "更正"), self.work.campus.scope
        origin = Origin(school, Source.NATIONAL, "", "学校", "system", at)
        proposal = Proposal(graduate.id, {"category": "70"})
        assert not self.attempt(
            "agreement_in_force",
            (lambda: record(self.session, origin, [proposal]))
            if by == "import"
            else lambda: correct(self.session, scope, staff, graduate.key, change, at),
        )

    @rule(record_=RECORDS)
    def move_on_and_back(self, record_: int) -> None:
        """Move a record to the next cohort and back: what is being signed does not survive it."""
        graduate, at = self.graduate(record_), self.work.at
        origin = Origin(self.work.campus.school.id, Source.NATIONAL, "", "学校", "system", at)
        signing = self.live is not None and self.live.state != AgreementState.SIGNED
        mine = self.live is not None and self.of(self.live)[0] == record_
        for year in (graduate.year + 1, graduate.year):
            proposal = Proposal(graduate.id, basics={"year": year})
            deed = partial(record, self.session, origin, [proposal])
            assert self.attempt("", deed)
        self.end(done=signing and mine)
        stopped = [pair for pair in self.open if pair[0] == record_]
        self.ended += len(stopped)
        for pair in stopped:
            del self.open[pair]

    @precondition(lambda self: self.live and self.live.state == AgreementState.SIGNED)
    @rule()
    def ask_to_void(self) -> None:
        assert self.live is not None
        record, _ = self.of(self.live)
        writer = self.work.writer(self.graduate(record))
        assert not self.attempt(
            "agreement_in_force", lambda: request_void(self.session, writer, "已解约")
        )

    @precondition(lambda self: self.live and self.live.state == AgreementState.SIGNED)
    @rule()
    def terminate(self) -> None:
        assert self.live is not None
        record, employer = self.of(self.live)
        key = self.session.get_one(Invitation, self.live.invitation_id).key
        both = (self.graduate(record), self.recruiters[employer])
        signed = Signed(self.work, *both, self.live, key)
        signed.decide(signed.ask(signed.her, LETTER, signed.proof()))
        self.session.commit()
        self.live = None

    @rule()
    def fulfil(self) -> None:
        """Look as the clock does when the year is over: what is signed was kept, once."""
        signed = self.live is not None and self.live.state == AgreementState.SIGNED
        ended = [fulfilment.fulfil(self.session, OVER_BY) for _ in range(2)]
        self.session.commit()
        assert ended == [int(signed), 0]
        if self.live is not None and signed:
            self.session.refresh(self.live)
            assert self.live.state == AgreementState.FULFILLED
            self.kept[self.live.graduate_id] = self.live.registration_id
            self.live = None

    @rule(employer=EMPLOYERS)
    def suspend_and_resume(self, employer: int) -> None:
        school, at = self.work.staff(Role.SCHOOL), self.work.at
        unit = self.session.get_one(Employer, self.recruiters[employer].employer_id)
        found = employers.find(self.session, self.work.campus.school.id, unit.key)
        assert employers.suspend(self.session, school, found, "核查", at)
        assert employers.resume(self.session, school, found, at)
        self.session.commit()
        gone = [pair for pair in self.open if pair[1] == employer]
        self.ended += len(gone)
        for pair in gone:
            del self.open[pair]

    @rule(hours=st.sampled_from([1, 2, 24, 150]))
    def wait(self, hours: int) -> None:
        self.work.at += timedelta(hours=hours)
        due_by = self.live.due_by if self.live else None
        self.attempt("", lambda: signing_deadlines.remind(self.session, self.work.at))
        self.attempt("", lambda: signing_deadlines.lapse(self.session, self.work.at))
        self.end(done=due_by is not None and due_by <= self.work.at)
        late = [pair for pair, each in self.open.items() if each.answer_by <= self.work.at]
        self.ended += len(late)
        for pair in late:
            del self.open[pair]

    @invariant()
    def the_model_holds(self) -> None:
        self.session.expire_all()
        found = self.session.scalars(select(Invitation)).all()
        assert {each.id for each in found if each.state == InvitationState.OPEN} == {
            each.id for each in self.open.values()
        }
        live = [each for each in self.work.agreements() if each.ended_at is None]
        assert live == ([self.live] if self.live else [])

    @invariant()
    def a_destination_is_in_force_if_and_only_if_signed_or_kept(self) -> None:
        rows = self.session.execute(
            select(Graduate.id.label("graduate"), Registration.id.label("registration")).join(
                Registration, Registration.id == Graduate.registration_id
            )
        )
        wanted = dict(self.kept)
        if self.live is not None and self.live.state == AgreementState.SIGNED:
            wanted[self.live.graduate_id] = self.live.registration_id
        assert {row.graduate: row.registration for row in rows} == wanted

    @invariant()
    def each_is_told_once_and_none_forgotten(self) -> None:
        keys = self.session.scalars(select(Message.business_key)).all()
        assert len([each for each in keys if each.startswith("invitation:")]) == self.sent
        assert len([each for each in keys if each.startswith("invitation_ended:")]) == self.ended
        for name, number in (
            ("agreement", self.told),
            ("agreement_amended", self.amended),
            ("agreement_ended", self.gone),
        ):
            assert len([each for each in keys if each.startswith(f"{name}:")]) == number


@pytest.fixture(scope="module", autouse=True)
def template(database_templates: FindTemplate) -> None:
    """Have each history begin with a copy of the migrated database."""
    Signings.template = str(database_templates("sqlite").database)


TestSignings = Signings.TestCase
TestSignings.settings = settings(max_examples=examples(10, thorough=100), stateful_step_count=25)
