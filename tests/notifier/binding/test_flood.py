"""A classmate who knows her name and number keeps nobody from binding, and fills no phone.

Before, 334 codes came to her phone in a day, and of 679 tries she got no code of her own.
"""

from datetime import timedelta

import pytest
from sqlalchemy import select

from notifier.binding import phone_codes
from registry.accounts.tables import OneTimeCode
from registry.codes import identity
from registry.record.tables import Graduate
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
from tests.notifier.binding.test_bind import wrong

DAY = timedelta(days=1)
CODES = 334


def stranger(she: Person, place: int) -> Person:
    return Person(she.resources, she.phones, f"o-stranger{place}")


def flood(she: Person, clock: StandingClock, times: int, every: timedelta) -> None:
    """Have another WeChat ask for a code in her name each time, and solve its puzzle."""
    for place in range(times):
        assert stranger(she, place).claim_solving() is None
        clock.move(every)


@pytest.mark.slow  # 334 puzzles are drawn and solved
def test_of_334_claims_in_a_day_five_reach_the_phone_and_she_binds(
    she: Person, phones: Phones, clock: StandingClock
) -> None:
    flood(she, clock, CODES, DAY / CODES - timedelta(seconds=1))
    last = phones.last(PHONE)
    assert len(phones.codes) == phone_codes.A_DAY
    assert she.claim_solving() is None
    assert phones.last(PHONE) == last
    assert len(phones.codes) == phone_codes.A_DAY
    assert she.prove(last) == "S1"


@pytest.mark.parametrize("seconds", [1, 61, 600])
def test_whenever_she_asks_she_gets_in_with_what_last_came_to_her_phone(
    she: Person, phones: Phones, clock: StandingClock, seconds: int
) -> None:
    flood(she, clock, 7, timedelta(seconds=seconds))
    assert she.claim_solving() is None
    assert she.prove(phones.last(PHONE)) == "S1"


def test_strangers_wrong_codes_use_up_nothing_of_hers(
    she: Person, phones: Phones, clock: StandingClock
) -> None:
    flood(she, clock, 5, timedelta(minutes=2))
    code = phones.last(PHONE)
    for place in range(100, 112):
        other = stranger(she, place)
        assert other.claim_solving() is None
        said = [other.prove(wrong(code, by)) for by in range(1, 7)]
        assert said == ["code_wrong"] * 5 + ["code_spent"]
    assert she.claim_solving() is None
    assert she.prove(code) == "S1"


def test_one_wechat_tries_five_codes_a_day_that_others_asked_for(
    she: Person, phones: Phones, clock: StandingClock
) -> None:
    flood(she, clock, 5, timedelta(minutes=2))
    code, thief = phones.last(PHONE), stranger(she, 100)
    said: list[str] = []
    for _ in range(3):
        assert thief.claim_solving() is None
        said = [thief.prove(wrong(code, by)) for by in range(1, 7)]
        clock.move(timedelta(hours=2))
    assert said == ["code_spent"] * 6


def test_a_wrong_name_uses_up_none_of_her_codes(
    she: Person, phones: Phones, clock: StandingClock
) -> None:
    for place in range(10):
        assert stranger(she, place).claim_solving("李娟") is None
        clock.move(timedelta(minutes=2))
    assert she.claim_solving() is None
    assert she.prove(phones.last(PHONE)) == "S1"
    assert len(phones.codes) == 1


def test_a_phone_of_two_people_gets_no_more_codes_than_one(
    she: Person, phones: Phones, clock: StandingClock
) -> None:
    with she.resources.sessions.begin() as session:
        other = session.scalars(select(Graduate).where(Graduate.student_number == "S3")).one()
        other.phone_sealed = she.resources.vault.seal(identity.PHONE, other.id, OTHER_PHONE)
    for place in range(8):
        assert stranger(she, place).claim_solving("李娟", OTHER_NUMBER) is None
        clock.move(timedelta(minutes=2))
        assert stranger(she, 50 + place).claim_solving("王无机", NOBODYS) is None
        clock.move(timedelta(minutes=2))
    phones.last(OTHER_PHONE)
    assert len(phones.codes) == phone_codes.A_DAY
    assert she.claim_solving("李娟", OTHER_NUMBER) is None
    assert she.prove(phones.last(OTHER_PHONE)) == "S2"


def test_nobody_is_told_by_it_whether_a_name_matched(she: Person, clock: StandingClock) -> None:
    said: list[str | None] = []
    for name, number in (("阿依古丽·买买提", NUMBER), ("查无此人", "110101200301040019")):
        for place in range(8):
            said.append(Person(she.resources, she.phones, f"o{place}{number}").claim(name, number))
            clock.move(timedelta(seconds=70))
    assert said[:8] == said[8:] == [None] * 5 + ["puzzle_needed"] * 3


def test_a_code_that_was_used_serves_no_other_wechat(
    she: Person, phones: Phones, clock: StandingClock
) -> None:
    assert she.claim() is None
    code, other = phones.last(PHONE), stranger(she, 1)
    assert she.prove(code) == "S1"
    assert other.claim_solving() is None
    assert other.prove(code) == "code_wrong"
    clock.move(timedelta(minutes=1))
    flood(other, clock, 4, timedelta(minutes=1))
    shared = phones.last(PHONE)
    assert other.claim_solving() is None
    assert other.prove(shared) == "bound_elsewhere"
    third = stranger(she, 9)
    assert third.claim_solving() is None
    assert third.prove(shared) == "code_wrong"


def test_after_a_day_codes_are_sent_again(
    she: Person, phones: Phones, clock: StandingClock
) -> None:
    flood(she, clock, 6, timedelta(minutes=2))
    clock.move(DAY)
    assert she.claim() is None
    assert she.prove(phones.last(PHONE)) == "S1"
    assert len(phones.codes) == phone_codes.A_DAY + 1


def test_no_code_is_kept_in_a_form_that_says_it(she: Person, phones: Phones) -> None:
    she.claim()
    code = phones.last(PHONE)
    with she.resources.readers() as session:
        row = session.scalars(select(OneTimeCode)).one()
    assert code not in f"{row.code_hash} {row.phone_hash} {row.phone_index}"
