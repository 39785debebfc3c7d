"""What happens at two schools of a province, done to the database and to the model alike."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from notifier.binding import bind, sms_after_commit
from notifier.binding.bind import ClaimedIdentity, Proof
from registry.accounts.tables import Role, Staff
from registry.base.errors import RuleError
from registry.codes import identity
from registry.numbers.service import Validity
from registry.numbers.shape import Kind
from registry.numbers.transfer import generate as transferring
from registry.numbers.transfer.generate import IssuingSchool
from registry.numbers.verification import authentication
from registry.numbers.verification.authorize import AuthorizationRequest, authorize
from registry.province import batch_decisions, batches
from registry.province.batches import Signature
from registry.record import own_record
from registry.record.confirmation.confirm import Reply, answer
from registry.record.confirmation.states import CONFIRMATION, ConfirmationEvent
from registry.record.province_tables import ProvinceBatch
from registry.record.tables import Answer, Graduate
from registry.review import correction, decide, ended
from registry.review.application_moves import current
from registry.review.correction import CorrectionForm
from registry.review.decisions import Decision, Reviewer, Verdict
from registry.review.ended import RecordDecision
from registry.review.states import Level, Purpose
from registry.review.void import request_void
from registry.roster import by_hand
from registry.roster.by_hand import Clerk, PersonChange
from registry.tasks import roster_import
from registry.tasks.roster_import import ImportChoice, Upload
from registry.tasks.states import TaskState
from tests.clock import StandingClock
from tests.registry.campus.model import (
    CONFIRMED,
    CampusModel,
    Destination,
    Key,
    Pending,
    RecordModel,
    Row,
)
from tests.registry.review.casework import SEEKING, Casework
from tests.registry.sheets import as_csv
from tests.registry.staff_context import WorkDesk
from tests.wxapp.school.records import Campus, open_campus

NUMBERS = count(1)
NAMES = ("张三", "李四")
LEVELS = ("31", "11")
TITLES = (
    *("学号", "姓名", "身份证号", "手机号码", "所在院系", "所在班级", "学历代码", "专业"),
    *("毕业时间", "学籍状态", "毕业去向代码", "单位名称", "工作职位类别代码"),
)
SIGNED = Signature("staff:province", "刘老师")
REASON = "单位信息不符"


class Codes:
    """Phones that keep the last code sent to each."""

    def __init__(self) -> None:
        """Begin with none."""
        self.sent: dict[str, str] = {}

    def send_code(self, phone: str, code: str, minutes: int) -> None:
        """Keep a code."""
        assert minutes
        self.sent[phone] = code


@dataclass
class School:
    """A school of the history, with its staff."""

    campus: Campus
    clerk: Staff
    department: Staff
    batches: list[str] = field(default_factory=list)
    """Keys of the batches the province has not returned."""
    filed: set[str] = field(default_factory=set)
    """Those of them that it has filed."""


@dataclass
class History:
    """Two schools, their people, and what the model says of them."""

    desk: WorkDesk
    clock: StandingClock
    model: CampusModel = field(default_factory=CampusModel)
    schools: list[School] = field(default_factory=list)
    openids: dict[int, str] = field(default_factory=dict)
    codes: Codes = field(default_factory=Codes)
    idents: dict[Key, int] = field(default_factory=dict)
    first: int = field(default_factory=lambda: next(NUMBERS))

    @property
    def province(self) -> str:
        """Return a province of its own."""
        return f"{self.first:06}"

    def open(self) -> None:
        """Found the schools."""
        for place in range(2):
            with self.desk.sessions.begin() as session:
                code = f"{self.first * 2 + place:05}"
                campus = open_campus(session, self.clock(), code, self.desk.vault)
                campus.school.province = self.province
                self.schools.append(
                    School(campus, campus.staff(Role.SCHOOL), campus.staff(Role.DEPARTMENT, 0))
                )

    @contextmanager
    def at(self, school: int) -> Iterator[Campus]:
        """Work at a school, in one transaction."""
        self.clock.move(timedelta(minutes=2))
        campus = self.schools[school].campus
        with self.desk.sessions.begin() as session:
            campus.session, campus.at = session, self.clock()
            yield campus

    def graduate(self, session: Session, key: Key) -> Graduate:
        """Return the graduate of a record."""
        wanted = select(Graduate).where(
            Graduate.school_id == self.schools[key.school].campus.school.id,
            Graduate.student_number == self.number(key),
        )
        return session.scalars(wanted.execution_options(populate_existing=True)).one()

    def ident(self, session: Session, key: Key) -> int:
        """Return the number of the graduate of a record, looked up once."""
        if key not in self.idents:
            self.idents[key] = self.graduate(session, key).id
        return self.idents[key]

    def number(self, key: Key) -> str:
        """Return the student number of a record."""
        return f"S{self.first}-{key.school}{key.person}{key.study}"

    def identity(self, person: int) -> str:
        """Return the identity number of a person, of this history alone."""
        serial = self.first * 2 + person
        return identity.with_check_character(
            f"110101{1990 + serial // 28000:04}01{1 + serial // 1000 % 28:02}{serial % 1000:03}"
        )

    def phone(self, person: int) -> str:
        """Return the phone of a person, the same at each school."""
        return f"139{self.first * 2 + person:08}"

    # Rosters, and the school's own corrections

    def bring_in(self, school: int, rows: Sequence[Row]) -> None:
        """Import a roster."""
        lines = [self._line(school, each) for each in rows]
        expected = self.model.import_rows(school, rows)
        self.clock.move(timedelta(minutes=2))
        upload = Upload(
            self.schools[school].campus.school.id, None, "名单.csv", as_csv([TITLES, *lines])
        )
        report = roster_import.import_now(self.desk, upload, ImportChoice(dry_run=False))
        assert report.state is TaskState.FINISHED, report.message
        counted = {name: number for name, number in report.counts.items() if number}
        assert counted.pop("rows") == len(rows)
        counted.pop("warnings", None)
        assert counted == expected, report.problems

    def _line(self, school: int, row: Row) -> list[str]:
        key = Key(school, row.person, row.study)
        known = self.model.records.get(key) or RecordModel(key, row.cohort)
        said = row.destination or ("", "", "")
        return [
            *(self.number(key), NAMES[row.person], self.identity(row.person)),
            *(self.phone(row.person), "计算机学院", known.class_name, LEVELS[row.study]),
            *(known.major, f"{row.cohort}06", "退学" if row.left else "", *said[:3]),
        ]

    def correct_person(self, record: RecordModel, column: str, value: str) -> None:
        """Correct a particular of hers by page."""
        before = getattr(record, column)
        with self.at(record.key.school) as campus:
            clerk = Clerk(
                self.schools[record.key.school].clerk, campus.scope, campus.vault, campus.at
            )
            graduate = self.graduate(campus.session, record.key)
            values = by_hand.first_values(graduate, "计算机学院")
            changed = {("graduation_month" if column == "cohort" else column): value}
            change = PersonChange({**values, **changed}, "本人申请")
            new = int(value[:4]) if column == "cohort" else value

            def act() -> None:
                by_hand.correct(campus.session, clerk, graduate.key, change)

            if record.ended:
                refused(campus.session, act, "record_ended")
            elif column == "cohort" and new != before and self.model.taken(record.key, int(new)):
                refused(campus.session, act, "person_refused")
            elif new == before:
                refused(campus.session, act, "nothing_changed")
            elif record.filed and column != "class_name":
                refused(campus.session, act, "locked_by_province")
            else:
                act()
                record.change(None, "学校", **{column: new})

    def correct_registration(self, record: RecordModel, category: str) -> None:
        """Have the school put another destination in force."""
        said = Destination(category, whole=True)
        with self.at(record.key.school) as campus:
            graduate = self.graduate(campus.session, record.key)
            clerk = self.schools[record.key.school].clerk
            change = CorrectionForm({**SEEKING, "category": category}, "与本人核实")

            def act() -> None:
                scope, at = campus.scope, campus.at
                correction.correct(campus.session, scope, clerk, graduate.key, change, at)

            if record.ended:
                refused(campus.session, act, "record_ended")
            elif record.destination == said:
                refused(campus.session, act, "nothing_changed")
            elif record.filed:
                refused(campus.session, act, "locked_by_province")
            else:
                act()
                record.change(said, "学校")

    def end_or_take_back(self, record: RecordModel) -> None:
        """End a record, or take an ended one back."""
        with self.at(record.key.school) as campus:
            key = self.graduate(campus.session, record.key).key
            clerk = self.schools[record.key.school].clerk
            decision = RecordDecision(clerk, "核对学籍", campus.at, "left")
            if not record.ended:

                def act() -> None:
                    ended.end(campus.session, campus.scope, key, decision)

                if record.filed:
                    refused(campus.session, act, "locked_by_province")
                else:
                    act()
                    self.model.end(record)
            else:

                def act() -> None:
                    ended.take_back(campus.session, campus.scope, key, decision)

                if self.model.taken(record.key, record.cohort):
                    refused(campus.session, act, "number_taken")
                else:
                    act()
                    record.ended = False

    # She herself

    def apply(self, record: RecordModel, category: str) -> None:
        """Have her send a registration; an empty category asks to have hers voided."""
        if record.ended or record.pending is not None:
            return
        said = Destination(category, whole=True)
        with self.at(record.key.school) as campus:
            work = Casework(campus, campus.at)
            graduate = self.graduate(campus.session, record.key)

            def act() -> None:
                if category:
                    work.submit(graduate, {**SEEKING, "category": category})
                else:
                    request_void(campus.session, work.writer(graduate), "单位取消录用")

            if record.filed:
                refused(campus.session, act, "locked_by_province")
            elif category and record.destination == said:
                refused(campus.session, act, "nothing_changed")
            elif not category and record.destination is None:
                refused(campus.session, act, "nothing_to_void")
            elif not category and record.draft:
                refused(campus.session, act, "application_open")
            else:
                act()
                purpose = Purpose.REGISTER if category else Purpose.VOID
                record.pending = Pending(purpose, category, record.in_force)
                record.draft = False

    def reply(self, record: RecordModel, said: Answer) -> None:
        """Have her answer the confirmation page."""
        if record.ended:
            return
        happened = {
            Answer.CORRECT: ConfirmationEvent.CONFIRM,
            Answer.WRONG: ConfirmationEvent.DISPUTE,
            Answer.WITHDRAWN: ConfirmationEvent.WITHDRAW,
        }[said]
        allowed = CONFIRMATION.after(record.state, happened)
        with self.at(record.key.school) as campus:
            graduate = self.graduate(campus.session, record.key)
            given = Reply(said, graduate.registration_id or 0, ["file"])

            def act() -> None:
                answer(campus.session, graduate.id, given, channel="wechat", at=campus.at)

            if allowed is None:
                refused(campus.session, act, "changed_meanwhile")
            else:
                act()
                record.state = allowed

    def let_verify(self, record: RecordModel) -> None:
        """Have her authorize that her file can be verified."""
        if record.ended or record.state is not CONFIRMED or record.authorized:
            return
        with self.at(record.key.school) as campus:
            ident = self.graduate(campus.session, record.key).id
            card = authentication.IdentityDocument.IDENTITY_CARD
            authentication.record_in_person(campus.session, ident, card, "staff:x", campus.at)
            her = own_record.graduate_afresh(campus.session, ident)
            asked = AuthorizationRequest(her, "", campus.at)
            authorize(campus.session, campus.vault, asked, Kind.FILE, Validity.SERVICE)
        record.authorized = True

    def bind_or_unbind(self, person: int) -> None:
        """Have a person bind her WeChat, or end that; who has no record does neither."""
        records = self.model.of_person(person)
        if person in self.openids:
            with self.at(0) as campus:
                ident = self.graduate(campus.session, records[0].key).id
                assert bind.end(
                    campus.session, ident, reason="by_graduate", by="graduate:x", at=campus.at
                )
            self.model.bound.discard(person)
            del self.openids[person]
        elif any(not each.ended for each in records):
            self._bind(person)

    def _bind(self, person: int) -> None:
        openid = f"o{next(NUMBERS)}-{self.first}"
        claimed = ClaimedIdentity(NAMES[person], self.identity(person), openid, openid, "10.0.0.1")
        with self.at(0) as campus:
            assert bind.begin(campus.session, campus.vault, self.codes, claimed, campus.at) is None
        sms_after_commit.settle()
        code = self.codes.sent[self.phone(person)]
        with self.at(0) as campus:
            proof = Proof(code, openid, openid, "10.0.0.1")
            found = bind.finish(campus.session, campus.vault, proof, campus.at)
            assert isinstance(found, Graduate), found
        self.openids[person] = openid
        self.model.bound.add(person)

    # Reviews, numbers, the province

    def decide(self, record: RecordModel, decision: Decision) -> None:
        """Have the level whose turn it is decide."""
        if record.pending is None:
            return
        level = record.pending.due
        expected = record.decide(passes=decision is Decision.PASS)
        with self.at(record.key.school) as campus:
            graduate = self.graduate(campus.session, record.key)
            found = current(campus.session, graduate.id)
            assert found is not None
            scope = campus.department_scope() if level is Level.DEPARTMENT else campus.scope
            verdict = Verdict(decision, "缺少协议")
            who, key = Reviewer(level, "staff:x"), found.key
            seen = {key: found.revision}
            outcomes = decide.decide(campus.session, scope, who, seen, verdict, campus.at)
        assert outcomes == {key: expected}

    def number_all(self, school: int) -> None:
        """Have a school make transfer numbers for the files of all its records."""
        reported = [
            each
            for each in self.model.records.values()
            if each.key.school == school and each.destination is not None and not each.ended
        ]
        lacking = [each for each in reported if each.transfer != "valid"]
        with self.at(school) as campus:
            ids = [self.graduate(campus.session, each.key).id for each in reported]
            office = IssuingSchool(campus.school, "staff:x", campus.at)
            made = transferring.generate(campus.session, campus.vault, office, ids, Kind.FILE)
        assert made.created + made.renewed == len(lacking)
        for each in lacking:
            each.transfer = "valid"

    def send(self, school: int, cohort: int) -> None:
        """Have a school report a cohort to the province."""
        going = [each for each in self.model.shown(school, cohort) if not each.left_out()]
        with self.at(school) as campus:

            def act() -> ProvinceBatch:
                signed = batches.signature(self.schools[school].clerk)
                return batches.send_batch(campus.session, campus.scope, cohort, signed, campus.at)

            if not going:
                refused(campus.session, act, "nothing_to_send")
                return
            batch = act()
            assert batch.total == len(going)
            self.schools[school].batches.append(batch.key)
        for each in going:
            each.batch, each.sent, each.returned = batch.key, each.in_force, 0

    def file_batch(self, school: int) -> None:
        """Have the province file the batch of a school that was sent last."""
        self._answer_batch(school, files=True)

    def return_batch(self, school: int) -> None:
        """Have the province return the batch of a school that was sent last, filed or not."""
        self._answer_batch(school, files=False)

    def _answer_batch(self, school: int, *, files: bool) -> None:
        here = self.schools[school]
        if not here.batches or (files and here.batches[-1] in here.filed):
            return
        key = here.batches[-1]
        standing = [each for each in self.model.records.values() if each.sent and each.batch == key]
        with self.at(school) as campus:
            if files:
                done = batch_decisions.file_batch(
                    campus.session, self.province, key, SIGNED, campus.at
                )
                assert done.filed == sum(each.sent == each.in_force for each in standing)
                here.filed.add(key)
            else:
                batch_decisions.return_batch(
                    campus.session, self.province, key, SIGNED, REASON, campus.at
                )
                here.batches.pop()
        for each in standing:
            self._answered(each, files=files)

    def _answered(self, record: RecordModel, *, files: bool) -> None:
        held = record.sent == record.in_force
        if files:
            record.filed, record.sent = held, record.sent if held else 0
            return
        record.returned, record.sent, record.filed = record.sent, 0, False
        if held:
            record.tell("province_returned", "退回原因见详情，需修改请更改登记")

    def release(self, record: RecordModel) -> None:
        """Have the province give a filed graduate back."""
        if not record.filed:
            return
        with self.at(record.key.school) as campus:
            key = self.graduate(campus.session, record.key).key
            batch_decisions.release(campus.session, self.province, key, SIGNED, REASON, campus.at)
        self._answered(record, files=False)


def refused(session: Session, act: Callable[[], object], code: str) -> None:
    """Expect that an act is refused, by a code of the rules; its door undoes what it had done."""
    savepoint = session.begin_nested()
    with pytest.raises(RuleError) as refusal:
        act()
    savepoint.rollback()
    assert refusal.value.code == code
