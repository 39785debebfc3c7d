"""Forty claims or codes at the same moment get no further than forty one after another."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from sqlalchemy import select
from sqlalchemy.orm import Session
from stdnum.cn import ric

from notifier.binding import (
    bind,
    bind_by_face,
    bind_by_phone,
    employer_phone,
    own_hand,
    phone_codes,
)
from notifier.binding.bind import ClaimedIdentity
from notifier.binding.employer_phone import PhoneClaim
from notifier.binding.own_hand import Act
from registry.accounts import attempts, puzzles
from registry.base.errors import RuleError
from registry.codes import identity
from registry.record.tables import Graduate
from runtime.resources import Resources
from tests.notifier.binding.claimants import (
    NUMBER,
    OTHER_NUMBER,
    PHONE,
    Person,
    Phones,
)

AT_ONCE = 40


def burst(work: Callable[[int], object]) -> list[object]:
    """Do something forty times at once; return what came of each."""
    together = Barrier(AT_ONCE)

    def one(place: int) -> object:
        together.wait()
        return work(place)

    with ThreadPoolExecutor(AT_ONCE) as many:
        return list(many.map(one, range(AT_ONCE)))


def of_wechat(she: Person, place: int) -> Person:
    return Person(she.resources, she.phones, f"o-stranger{place}")


def in_browser(she: Person, place: int) -> Person:
    other = Person(she.resources, she.phones, she.openid)
    other.session_hash = f"session {place}"
    return other


def nobodys(place: int) -> str:
    begin = f"11010120040101{place:03}"
    return begin + ric.calc_check_digit(f"{begin}0")


def test_one_browser_asks_for_one_code(she: Person, phones: Phones) -> None:
    assert burst(lambda _: she.claim()).count(None) == 1
    phones.last(PHONE)
    assert len(phones.codes) == 1


def test_many_wechats_claim_one_record(she: Person, phones: Phones) -> None:
    said = burst(lambda place: of_wechat(she, place).claim())
    assert said.count(None) == bind.OF_RECORD.puzzle_from
    phones.last(PHONE)
    assert len(phones.codes) == 1


def test_one_wechat_claims_from_many_browsers(she: Person) -> None:
    numbers = [NUMBER, OTHER_NUMBER]
    said = burst(lambda place: in_browser(she, place).claim(number=numbers[place % 2]))
    assert said.count(None) == bind.OF_OPENID.free


def test_one_code_is_tried(she: Person, phones: Phones) -> None:
    she.claim()
    right = int(phones.last(PHONE))
    said = burst(lambda place: she.prove(f"{(right + 1 + place) % 10**6:06}"))
    assert said.count("code_wrong") == phone_codes.TRIES


def test_codes_are_tried_from_one_address(she: Person) -> None:
    left = 7
    strangers = [of_wechat(she, place) for place in range(AT_ONCE)]
    for place, each in enumerate(strangers):
        assert each.claim(number=nobodys(place)) is None
    with she.resources.sessions.begin() as session:
        places = bind._places(she.resources.vault, "10.0.0.1")
        used = places * ((bind.OF_ADDRESS.puzzle_from or 0) - left)
        attempts.count_failure(session, bind.PURPOSE, used, she.resources.clock())
    said = burst(lambda place: strangers[place].prove("000000"))
    assert said.count("code_wrong") == left


def test_one_wechat_begins_face_checks_from_many_browsers(she: Person) -> None:
    def begin(place: int) -> str | None:
        named = ClaimedIdentity("李娟", NUMBER, she.openid, f"session {place}", "10.0.0.1")
        with she.resources.sessions.begin() as session:
            at = she.resources.clock()
            refusal = bind_by_face.begin(session, she.resources.vault, named, at)
        return refusal.code if refusal else None

    assert burst(begin).count(None) == bind_by_face.A_DAY


def in_a_transaction(
    resources: Resources, work: Callable[[Session], RuleError | None]
) -> str | None:
    with resources.sessions.begin() as session:
        refusal = work(session)
    return refusal.code if refusal else None


def give_phone(she: Person, student_number: str, phone: str) -> None:
    vault = she.resources.vault
    with she.resources.sessions.begin() as session:
        wanted = select(Graduate).where(Graduate.student_number == student_number)
        whose = session.scalars(wanted).one()
        whose.phone_sealed = vault.seal(identity.PHONE, whose.id, phone)
        whose.phone_index = identity.phone_index(vault, phone)


def test_two_people_who_share_a_phone_get_one_code(she: Person, phones: Phones) -> None:
    give_phone(she, "S2", PHONE)
    whose = [("李娟", OTHER_NUMBER), ("阿依古丽·买买提", NUMBER)]
    burst(lambda place: of_wechat(she, place).claim(*whose[place % 2]))
    phones.last(PHONE)
    assert len(phones.codes) == 1


def solved(she: Person, place: int) -> tuple[str, str]:
    """Return a browser session and the answer to its puzzle."""
    session_hash = f"{place:064}"
    with she.resources.sessions.begin() as session:
        return session_hash, puzzles.give_out(session, session_hash, she.resources.clock())


def send_to_an_employer(she: Person, phone: str, browser: tuple[str, str], address: str) -> object:
    claim = PhoneClaim(phone, browser[0], address, browser[1])
    r = she.resources
    return in_a_transaction(
        r, lambda session: employer_phone.send_code(session, r.vault, she.phones, claim, r.clock())
    )


def test_one_phone_is_named_by_many_who_register_an_employer(she: Person, phones: Phones) -> None:
    browsers = [solved(she, place) for place in range(AT_ONCE)]

    def send(place: int) -> object:
        return send_to_an_employer(she, PHONE, browsers[place], f"10.0.{place}.1")

    assert burst(send).count(None) == 1
    phones.last(PHONE)
    assert len(phones.codes) == 1


def test_many_phones_are_named_from_one_address(she: Person) -> None:
    browsers = [solved(she, place) for place in range(AT_ONCE)]

    def send(place: int) -> object:
        return send_to_an_employer(she, f"138000000{place:02}", browsers[place], "10.0.0.9")

    assert burst(send).count(None) == employer_phone.OF_ADDRESS.free


def test_one_code_of_an_employer_is_tried(she: Person, phones: Phones) -> None:
    left, r = 3, she.resources
    browser = solved(she, 1)
    assert send_to_an_employer(she, PHONE, browser, "10.0.0.9") is None
    right, claim = int(phones.last(PHONE)), PhoneClaim(PHONE, browser[0], "10.0.0.9")
    with r.sessions.begin() as session:
        own = employer_phone._subjects(r.vault, claim)[:1]
        used = own * (employer_phone.OF_PHONE.free - left - 1)
        attempts.count_failure(session, employer_phone.PURPOSE, used, r.clock())

    def guess(place: int) -> object:
        typed = f"{(right + 1 + place) % 10**6:06}"
        return in_a_transaction(
            r, lambda session: employer_phone.check(session, r.vault, claim, typed, r.clock())
        )

    assert burst(guess).count("code_wrong") == left


def test_codes_for_her_own_hand_are_asked_for_in_many_browsers(she: Person) -> None:
    r = she.resources
    with r.readers() as session:
        her = session.scalars(select(Graduate.id).where(Graduate.student_number == "S1")).one()

    def send(place: int) -> object:
        act = Act("withdraw", she.openid, f"{place:064}")

        def ask(session: Session) -> RuleError | None:
            whose = session.get_one(Graduate, her)
            return own_hand.send_code(session, r.vault, she.phones, whose, act, r.clock())

        return in_a_transaction(r, ask)

    assert burst(send).count(None) == own_hand.OF_GRADUATE.free


def test_numbers_of_the_mini_program_are_asked_for(she: Person) -> None:
    r = she.resources
    said = burst(
        lambda _: in_a_transaction(
            r, lambda session: bind_by_phone.count_number(session, r.vault, "o-mini", r.clock())
        )
    )
    assert said.count(None) == bind_by_phone.A_DAY


def test_one_wechat_tries_the_code_of_others_in_many_browsers(she: Person, phones: Phones) -> None:
    of_wechat(she, 99).claim()
    right = int(phones.last(PHONE))
    browsers = [in_browser(she, place) for place in range(bind.OF_OPENID.free - 1)]
    assert [each.claim() for each in browsers] == [None] * len(browsers)

    def guess(place: int) -> str:
        mine = browsers[place % len(browsers)]
        return mine.prove(f"{(right + 1 + place) % 10**6:06}")

    assert burst(guess).count("code_wrong") <= bind.SHARED_TRIES
