"""An import is undone as a whole, or it says who is in the way and changes nothing."""

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session, sessionmaker

from migrations.metadata import metadata
from notifier.campaigns import recipient_lists
from notifier.campaigns.merge import Decision, merge_departments
from notifier.ledger import notices, undone_imports
from notifier.ledger.states import MessageState
from notifier.ledger.tables import Binding, Message
from registry.accounts.school_tables import Department
from registry.accounts.tables import AuditEntry
from registry.base.database import Base, open_readers
from registry.base.errors import RuleError
from registry.codes import identity
from registry.interface.tables import SourceRecord
from registry.numbers.tables import IssuedNumber
from registry.record import events
from registry.record.confirmation.confirm import Reply, answer
from registry.record.province_tables import ProvinceEntry
from registry.record.registration import Origin, Proposal, record
from registry.record.scope import Scope
from registry.record.tables import Answer, Confirmation, Graduate, Registration, Source
from registry.roster.tables import ImportChange
from registry.tasks import roster_import, roster_undo, run, undo_obstacles
from registry.tasks.roster_import import ImportChoice, Upload
from registry.tasks.states import TaskState
from registry.tasks.tables import Task
from registry.tasks.undo_obstacles import Obstacle
from tests.clock import StandingClock
from tests.registry.sheets import Person, a_person, as_xlsx, national
from tests.registry.staff_context import VAULT, WorkDesk, a_school
from tests.rows import a_row
from tests.waiting import wait_until_blocked

MORNING = timedelta(minutes=10)
LATER = {"毕业时间": "202706", "毕业年份": "2027"}
DEGREE = {"学号": "M2028", "考生号": "29999999", "学历代码": "11", "学历": "硕士生毕业"}
DEGREE |= {"毕业时间": "202806", "毕业年份": "2028"}


class Office:
    """A school that imports, one act every ten minutes."""

    def __init__(self, sessions: sessionmaker[Session], clock: StandingClock) -> None:
        events.tell_before_commit(sessions, notices.write)
        self.clock = clock
        self.desk = WorkDesk(sessions, open_readers(sessions.kw["bind"]), VAULT, clock)
        with sessions.begin() as session:
            self.school = a_school(session, clock)

    def bring_in(self, *people: Person) -> str:
        """Import people; return the key of the import."""
        self.clock.move(MORNING)
        rows = national(*people, more=["学籍状态"])
        file = Upload(self.school, None, "名单.xlsx", as_xlsx(rows))
        report = roster_import.import_now(self.desk, file, ImportChoice(dry_run=False))
        assert report.state is TaskState.FINISHED, report.problems
        assert not report.counts["refused"], report.problems
        self.clock.move(MORNING)
        return report.key

    def undo(self, key: str) -> Task:
        """Have an import undone; return how it stands."""
        self.clock.move(MORNING)
        with self.desk.sessions.begin() as session:
            who = "command", "导错了文件"
            roster_undo.ask(session, Scope(self.school), key, who, self.clock())
        assert run.run_next(self.desk, "", recipient_lists.PROCEDURES)
        return self.task(key)

    def task(self, key: str) -> Task:
        with self.desk.readers.begin() as session:
            return session.scalars(select(Task).where(Task.key == key)).one()

    def in_the_way(self, key: str) -> list[Obstacle]:
        """Return why the import cannot be undone, of everybody."""
        with self.desk.readers.begin() as session:
            task = session.scalars(select(Task).where(Task.key == key)).one()
            found = undo_obstacles.obstacles(session, task, undone_imports.in_the_way)
        return [each for reasons in found.found.values() for each in reasons]

    def answer(self, given: Answer = Answer.CORRECT) -> None:
        """Have the one graduate answer."""
        with self.desk.sessions.begin() as session:
            one = session.scalars(select(Graduate)).one()
            items = ["destination"] if given is Answer.WRONG else []
            reply = Reply(given, one.registration_id or 0, items)
            answer(session, one.id, reply, channel="wechat", at=self.clock())

    def bind(self, openid: str = "o1", *, joined: bool = False) -> None:
        """Bind the newest graduate to a WeChat."""
        with self.desk.sessions.begin() as session:
            one = session.scalars(select(Graduate).order_by(Graduate.id.desc()).limit(1)).one()
            about = {"joined": joined, "phone_index": one.phone_index, "bound_at": self.clock()}
            session.add(Binding(openid=openid, graduate_id=one.id, **about))

    def count(self, table: type[Base]) -> int:
        with self.desk.readers.begin() as session:
            return session.scalar(select(func.count()).select_from(table)) or 0

    def all(self, *columns: Any) -> list[Any]:  # noqa: ANN401 - columns of any table
        with self.desk.readers.begin() as session:
            found = session.execute(select(*columns).order_by(columns[0].class_.id)).all()
            return [row[0] if len(columns) == 1 else tuple(row) for row in found]


@pytest.fixture
def office(sessions: sessionmaker[Session], clock: StandingClock) -> Office:
    return Office(sessions, clock)


def test_who_is_new_by_it_is_removed_as_if_never_there(office: Office) -> None:
    kept = office.bring_in(a_person(1))
    key = office.bring_in(a_person(1), a_person(2), a_person(3))
    with office.desk.sessions.begin() as session:  # one of them asked for a copy of her data
        newest = max(session.scalars(select(Graduate.id)))
        a_row(session, metadata.tables["task"], graduate_id=newest)
    undone = office.undo(key)
    assert undone.state == TaskState.UNDONE
    assert (undone.counts["removed"], undone.counts["put_back"]) == (2, 0)
    assert office.all(Graduate.student_number) == [a_person(1)["学号"]]
    assert (office.count(Registration), office.count(Message)) == (1, 1)
    assert office.task(kept).state == TaskState.FINISHED
    assert office.bring_in(a_person(2))
    assert office.count(Graduate) == 2


def test_that_it_was_undone_stands_in_the_log_with_who_and_why(office: Office) -> None:
    key = office.bring_in(a_person())
    office.undo(key)
    wanted = (AuditEntry.actor, AuditEntry.subject, AuditEntry.details)
    (entry,) = [each for each in office.all(*wanted) if "reason" in each[2]]
    assert entry[:2] == ("command", f"roster_import:{key}")
    assert (entry[2]["reason"], entry[2]["removed"]) == ("导错了文件", 1)


CHANGED = {
    "姓名": "林知秋",
    "手机号码": "16099999999",
    "所在院系": "数学学院",
    "专业": "应用数学",
    "民族代码": "11",
    "民族": "满族",
    "单位名称": "远山建设有限公司",
    "单位组织机构代码": "",
}
_COLUMNS = (
    *(Graduate.name, Graduate.year, Graduate.student_number, Graduate.department_id),
    *(Graduate.major, Graduate.phone_sealed, Graduate.phone_index, Graduate.particulars_sealed),
    *(Graduate.confirmation, Graduate.answered_at, Graduate.reported_at),
)


@pytest.mark.parametrize(
    "changed",
    [CHANGED, LATER, LATER | {"学号": "2027999"}, {"学籍状态": "退学"}, {"专业": "应用数学"}],
    ids=["everything", "moved on", "another number", "left", "the major alone"],
)
@pytest.mark.parametrize("given", [None, Answer.CORRECT, Answer.WRONG])
def test_who_was_changed_stands_as_before(
    office: Office, changed: Person, given: Answer | None
) -> None:
    office.bring_in(a_person())
    if given:
        office.answer(given)
    before = office.all(*_COLUMNS)
    employer = office.all(Registration.unit_name, Registration.unit_code, Registration.source_name)
    key = office.bring_in(a_person() | changed)
    assert office.all(*_COLUMNS) != before
    undone = office.undo(key)
    assert (undone.state, undone.counts["put_back"]) == (TaskState.UNDONE, 1)
    assert office.all(*_COLUMNS) == before
    with office.desk.readers.begin() as session:
        stands = session.get_one(
            Registration, session.scalars(select(Graduate.registration_id)).one()
        )
        assert [(stands.unit_name, stands.unit_code, stands.source_name)] == employer
    assert office.count(Confirmation) == (1 if given else 0)


def test_the_versions_stay_and_her_log_says_why(office: Office) -> None:
    office.bring_in(a_person())
    office.undo(office.bring_in(a_person() | CHANGED))
    assert office.all(Registration.version, Registration.unit_name) == [
        (1, "青禾科技有限公司"), (2, "远山建设有限公司"), (3, "青禾科技有限公司"),
    ]  # fmt: skip
    assert "import_put_back" in office.all(AuditEntry.action)


def test_a_first_report_is_taken_back(office: Office) -> None:
    unplaced = {"毕业去向代码": "", "毕业去向": "", "单位名称": "", "单位组织机构代码": ""}
    office.bring_in(a_person() | unplaced)
    office.undo(office.bring_in(a_person()))
    columns = (Graduate.confirmation, Graduate.registration_id, Graduate.reported_at)
    assert office.all(*columns) == [("not_reported", None, None)]
    office.bring_in(a_person())
    assert office.all(Registration.version) == [1, 2]


def test_imports_are_undone_one_after_the_other_the_last_first(office: Office) -> None:
    first = office.bring_in(a_person())
    second = office.bring_in(a_person() | {"专业": "应用数学"})
    third = office.bring_in(a_person() | {"单位名称": "远山建设有限公司"})
    assert office.in_the_way(first) == office.in_the_way(second) == [Obstacle.IMPORTED]
    for key in (third, second, first):
        assert office.undo(key).state == TaskState.UNDONE
    assert office.count(Graduate) == 0


def _filed(office: Office, session: Session, one: Graduate) -> None:
    about = {"graduate_id": one.id, "registration_id": one.registration_id}
    batch = a_row(session, Base.metadata.tables["province_batch"], school_id=office.school)
    session.add(ProvinceEntry(batch_id=batch, locked=True, standing=True, **about))


def _numbered(office: Office, session: Session, one: Graduate) -> None:
    about = {"graduate_id": one.id, "registration_id": one.registration_id}
    a_row(session, Base.metadata.tables["issued_number"], issued_at=office.clock(), **about)


def _authenticated(office: Office, session: Session, one: Graduate) -> None:
    table = Base.metadata.tables["authentication"]
    a_row(session, table, graduate_id=one.id, begun_at=office.clock())


def _posted(office: Office, session: Session, one: Graduate) -> None:
    about = {"graduate_id": one.id, "school_id": office.school, "state": "posted"}
    a_row(session, Base.metadata.tables["posting"], noted_at=office.clock(), **about)


def _answered(office: Office, session: Session, one: Graduate) -> None:
    reply = Reply(Answer.CORRECT, one.registration_id or 0)
    answer(session, one.id, reply, channel="wechat", at=office.clock())


def _applied(office: Office, session: Session, one: Graduate) -> None:
    about = {"school_id": office.school, "department_id": one.department_id, "year": one.year}
    table = Base.metadata.tables["application"]
    a_row(session, table, graduate_id=one.id, updated_at=office.clock(), **about)


def _corrected(office: Office, session: Session, one: Graduate) -> None:
    origin = Origin(office.school, Source.NATIONAL, "学校更正", "学校", "system", office.clock())
    record(session, origin, [Proposal(one.id, basics={"class_name": "计科2299"})])


ACTS: dict[Obstacle, Callable[[Office, Session, Graduate], None]] = {
    Obstacle.FILED: _filed,
    Obstacle.NUMBERED: _numbered,
    Obstacle.POSTED: _posted,
    Obstacle.ANSWERED: _answered,
    Obstacle.APPLIED: _applied,
    Obstacle.CORRECTED: _corrected,
}


@pytest.mark.parametrize("new", [True, False], ids=["new", "changed"])
@pytest.mark.parametrize("obstacle", ACTS)
def test_what_was_built_on_it_is_in_the_way_and_nothing_changes(
    office: Office, obstacle: Obstacle, *, new: bool
) -> None:
    if not new:
        office.bring_in(a_person(1))
    key = office.bring_in(a_person(1, 专业="应用数学", 单位名称="远山建设有限公司"), a_person(2))
    with office.desk.sessions.begin() as session:
        one = session.scalars(select(Graduate).order_by(Graduate.id).limit(1)).one()
        ACTS[obstacle](office, session, one)
    found = office.in_the_way(key)
    assert obstacle in found
    before = office.all(*_COLUMNS)
    refused = office.undo(key)
    assert refused.state == TaskState.FINISHED
    assert "有 1 人" in refused.message
    assert office.all(*_COLUMNS) == before
    assert "roster_undone" not in office.all(AuditEntry.action)


def test_what_she_did_before_it_is_not_in_the_way(office: Office) -> None:
    office.bring_in(a_person())
    office.clock.move(MORNING)
    with office.desk.sessions.begin() as session:
        one = session.scalars(select(Graduate)).one()
        for act in (_numbered, _posted, _authenticated, _answered, _applied):
            act(office, session, one)
    key = office.bring_in(a_person() | CHANGED)
    assert office.in_the_way(key) == []
    assert office.undo(key).state == TaskState.UNDONE


def test_an_authentication_of_a_new_record_is_in_the_way(office: Office) -> None:
    key = office.bring_in(a_person())
    with office.desk.sessions.begin() as session:
        _authenticated(office, session, session.scalars(select(Graduate)).one())
    assert office.in_the_way(key) == [Obstacle.NUMBERED]


def test_a_new_record_that_she_bound_herself_is_in_the_way(office: Office) -> None:
    key = office.bring_in(a_person())
    office.bind()
    assert office.in_the_way(key) == [Obstacle.BOUND]


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        (MessageState.DELIVERED, [Obstacle.REMINDED]),
        (MessageState.SENDING, [Obstacle.BEING_SENT]),
        (MessageState.SKIPPED, []),
        (MessageState.FAILED, []),
    ],
)
def test_a_reminder_about_a_new_record_is_in_the_way_once_it_came(
    office: Office, state: MessageState, expected: list[Obstacle]
) -> None:
    key = office.bring_in(a_person())
    with office.desk.sessions.begin() as session:
        campaign = a_row(session, Base.metadata.tables["campaign"], school_id=office.school)
        session.execute(update(Message).values(campaign_id=campaign, state=state))
    assert office.in_the_way(key) == expected


def test_a_number_given_to_another_meanwhile_is_in_the_way(office: Office) -> None:
    office.bring_in(a_person(1))
    key = office.bring_in(a_person(1) | LATER)
    office.bring_in(a_person(2, 学号=a_person(1)["学号"]))
    assert office.in_the_way(key) == [Obstacle.NUMBER_TAKEN]
    assert office.undo(key).state == TaskState.FINISHED


def test_a_later_import_that_changed_nothing_is_not_in_the_way(office: Office) -> None:
    key = office.bring_in(a_person())
    office.bring_in(a_person())
    assert office.undo(key).state == TaskState.UNDONE


def test_what_is_undone_is_not_undone_again(office: Office) -> None:
    key = office.bring_in(a_person())
    office.undo(key)
    with pytest.raises(RuleError) as refused:
        office.undo(key)
    assert refused.value.code == "import_undone"


def test_after_a_month_it_stays_and_what_stood_before_is_forgotten(office: Office) -> None:
    office.bring_in(a_person())
    key = office.bring_in(a_person() | CHANGED)
    office.clock.move(roster_undo.KEPT_FOR)
    with pytest.raises(RuleError) as refused:
        office.undo(key)
    assert refused.value.code == "undo_too_late"
    with office.desk.sessions.begin() as session:
        assert roster_undo.forget_old(session, office.clock()) == 2
    assert office.count(ImportChange) == 0


def test_a_joined_record_goes_with_its_binding_and_her_other_record_is_told(
    office: Office,
) -> None:
    office.bring_in(a_person())
    office.bind()
    key = office.bring_in(a_person() | DEGREE)
    assert office.all(Binding.joined) == [False, True]
    with office.desk.sessions.begin() as session:
        session.execute(update(Message).values(state=MessageState.DELIVERED))
    assert office.undo(key).state == TaskState.UNDONE
    assert office.all(Binding.joined) == [False]
    (she,) = office.all(Graduate.id)
    said = office.all(Message.graduate_id, Message.facts)[-1]
    assert said[0] == she
    assert json.loads(said[1])["blocks"] == "已撤销新增的2028届毕业记录"


def test_a_joined_record_she_was_not_told_of_goes_without_a_word(office: Office) -> None:
    office.bring_in(a_person())
    office.bind()
    told = office.count(Message)
    office.undo(office.bring_in(a_person() | DEGREE))
    assert office.count(Message) == told


@pytest.mark.parametrize(
    ("state", "then", "told"),
    [
        (MessageState.WAITING, MessageState.SKIPPED, 0),
        (MessageState.DELIVERED, MessageState.DELIVERED, 1),
        (MessageState.FAILED, MessageState.FAILED, 0),
    ],
)
def test_who_was_told_of_the_change_is_told_that_it_is_undone(
    office: Office, state: MessageState, then: MessageState, told: int
) -> None:
    office.bring_in(a_person())
    office.answer()
    key = office.bring_in(a_person() | CHANGED)
    with office.desk.sessions.begin() as session:
        newest = select(func.max(Message.id)).scalar_subquery()
        session.execute(update(Message).where(Message.id == newest).values(state=state))
    office.undo(key)
    states = office.all(Message.state, Message.facts)
    assert states[1][0] == then
    assert len(states) == 2 + told
    if told:
        assert json.loads(states[2][1])["hint"] == "信息已恢复，您的答复继续有效"


def test_an_authorization_the_import_ended_stays_ended_and_is_told(office: Office) -> None:
    office.bring_in(a_person())
    office.answer()
    with office.desk.sessions.begin() as session:
        one = session.scalars(select(Graduate)).one()
        a_row(
            session,
            Base.metadata.tables["issued_number"],
            graduate_id=one.id,
            registration_id=one.registration_id,
            issue="verification",
            kind="file",
            ends_on=office.clock().date() + timedelta(days=30),
        )
    office.undo(office.bring_in(a_person() | CHANGED))
    assert office.all(IssuedNumber.standing) == ["lapsed"]
    facts = json.loads(office.all(Message.facts)[-1])
    assert facts["hint"] == "信息已恢复，核验授权请重新办理"


def test_an_answer_under_way_is_waited_for_and_then_in_the_way(office: Office) -> None:
    key = office.bring_in(a_person())
    with ThreadPoolExecutor(1) as pool:
        with office.desk.sessions.begin() as session:
            one = session.scalars(select(Graduate)).one()
            _answered(office, session, one)
            doing = None  # on SQLite the undo begins when this transaction has ended
            if session.get_bind().dialect.name != "sqlite":
                doing = pool.submit(office.undo, key)
                wait_until_blocked(session, doing)
        refused = doing.result() if doing else office.undo(key)
    assert refused.state == TaskState.FINISHED
    assert office.count(Graduate) == 1


def test_what_a_provinces_system_has_synchronised_is_in_the_way(office: Office) -> None:
    key = office.bring_in(a_person())
    with office.desk.sessions.begin() as session:
        her = session.scalars(select(Graduate)).one()
        about = {"province": "370000", "source_id": "a", "version": 1, "digest": "", "void": False}
        whose = {"school_id": her.school_id, "graduate_id": her.id}
        session.add(SourceRecord(**about, **whose, received_at=office.clock()))
    assert office.undo(key).state == TaskState.FINISHED
    assert office.count(Graduate) == 1


def test_what_stood_before_is_kept_sealed(office: Office) -> None:
    office.bring_in(a_person())
    other = {"身份证号": a_person(2)["身份证号"], "手机号码": "16099999999"}
    office.bring_in(a_person() | other)
    with office.desk.readers.begin() as session:
        newest = select(ImportChange).order_by(ImportChange.id.desc()).limit(1)
        change = session.scalars(newest).one()
        said = json.dumps(change.before, ensure_ascii=False)
        her, number, phone = change.graduate_id, a_person()["身份证号"], a_person()["手机号码"]
        assert number not in said
        assert phone not in said
        assert VAULT.open(identity.IDENTITY, her, change.identity_sealed or "") == number
        assert VAULT.open(identity.PHONE, her, change.phone_sealed or "") == phone


def test_an_undo_that_never_ends_is_given_up_and_the_import_stays(office: Office) -> None:
    key = office.bring_in(a_person())
    with office.desk.sessions.begin() as session:
        roster_undo.ask(session, Scope(office.school), key, ("command", "导错"), office.clock())
        session.execute(update(Task).values(attempts=run.MAX_ATTEMPTS))
    assert run.run_next(office.desk, "", recipient_lists.PROCEDURES)
    given_up = office.task(key)
    assert given_up.state == TaskState.FINISHED
    assert "未撤销成功" in given_up.message
    assert office.count(Graduate) == 1


def test_she_goes_back_to_what_her_department_was_merged_into(office: Office) -> None:
    office.bring_in(a_person(1), a_person(2, 所在院系="物理学院"))
    key = office.bring_in(a_person(1, 所在院系="数学学院"))
    with office.desk.sessions.begin() as session:
        named = {each.name: each for each in session.scalars(select(Department))}
        decision = Decision("command", "合并", office.clock())
        merge_departments(session, named["计算机学院"], named["物理学院"], decision)
    assert office.undo(key).state == TaskState.UNDONE
    assert len(set(office.all(Graduate.department_id))) == 1
