"""Tests of numbers are given one graduate and her school."""

from datetime import UTC, datetime

import pytest
from sqlalchemy.orm import Session

from tests.clock import StandingClock
from tests.registry.numbers.office import Case, a_case

JULY = datetime(2026, 7, 1, 2, tzinfo=UTC)


@pytest.fixture
def case(session: Session, clock: StandingClock) -> Case:
    clock.set(JULY)
    return a_case(session, clock)
