"""Whatever happens in whatever order, the record stays true: a machine plays whole histories."""

import json
import shutil
from datetime import UTC, datetime
from tempfile import TemporaryDirectory
from typing import Any, ClassVar

import hypothesis.strategies as st
import pytest
from hypothesis import settings
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)
from sqlalchemy import func, select
from typing_extensions import override

from notifier.ledger import notices
from notifier.ledger.tables import Message
from registry.accounts.tables import Role
from registry.base.database import open_engine, open_sessions
from registry.base.errors import RuleError
from registry.record import events, important_fields, in_force, own_record, validation
from registry.record.confirmation import snapshots
from registry.record.confirmation import states as confirmation
from registry.record.confirmation.confirm import Reply, answer
from registry.record.confirmation.states import ConfirmationEvent, ConfirmationState
from registry.record.registration import Origin, Proposal, record
from registry.record.tables import Answer, Registration, Source
from registry.review import applications, sent
from registry.review import states as review
from registry.review.application_moves import current
from registry.review.decisions import Decision, Outcome
from registry.review.states import ApplicationEvent, ApplicationState, Purpose
from registry.review.tables import Application, ReviewStep
from registry.review.void import request_void
from tests.clock import StandingClock
from tests.databases import FindTemplate
from tests.profiles import examples
from tests.registry.review.casework import AGREEMENT, SEEKING, Casework
from tests.wxapp.school.records import open_campus

AT = datetime(2026, 6, 10, 2, tzinfo=UTC)
FORMS = st.sampled_from(
    [
        SEEKING,
        {**SEEKING, "category": "71"},
        AGREEMENT,
        {**AGREEMENT, "unit_name": "远山建设有限公司"},
        {**AGREEMENT, "job_class": "24"},
        {**AGREEMENT, "file_contact": "人事处"},
        {"category": "10"},
    ]
)
IMPORTS = st.sampled_from(
    [
        {"category": "70"},
        {"category": "10", "unit_name": "远山建设有限公司"},
        {"category": "10", "unit_name": " 远山建设有限公司 "},
        {"unit_industry": "34"},
        {"file_contact": "档案室"},
    ]
)


class Histories(RuleBasedStateMachine):
    """One graduate and everybody who may do something about her registration."""

    template: ClassVar[str]

    def __init__(self) -> None:
        super().__init__()
        self.folder = TemporaryDirectory()
        path = shutil.copy(self.template, self.folder.name)
        self.engine = open_engine(f"sqlite:///{path}")
        sessions = open_sessions(self.engine)
        events.tell_before_commit(sessions, notices.write)
        self.session = sessions()
        self.versions: dict[int, dict[str, Any]] = {}
        self.answers = 0
        self.decisions = 0
        self.changes = 0
        self.reports = 0
        self.state: ConfirmationState = ConfirmationState.NOT_REPORTED
        self.sent: dict[tuple[int, int], dict[str, Any]] = {}
        self.answered: list[dict[str, str]] = []

    @initialize()
    def begin(self) -> None:
        self.work = Casework(open_campus(self.session, StandingClock(AT)()), AT)
        self.graduate = self.work.campus.graduate("李娟")
        for role in (Role.DEPARTMENT, Role.SCHOOL):
            self.work.staff(role)
        self.session.commit()

    @override
    def teardown(self) -> None:
        self.session.close()
        self.engine.dispose()
        self.folder.cleanup()

    def open_one(self) -> Application | None:
        return current(self.session, self.graduate.id)

    def waits(self) -> bool:
        found = self.open_one()
        return found is not None and ApplicationState(found.state) in review.WAITING

    def attempt(self, codes: str, deed: Any) -> bool:  # noqa: ANN401 - any use case
        """Do it and commit; a refusal must be one of the rules' and change nothing."""
        try:
            deed()
        except RuleError as refusal:
            self.session.rollback()
            if refusal.code not in codes.split():
                raise
            return False
        self.session.commit()
        return True

    @rule(values=FORMS)
    def save(self, values: dict[str, str]) -> None:
        self.attempt("changed_meanwhile", lambda: self.work.save(self.graduate, values))

    @rule()
    def submit(self) -> None:
        def deed() -> None:
            found = self.open_one()
            if found is not None and found.category == "10" and found.purpose == Purpose.REGISTER:
                self.work.prove(self.graduate)
            writer, revision = self.work.writer(self.graduate), found.revision if found else 0
            applications.submit(self.session, self.work.campus.vault, writer, revision)

        if self.attempt(
            "changed_meanwhile nothing_changed missing not_editable evidence_missing"
            " category_missing",
            deed,
        ):
            found = self.open_one()
            assert found is not None
            said = validation.as_registration(found.values)
            self.sent[found.id, found.revision] = {name: said[name] or "" for name in said}

    @rule()
    def withdraw(self) -> None:
        writer, found = self.work.writer(self.graduate), self.open_one()
        waited, revision = self.waits(), found.revision if found else 0
        done = self.attempt(
            "changed_meanwhile", lambda: applications.withdraw(self.session, writer, revision)
        )
        assert done is waited

    @rule()
    def discard(self) -> None:
        found = self.open_one()
        writer = self.work.writer(self.graduate)
        revision = found.revision if found else 0
        self.attempt(
            "changed_meanwhile", lambda: applications.discard(self.session, writer, revision)
        )

    @rule()
    def ask_to_void(self) -> None:
        writer = self.work.writer(self.graduate)
        self.attempt(
            "nothing_to_void application_open",
            lambda: request_void(self.session, writer, "单位取消录用"),
        )

    @precondition(waits)
    @rule(role=st.sampled_from([Role.DEPARTMENT, Role.SCHOOL]), decision=st.sampled_from(Decision))
    def decide(self, role: Role, decision: Decision) -> None:
        found = self.open_one()
        assert found is not None
        before, base = ApplicationState(found.state), found.based_on
        in_force = self.graduate.registration_id
        (came,) = self.work.decide(role, found, decision=decision, reason="缺少协议")
        due = {
            ApplicationState.SUBMITTED: Role.DEPARTMENT,
            ApplicationState.DEPARTMENT_PASSED: Role.SCHOOL,
        }[before]
        if due is not role:
            assert came is Outcome.WRONG_LEVEL
        elif decision is Decision.PASS and base != in_force:
            assert came is Outcome.RECORD_CHANGED
        elif decision is Decision.DECLINE:
            assert came is Outcome.NOT_OF_THIS_KIND
        else:
            assert came is (Outcome.PASSED if decision is Decision.PASS else Outcome.RETURNED)
            self.decisions += 1
            if found.state == ApplicationState.PASSED:
                self.expect_passed(found)
        self.session.commit()

    def expect_passed(self, found: Application) -> None:
        if found.purpose == Purpose.VOID:
            self.expect(ConfirmationEvent.VOID)
        else:
            self.expect_recorded(found.based_on)

    def expect(self, happened: ConfirmationEvent) -> None:
        moved = confirmation.CONFIRMATION.after(self.state, happened)
        assert moved is not None, (self.state, happened)
        self.state = moved

    def expect_recorded(self, before_id: int | None) -> bool:
        """Move on as `important` says of the step to the version in force; return if it is told."""
        self.session.expire_all()
        after = self.session.get_one(Registration, self.graduate.registration_id)
        if before_id is None:
            self.expect(ConfirmationEvent.REPORT)
            return False
        before = self.session.get_one(Registration, before_id)
        found = important_fields.differences(
            in_force.values_of(self.graduate, before),
            in_force.values_of(self.graduate, after),
        )
        if important_fields.resets(found):
            self.expect(ConfirmationEvent.CHANGE)
        return bool(found)

    @rule(values=IMPORTS)
    def bring_in(self, values: dict[str, str]) -> None:
        before = self.graduate.registration_id
        origin = Origin(self.work.campus.school.id, Source.IMPORT, "", "学校", "system", AT)
        proposal = Proposal(self.graduate.id, values)
        came = record(self.session, origin, [proposal])
        self.session.expire_all()
        self.reports += came.reported
        if not came.unchanged and self.expect_recorded(before):
            self.changes += 1
        self.session.commit()

    @rule(given=st.sampled_from(Answer))
    def reply(self, given: Answer) -> None:
        version = self.graduate.registration_id or 0
        said = Reply(given, version, ["file"])
        own = own_record.own_record(self.session, self.graduate)

        def deed() -> None:
            answer(self.session, self.graduate.id, said, channel="wechat", at=AT)

        if self.attempt("changed_meanwhile", deed):
            self.answers += 1
            self.answered.insert(0, own.values)
            self.expect(
                {
                    Answer.CORRECT: ConfirmationEvent.CONFIRM,
                    Answer.WRONG: ConfirmationEvent.DISPUTE,
                    Answer.WITHDRAWN: ConfirmationEvent.WITHDRAW,
                }[given]
            )

    @invariant()
    def the_confirmation_is_where_the_tables_lead(self) -> None:
        self.session.expire_all()
        assert ConfirmationState(self.graduate.confirmation) is self.state
        assert (self.graduate.registration_id is None) is (
            self.state is ConfirmationState.NOT_REPORTED
        )

    @invariant()
    def no_version_is_lost_or_altered(self) -> None:
        found = self.session.scalars(
            select(Registration).where(Registration.graduate_id == self.graduate.id)
        ).all()
        now = {
            each.id: {c.key: getattr(each, c.key) for c in Registration.__table__.columns}
            for each in found
        }
        assert {key: now.get(key) for key in self.versions} == self.versions
        assert sorted(each.version for each in found) == list(range(1, len(found) + 1))
        self.versions = now

    @invariant()
    def at_most_one_application_is_open_and_each_step_is_in_the_tables(self) -> None:
        rows = self.session.scalars(select(Application)).all()
        assert sum(each.closed_at is None for each in rows) <= 1
        for each in rows:
            assert (each.closed_at is not None) is (ApplicationState(each.state) in review.FINAL)
            assert self.replayed(each) is ApplicationState(each.state)

    def replayed(self, application: Application) -> ApplicationState:
        """Walk the steps of an application through the table, from its beginning."""
        purpose = Purpose(application.purpose)
        steps = list(reversed(applications.history(self.session, application)))
        state = ApplicationState.DRAFT
        if purpose is Purpose.VOID:
            assert steps.pop(0).event == ApplicationEvent.SUBMIT
            state = ApplicationState.SUBMITTED
        for step in steps:
            moved = review.APPLICATION[purpose].after(state, ApplicationEvent(step.event))
            assert moved is not None, (purpose, state, step.event)
            state = moved
        return state

    @invariant()
    def what_was_sent_and_answered_reads_as_it_was(self) -> None:
        steps = self.session.scalars(
            select(ReviewStep)
            .join(Application, Application.id == ReviewStep.application_id)
            .where(ReviewStep.event == ApplicationEvent.SUBMIT, Application.purpose != Purpose.VOID)
        ).all()
        read = {
            (each.application_id, each.revision): sent.recorded(self.session, each)
            for each in steps
        }
        assert {
            key: {**said, "signed_on": said["signed_on"] or ""} for key, said in read.items()
        } == self.sent
        found = snapshots.given(self.session, self.graduate.id)
        assert [each.snapshot for each in found] == self.answered

    @invariant()
    def each_event_is_told_once(self) -> None:
        def told(kind: str) -> int:
            wanted = select(func.count()).select_from(Message).where(Message.kind == kind)
            return self.session.scalar(wanted) or 0

        decided = select(func.count()).select_from(ReviewStep).where(ReviewStep.level != "")
        assert told("review_result") == self.decisions == self.session.scalar(decided)
        assert told("registration_changed") == self.changes
        assert told("confirmation_reminder") == self.reports
        for facts in self.session.scalars(select(Message.facts)):
            assert json.loads(facts)


@pytest.fixture(scope="module", autouse=True)
def template(database_templates: FindTemplate) -> None:
    """Have each history begin with a copy of the migrated database."""
    Histories.template = str(database_templates("sqlite").database)


TestHistories = Histories.TestCase
TestHistories.settings = settings(max_examples=examples(15, thorough=100), stateful_step_count=30)
