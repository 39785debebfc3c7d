"""Forty reports, or receipt numbers, at once get no further than one after another."""

from collections.abc import Callable

import pytest
from sqlalchemy.orm import Session, sessionmaker

from registry.base.database import random_key
from registry.breaches import filing, receipt
from registry.record.tables import Graduate
from tests.registry.accounts.test_bursts import burst
from tests.registry.breaches.conftest import ABOUT_SCHOOL, Reporting


@pytest.mark.parametrize(
    "address",
    [lambda _: "198.51.100.7", lambda place: f"2001:db8:7:{place:x}::1"],
    ids=["one address", "one network of IPv6"],
)
def test_receipt_numbers_are_guessed(
    desk: Reporting, sessions: sessionmaker[Session], address: Callable[[int], str]
) -> None:
    vault, at = desk.campus.vault, desk.at
    desk.campus.save()

    def guess(session: Session, place: int) -> object:
        return receipt.look_up(session, vault, f"JB26ABCDEF{place:02}", address(place), at)

    assert burst(sessions, guess).count("receipt_unknown") == receipt.OF_ADDRESS.free


def test_one_person_reports(desk: Reporting, sessions: sessionmaker[Session]) -> None:
    vault, at, her = desk.campus.vault, desk.at, desk.campus.graduate().id
    desk.campus.save()

    def report(session: Session, _place: int) -> object:
        graduate = session.get_one(Graduate, her)
        return filing.file(session, vault, graduate, random_key(), ABOUT_SCHOOL, at)

    assert burst(sessions, report).count("through") == filing.OF_PERSON.free
