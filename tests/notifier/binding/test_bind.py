"""Only who holds the registered phone is bound; nobody else learns whether they matched."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from statistics import median
from time import thread_time

import pytest
from sqlalchemy import event, func, select
from sqlalchemy.orm import Session, sessionmaker

from notifier.binding import bind, sms_after_commit
from notifier.binding.bind import ClaimedIdentity
from notifier.ledger.bindings import records_of
from notifier.ledger.tables import Binding
from notifier.wechat import pushes
from registry.accounts.tables import AuditEntry, OneTimeCode, WebSession
from registry.base.text import MIDDLE_DOTS
from registry.codes import identity
from registry.record.tables import Graduate
from runtime.resources import Resources
from tests.clock import StandingClock
from tests.notifier.binding.claimants import (
    NOBODYS,
    NUMBER,
    OTHER_NUMBER,
    OTHER_PHONE,
    PHONE,
    Person,
    Phones,
)
from tests.notifier.wechat.test_pushes import pushed
from tests.sealing import seal


def wrong(code: str, by: int = 1) -> str:
    """Return another code than this one."""
    return f"{(int(code) + by) % 10**6:06d}"


def bindings(sessions: sessionmaker[Session]) -> int:
    with sessions() as session:
        active = select(func.count(Binding.openid.distinct())).where(Binding.ended_at.is_(None))
        return session.scalar(active) or 0


def test_the_code_on_her_phone_binds_her_records(she: Person, phones: Phones) -> None:
    assert she.claim() is None
    assert she.prove(phones.last(PHONE)) == "S1"
    r = she.resources
    with r.sessions() as session:
        found = records_of(session, "o-mine")
        assert [each.student_number for each in found] == ["S1", "S0"]


@pytest.mark.parametrize(
    "name", [" 阿依古丽·买买提 ", "阿依古丽 · 买买提", "阿依古丽\u200b·买买提"]
)
def test_her_name_may_be_written_with_blanks(she: Person, name: str) -> None:
    assert she.claim(name) is None


def test_her_name_may_be_written_with_any_dot_or_none(
    she: Person, phones: Phones, clock: StandingClock
) -> None:
    for sent, dot in enumerate([*MIDDLE_DOTS, ".", ""], 1):
        clock.move(timedelta(days=1))
        assert she.claim(f"阿依古丽{dot}买买提") is None
        phones.last(PHONE)
        assert len(phones.codes) == sent, f"no code for {dot!a}"
    assert she.prove(she.phones.last(PHONE)) == "S1"


@pytest.mark.parametrize("number", ["110101 20030101 0012", "１１０１０１２００３０１０１００１２"])
def test_her_number_may_be_written_with_blanks_or_full_width(she: Person, number: str) -> None:
    assert she.claim(number=number) is None
    assert she.prove(she.phones.last(PHONE)) == "S1"


@pytest.mark.parametrize(
    ("name", "number"),
    [("李娟", NUMBER), ("阿依古丽·买买提", "110101200301040019"), ("王无机", NOBODYS)],
    ids=["another's name", "nobody's number", "no phone"],
)
def test_who_does_not_match_hears_the_same_and_gets_nothing(
    she: Person, phones: Phones, name: str, number: str
) -> None:
    assert she.claim(name, number) is None
    sms_after_commit.settle()
    assert phones.codes == []
    assert [she.prove(f"{guess:06d}") for guess in range(6)] == ["code_wrong"] * 5 + ["code_spent"]


def test_a_wrong_code_says_the_same_to_who_matched(she: Person, phones: Phones) -> None:
    she.claim()
    code = phones.last(PHONE)
    assert [she.prove(wrong(code, by)) for by in range(1, 6)] == ["code_wrong"] * 5
    assert she.prove(code) == "code_spent"


def test_a_code_serves_once_and_for_five_minutes(
    she: Person, phones: Phones, clock: StandingClock
) -> None:
    she.claim()
    code = phones.last(PHONE)
    clock.move(timedelta(minutes=5))
    assert she.prove(code) == "code_expired"
    she.claim()
    code = phones.last(PHONE)
    assert she.prove(code) == "S1"
    assert she.prove(code) == "code_expired"


def test_a_code_asked_for_again_replaces_the_one_before(
    she: Person, phones: Phones, clock: StandingClock
) -> None:
    she.claim()
    first = phones.last(PHONE)
    assert she.claim() == "resend_too_soon"
    clock.move(timedelta(seconds=60))
    she.claim()
    second = phones.last(PHONE)
    assert first == second or she.prove(first) == "code_wrong"
    assert she.prove(second) == "S1"


def test_a_code_holds_in_the_session_and_wechat_that_asked_for_it(
    she: Person, phones: Phones
) -> None:
    she.claim()
    code = phones.last(PHONE)
    thief = Person(she.resources, phones, "o-thief")
    assert thief.prove(code) == "code_expired"
    thief.session_hash = she.session_hash
    assert thief.prove(code) == "code_wrong"


def test_another_persons_code_binds_nobody(she: Person, phones: Phones) -> None:
    thief = Person(she.resources, phones, "o-thief")
    thief.claim("李娟", OTHER_NUMBER)
    she.claim()
    assert she.prove(phones.last(OTHER_PHONE)) in {"code_wrong", "S1"}


def test_only_who_holds_the_phone_hears_that_she_is_bound_elsewhere(
    she: Person, phones: Phones, sessions: sessionmaker[Session], clock: StandingClock
) -> None:
    she.claim()
    she.prove(phones.last(PHONE))
    clock.move(timedelta(minutes=1))
    newer = Person(she.resources, phones, "o-newer")
    assert newer.claim() is None
    code = phones.last(PHONE)
    assert newer.prove(wrong(code)) == "code_wrong"
    assert newer.prove(code) == "bound_elsewhere"
    assert bindings(sessions) == 1
    with sessions() as session:
        noted = session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)).all()
    assert noted == ["bound", "bound", "bind_refused"]


def test_a_bound_wechat_is_told_so_and_sends_no_code(she: Person, phones: Phones) -> None:
    she.claim()
    she.prove(phones.last(PHONE))
    assert she.claim("李娟", OTHER_NUMBER) == "openid_bound"
    sms_after_commit.settle()
    assert len(phones.codes) == 1


def test_of_two_who_race_exactly_one_is_bound(
    resources: Resources, phones: Phones, sessions: sessionmaker[Session], clock: StandingClock
) -> None:
    racers = [Person(resources, phones, f"o-{number}") for number in range(3)]
    codes = []
    for each in racers:
        assert each.claim() is None
        codes.append(phones.last(PHONE))
        clock.move(timedelta(minutes=1))
    assert len(set(codes)) == len(racers), "each with a code of its own"
    with ThreadPoolExecutor(3) as pool:
        told = list(pool.map(lambda pair: pair[0].prove(pair[1]), zip(racers, codes, strict=True)))
    assert sorted(told) == ["S1", *["bound_elsewhere"] * 2]
    assert bindings(sessions) == 1


def test_unbinding_ends_her_sessions_and_frees_both_sides(
    she: Person, phones: Phones, sessions: sessionmaker[Session], clock: StandingClock
) -> None:
    she.claim()
    she.prove(phones.last(PHONE))
    with she.resources.sessions.begin() as session:
        graduate = records_of(session, "o-mine")[0]
        session.add(
            WebSession(
                token_hash="h",
                graduate_id=graduate.id,
                created_at=clock(),
                seen_at=clock(),
                expires_at=clock() + timedelta(hours=1),
            )
        )
    with she.resources.sessions.begin() as session:
        ended = {"reason": "by_school", "by": "staff:key", "at": clock()}
        assert bind.end(session, graduate.id, **ended)  # type: ignore[arg-type]  # as named
        assert not bind.end(session, graduate.id, **ended)  # type: ignore[arg-type]  # as named
    with sessions() as session:
        assert session.scalar(select(func.count()).select_from(WebSession)) == 0
    clock.move(timedelta(hours=24))
    newer = Person(she.resources, phones, "o-newer")
    newer.claim()
    assert newer.prove(phones.last(PHONE)) == "S1"


@pytest.mark.parametrize(
    ("name", "said", "left"),
    [
        ("user_authorization_revoke", {}, 0),
        ("user_authorization_revoke", {"RevokeInfo": "301"}, 0),
        ("user_authorization_revoke", {"RevokeInfo": "201,301"}, 0),
        ("user_authorization_revoke", {"RevokeInfo": "201,205"}, 1),
        ("user_info_modified", {"RevokeInfo": "1"}, 1),
        ("user_authorization_cancellation", {}, 0),
    ],
)
def test_permission_taken_back_in_wechat_ends_the_binding_where_we_hold_what_it_is_about(
    she: Person,
    phones: Phones,
    sessions: sessionmaker[Session],
    clock: StandingClock,
    name: str,
    said: dict[str, str],
    left: int,
) -> None:
    she.claim()
    she.prove(phones.last(PHONE))
    event = pushed(name, "o-platform", clock(), content={"OpenID": "o-mine", **said})
    with she.resources.sessions.begin() as session:
        pushes.store(session, event)
    pushes.take_in(she.resources)
    assert bindings(sessions) == left


@pytest.mark.parametrize(
    ("name", "number", "code"),
    [
        ("", NUMBER, "name_missing"),
        ("李娟", "110101200301010011", "identity_check"),
        ("李娟", "123", "identity_form"),
    ],
)
def test_what_is_no_name_or_number_is_said_and_not_counted(
    she: Person, name: str, number: str, code: str
) -> None:
    for _ in range(20):
        assert she.claim(name, number) == code
    assert she.claim() is None


def test_a_wechat_that_keeps_trying_waits_longer_each_time(
    she: Person, clock: StandingClock
) -> None:
    told = []
    for number in range(30):
        told.append(she.claim_solving("李娟", NUMBER if number % 2 else OTHER_NUMBER))
        clock.move(timedelta(seconds=61))
    assert told[:10] == [None] * 10
    assert told[10:].count("too_many_attempts") > 10


def test_one_record_is_protected_whoever_asks(
    resources: Resources, phones: Phones, clock: StandingClock
) -> None:
    told = [Person(resources, phones, f"o-{n}").claim("李娟", NUMBER) for n in range(8)]
    assert told == [None] * 5 + ["puzzle_needed"] * 3
    herself = Person(resources, phones, "o-herself")
    assert herself.claim(puzzle="00000") == "puzzle_wrong"
    assert herself.claim_solving() is None
    clock.move(timedelta(hours=1))
    assert Person(resources, phones, "o-another").claim() is None


def lecture_hall(resources: Resources, people: int) -> list[tuple[str, str]]:
    """Put people on record, each with a phone of her own; return number and phone of each."""
    found = [(f"E{number:08d}", f"1990000{number:04d}") for number in range(people)]
    vault, at = resources.vault, resources.clock()
    with resources.sessions.begin() as session:
        first = session.scalars(select(Graduate).order_by(Graduate.id)).first()
        assert first is not None
        for number, phone in found:
            seal(
                session,
                vault,
                Graduate(
                    school_id=first.school_id,
                    department_id=first.department_id,
                    year=2026,
                    student_number=number,
                    name="李娟",
                    identity_index=identity.identity_index(vault, number),
                    graduation_month="202606",
                    created_at=at,
                    updated_at=at,
                ),
                number=number,
                phone=phone,
            )
    return found


def test_a_lecture_hall_at_one_address_is_bound_without_a_wait(
    resources: Resources, phones: Phones, sessions: sessionmaker[Session]
) -> None:
    hall = lecture_hall(resources, 104)
    people = [Person(resources, phones, f"o-{number}") for number, _ in hall]
    told = [p.claim("李娟", number) for p, (number, _) in zip(people, hall, strict=True)]
    assert told == [None] * 104
    bound = [p.prove(phones.last(phone)) for p, (_, phone) in zip(people, hall, strict=True)]
    assert bound == [number for number, _ in hall]
    assert bindings(sessions) == 104


@pytest.mark.in_ci  # a hall of 104 people
def test_right_codes_make_up_for_as_many_wrong_ones_from_their_address(
    resources: Resources, phones: Phones
) -> None:
    hall = lecture_hall(resources, 104)
    for number, phone in hall:
        person = Person(resources, phones, f"o-{number}")
        assert person.claim("李娟", number) is None
        code = phones.last(phone)
        assert person.prove(wrong(code)) == "code_wrong"
        assert person.prove(code) == number


@pytest.mark.in_ci  # two hundred people, a thousand tries
def test_a_thousand_guesses_from_one_address_are_not_all_compared(
    resources: Resources, phones: Phones, sessions: sessionmaker[Session], clock: StandingClock
) -> None:
    strangers = []
    for number, phone in lecture_hall(resources, 200):
        stranger = Person(resources, phones, f"o-{number}")
        assert stranger.claim("李娟", number) is None
        strangers.append((stranger, phones.last(phone)))
    told = [each.prove(wrong(code, by)) for each, code in strangers for by in range(1, 6)]
    assert told == ["code_wrong"] * 100 + ["puzzle_needed"] * 900
    stranger, code = strangers[-1]
    assert stranger.prove(code) == "puzzle_needed"
    assert bindings(sessions) == 0
    assert stranger.prove_solving(code).startswith("E")


@pytest.mark.parametrize("typed", ["", "12345", "1234567", "12 456", "一二三四五六"])
def test_what_is_no_code_takes_none_of_its_tries(she: Person, phones: Phones, typed: str) -> None:
    she.claim()
    assert [she.prove(typed) for _ in range(6)] == ["code_form"] * 6
    assert she.prove(f" {phones.last(PHONE)} ") == "S1"


def test_a_slow_provider_makes_no_answer_slower(she: Person, phones: Phones) -> None:
    phones.reachable.clear()
    assert she.claim() is None
    assert phones.codes == []  # she was answered first
    phones.reachable.set()


def test_an_answer_that_was_not_committed_sends_no_code(she: Person, phones: Phones) -> None:
    r = she.resources
    claimed = ClaimedIdentity("阿依古丽·买买提", NUMBER, "o-mine", "session", "10.0.0.1")
    with r.sessions() as session:
        bind.begin(session, r.vault, phones, claimed, r.clock())
        session.rollback()
    sms_after_commit.settle()
    assert phones.codes == []


def test_the_database_holds_no_code(she: Person, phones: Phones) -> None:
    she.claim()
    code = phones.last(PHONE)
    with she.resources.sessions() as session:
        row = session.scalars(select(OneTimeCode)).one()
    assert code not in row.code_hash
    assert len(row.code_hash) == 32


@pytest.mark.slow
def test_a_hit_takes_as_long_as_a_miss(
    resources: Resources, phones: Phones, clock: StandingClock
) -> None:
    """Slow: of 400 claims the work is timed and the statements compared, of each kind in turn.

    The work is the processor's time, which a busy machine does not add to.
    """
    took: dict[str, list[float]] = {"hit": [], "miss": []}
    asked: dict[str, set[tuple[str, ...]]] = {"hit": set(), "miss": set()}
    statements: list[str] = []
    event.listen(
        resources.engine,
        "before_cursor_execute",
        lambda _connection, _cursor, statement, *_: statements.append(statement),
    )
    for number in range(200):
        for kind, name in (("hit", "李娟"), ("miss", "王娟")):
            person = Person(resources, phones, f"o-{kind}-{number}")
            statements.clear()
            began = thread_time()
            person.claim(name, OTHER_NUMBER, address=f"10.0.{number}.1")
            took[kind].append(thread_time() - began)
            asked[kind].add(tuple(statements))
            clock.move(timedelta(hours=2))
    assert asked["hit"] == asked["miss"]
    assert abs(median(took["hit"]) - median(took["miss"])) < 0.001
