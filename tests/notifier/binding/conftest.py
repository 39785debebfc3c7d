"""A school with people who bind, their phones, and one of them."""

from collections.abc import Iterator

import pytest

from notifier.binding import sms_after_commit
from notifier.ledger import notices
from runtime.resources import Resources, open_resources
from tests.clock import StandingClock
from tests.configuration import settings_for
from tests.notifier.binding.claimants import Person, Phones, add_people


@pytest.fixture
def resources(database_url: str, redis_url: str, clock: StandingClock) -> Iterator[Resources]:
    opened = open_resources(settings_for(database_url, redis_url), notices.write, clock=clock)
    with opened.sessions.begin() as session:
        add_people(session, opened.vault, clock)
    yield opened
    opened.engine.dispose()
    opened.redis.close()


@pytest.fixture
def phones() -> Iterator[Phones]:
    yield Phones()
    sms_after_commit.settle()


@pytest.fixture
def she(resources: Resources, phones: Phones) -> Person:
    return Person(resources, phones)
