"""Whatever happens to a registration and its answers, in whatever order, the record stays true."""

from itertools import count

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from registry.accounts.school_tables import Department
from registry.base.errors import RuleError
from registry.record import events, important_fields, in_force, registration
from registry.record.confirmation import snapshots
from registry.record.confirmation import states as confirmation
from registry.record.confirmation.confirm import NOTE_LENGTH, Reply, answer
from registry.record.confirmation.states import ConfirmationState
from registry.record.fields import Block
from registry.record.person_events import PeopleChanged
from registry.record.recordings import Recorded
from registry.record.registration import Origin, Proposal, foresee, record
from registry.record.tables import Answer, Confirmation, Graduate, Registration, Source
from tests.clock import StandingClock
from tests.profiles import examples
from tests.registry.staff_context import a_school
from tests.registry.statements import statements

WORK = {"category": "10", "unit_name": "青禾科技有限公司", "file_type": "签约单位接收"}
NUMBERS = count(1)

STEPS = some.one_of(
    some.sampled_from(list(Answer)),
    some.fixed_dictionaries(
        {"category": some.sampled_from(["10", "80"])},
        optional={
            "unit_name": some.sampled_from(["甲公司", "甲 公司", "乙公司"]),
            "unit_phone": some.sampled_from(["1", "2"]),
            "file_postcode": some.sampled_from(["350001", "350002"]),
        },
    ),
)


def a_graduate(session: Session, clock: StandingClock, school: int) -> Graduate:
    department = session.scalars(select(Department)).first() or Department(
        school_id=school, name="计算机学院"
    )
    session.add(department)
    session.flush()
    number = next(NUMBERS)
    graduate = Graduate(
        school_id=school,
        department_id=department.id,
        year=2026,
        student_number=f"{number:08}",
        name="林知夏",
        identity_sealed="",
        identity_index="",
        graduation_month="202606",
        confirmation=ConfirmationState.NOT_REPORTED,
        created_at=clock(),
        updated_at=clock(),
    )
    session.add(graduate)
    session.flush()
    return graduate


def origin(school: int, clock: StandingClock) -> Origin:
    return Origin(school, Source.IMPORT, "学校导入", "学校", "command", clock())


def told(session: Session) -> list[events.RecordEvent]:
    found: list[events.RecordEvent] = session.info.pop("quxiang events", [])
    return found


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    max_examples=examples(25, thorough=250),
)
@given(steps=some.lists(STEPS, max_size=12))
def test_every_history_keeps_the_record_true(
    sessions: sessionmaker[Session], clock: StandingClock, steps: list[Answer | dict[str, str]]
) -> None:
    with sessions() as session:
        school = a_school(session, clock, f"{next(NUMBERS):05}")
        graduate = a_graduate(session, clock, school)
        state, answers, versions = ConfirmationState.NOT_REPORTED, 0, 0
        for step in steps:
            if isinstance(step, Answer):
                state, given_now = _answer(session, clock, graduate, step, state)
                answers += given_now
            else:
                state, added = _report(session, clock, graduate, step, state)
                versions += added
            session.refresh(graduate)
            assert graduate.confirmation == state
        _history_is_whole(session, graduate, answers, versions)


def _answer(
    session: Session,
    clock: StandingClock,
    graduate: Graduate,
    said: Answer,
    state: ConfirmationState,
) -> tuple[ConfirmationState, int]:
    happened = {
        Answer.CORRECT: confirmation.ConfirmationEvent.CONFIRM,
        Answer.WRONG: confirmation.ConfirmationEvent.DISPUTE,
        Answer.WITHDRAWN: confirmation.ConfirmationEvent.WITHDRAW,
    }[said]
    reply = Reply(said, graduate.registration_id or 0, [Block.FILE])
    allowed = confirmation.CONFIRMATION.after(state, happened)
    if allowed is None:
        with pytest.raises(RuleError, match="changed_meanwhile"):
            answer(session, graduate.id, reply, channel="wechat", at=clock())
        return state, 0
    assert answer(session, graduate.id, reply, channel="wechat", at=clock()) is allowed
    assert [type(each) for each in told(session)] == [events.ConfirmationAnswered]
    return allowed, 1


def _report(
    session: Session,
    clock: StandingClock,
    graduate: Graduate,
    said: dict[str, str],
    state: ConfirmationState,
) -> tuple[ConfirmationState, int]:
    current = session.get(Registration, graduate.registration_id or 0)
    before = in_force.values_of(graduate, current)
    proposals = [Proposal(graduate.id, said)]
    foreseen, people = foresee(session, origin(graduate.school_id, clock), proposals)
    outcome = record(session, origin(graduate.school_id, clock), proposals)
    assert outcome == foreseen
    assert len(people) == foreseen.reported + foreseen.changed
    session.refresh(graduate)
    found = important_fields.differences(
        before,
        in_force.values_of(graduate, session.get_one(Registration, graduate.registration_id)),
    )
    heard = told(session)
    if current is None:
        report = events.FirstReport(graduate.id, graduate.year, version=1)
        first = events.DestinationsReported(graduate.school_id, [report], "学校", clock())
        assert (outcome, heard) == (Recorded(reported=1), [first])
        return ConfirmationState.UNCONFIRMED, 1
    assert [type(each) for each in heard] == [events.RegistrationsChanged] * bool(found)
    assert outcome.changed + outcome.unchanged == 1
    return (
        ConfirmationState.UNCONFIRMED if important_fields.resets(found) else state
    ), outcome.changed


def _history_is_whole(session: Session, graduate: Graduate, answers: int, versions: int) -> None:
    history = session.scalars(
        select(Confirmation)
        .where(Confirmation.graduate_id == graduate.id)
        .order_by(Confirmation.sequence)
    ).all()
    assert [each.sequence for each in history] == list(range(1, answers + 1))
    for each in snapshots.given(session, graduate.id):
        assert each.answer.snapshot_hash == important_fields.snapshot_hash(each.snapshot)
    kept = session.scalars(
        select(Registration.version)
        .where(Registration.graduate_id == graduate.id)
        .order_by(Registration.version)
    ).all()
    assert list(kept) == list(range(1, versions + 1))


@pytest.fixture
def school(session: Session, clock: StandingClock) -> int:
    return a_school(session, clock)


@pytest.fixture
def graduate(session: Session, clock: StandingClock, school: int) -> Graduate:
    graduate = a_graduate(session, clock, school)
    record(session, origin(school, clock), [Proposal(graduate.id, WORK)])
    session.refresh(graduate)
    told(session)
    return graduate


def test_a_change_of_the_person_alone_registers_nothing(
    session: Session, clock: StandingClock, school: int
) -> None:
    graduate = a_graduate(session, clock, school)
    outcome = record(
        session, origin(school, clock), [Proposal(graduate.id, {}, {"name": "林之夏"})]
    )
    session.refresh(graduate)
    assert outcome == Recorded(changed=1)
    assert (graduate.name, graduate.confirmation) == ("林之夏", ConfirmationState.NOT_REPORTED)
    assert graduate.registration_id is None


def test_a_change_of_the_name_resets_the_answer(
    session: Session, clock: StandingClock, graduate: Graduate
) -> None:
    reply = Reply(Answer.CORRECT, graduate.registration_id or 0)
    answer(session, graduate.id, reply, channel="wechat", at=clock())
    renamed = Proposal(graduate.id, {}, {"name": "林之夏"})
    assert record(session, origin(graduate.school_id, clock), [renamed]).reset == 1
    _, happened, people = told(session)
    assert isinstance(happened, events.RegistrationsChanged)
    assert isinstance(people, PeopleChanged)
    (change,) = happened.changes
    assert (change.blocks, change.reset, change.version) == (("基本信息",), True, 1)


def test_another_schools_graduate_is_not_touched(
    session: Session, clock: StandingClock, graduate: Graduate
) -> None:
    other = a_school(session, clock, "10003")
    proposal = Proposal(graduate.id, {"category": "80"})
    assert record(session, origin(other, clock), [proposal]) == Recorded(unchanged=1)


def test_an_answer_about_an_older_version_is_refused(
    session: Session, clock: StandingClock, graduate: Graduate
) -> None:
    seen = graduate.registration_id or 0
    changed = Proposal(graduate.id, {"category": "80", "unit_name": "东湖理工大学"})
    record(session, origin(graduate.school_id, clock), [changed])
    with pytest.raises(RuleError, match="changed_meanwhile"):
        answer(session, graduate.id, Reply(Answer.CORRECT, seen), channel="wechat", at=clock())


@pytest.mark.parametrize(
    ("items", "note", "code"),
    [
        ((), "", "dispute_names_nothing"),
        (("salary",), "", "dispute_names_nothing"),
        ((Block.FILE,), "长" * (NOTE_LENGTH + 1), "note_too_long"),
    ],
)
def test_a_dispute_says_what_is_wrong_and_not_too_much(
    session: Session,
    clock: StandingClock,
    graduate: Graduate,
    items: tuple[str, ...],
    note: str,
    code: str,
) -> None:
    reply = Reply(Answer.WRONG, graduate.registration_id or 0, items, note)
    with pytest.raises(RuleError, match=code):
        answer(session, graduate.id, reply, channel="wechat", at=clock())


def test_many_are_changed_in_as_few_statements_as_one(
    session: Session, clock: StandingClock, school: int
) -> None:
    ids = [a_graduate(session, clock, school).id for _ in range(6)]
    record(session, origin(school, clock), [Proposal(each, WORK) for each in ids])
    counts = []
    for changed in (ids[:1], ids[1:]):
        session.expire_all()
        with statements(session) as said:
            proposals = [Proposal(each, {"unit_name": "东湖理工大学"}) for each in changed]
            record(session, origin(school, clock), proposals)
        counts.append(len(said))
    assert counts[0] == counts[1]


def test_many_are_recorded_chunk_by_chunk(
    session: Session, clock: StandingClock, school: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(registration, "CHUNK", 2)
    people = [a_graduate(session, clock, school) for _ in range(5)]
    proposals = [Proposal(each.id, WORK) for each in people]
    assert record(session, origin(school, clock), proposals) == Recorded(reported=5)
    assert record(session, origin(school, clock), proposals) == Recorded(unchanged=5)


def test_a_place_named_anew_by_a_file_has_no_code_any_more(
    session: Session, clock: StandingClock
) -> None:
    school = a_school(session, clock)
    graduate = a_graduate(session, clock, school)
    origin = Origin(school, Source.IMPORT, "", "学校", "system", clock())

    def say(**said: str) -> Registration:
        record(session, origin, [Proposal(graduate.id, said)])
        return session.scalars(select(Registration).order_by(Registration.id.desc())).all()[0]

    chosen = say(**WORK, file_location_code="370202", file_location="山东省青岛市市南区")
    assert say(file_location="山东省 青岛市市南区").id == chosen.id, "the same, so nothing new"
    named = say(file_location="济南市")
    assert (named.file_location_code, named.file_location) == ("", "济南市")
