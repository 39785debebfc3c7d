"""Forty claims or codes at the same moment get no further than forty one after another."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from stdnum.cn import ric

from notifier.binding import bind, bind_by_face, phone_codes
from notifier.binding.bind import ClaimedIdentity
from registry.accounts import attempts
from tests.notifier.binding.claimants import NUMBER, OTHER_NUMBER, PHONE, Person, Phones

AT_ONCE = 40


def burst(work: Callable[[int], str | None]) -> list[str | None]:
    """Do something forty times at once; return what came of each."""
    together = Barrier(AT_ONCE)

    def one(place: int) -> str | None:
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
