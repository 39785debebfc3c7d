"""A graduate of July with every number there is, and the pages receivers see."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from notifier.ledger import notices
from registry.numbers.shape import Kind
from runtime.resources import open_resources
from runtime.settings import Settings
from tests.clock import StandingClock
from tests.registry.numbers.conftest import JULY
from tests.registry.numbers.office import a_case
from tests.registry.staff_context import VAULT
from tests.wxapp.applications import make_app
from tests.wxapp.school.conftest import NoWeChat
from tests.wxapp.verify.window import Window


@pytest.fixture
def window(settings: Settings, clock: StandingClock) -> Iterator[Window]:
    clock.set(JULY)
    resources = replace(open_resources(settings, notices.write, clock=clock), vault=VAULT)
    with resources.sessions.begin() as session:
        case = a_case(session, clock)
        case.report()
        case.confirm()
        case.prove()
        for kind in Kind:
            case.authorize(kind)
            case.generate(kind)
        graduate_id = case.graduate.id
    yield Window(make_app(resources, NoWeChat(), NoWeChat()), resources, clock, graduate_id)
    resources.redis.close()
    resources.engine.dispose()
