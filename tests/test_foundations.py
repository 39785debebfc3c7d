"""The ground that all other tests stand on."""

import socket
from datetime import timedelta
from typing import get_args

import pytest
from pydantic import ValidationError
from redis import Redis
from sqlalchemy import Engine, func, inspect, select, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from bench.processes import environment
from registry.accounts.school_tables import School
from registry.accounts.tables import Role
from registry.base.database import open_engine, random_key
from runtime.settings import Settings, StaffRole, read_environment
from tests.clock import StandingClock
from tests.configuration import settings_for
from tests.databases import FindMaker, FindTemplate
from tests.one_database import deal, is_left_to_next_turn, is_of_pages


def test_each_test_gets_a_migrated_database(engine: Engine) -> None:
    assert "graduate" in inspect(engine).get_table_names()


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
def test_no_commit_waits_for_the_disk(session: Session) -> None:
    assert session.scalar(text("PRAGMA synchronous")) == 0
    assert session.scalar(text("PRAGMA foreign_keys")) == 1


@pytest.mark.parametrize("_", ["once", "twice"])
def test_no_test_sees_what_another_left(engine: Engine, _: str) -> None:
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE left_behind (id INTEGER)"))


@pytest.mark.parametrize("_", ["once", "twice", "and again"])
def test_each_database_is_empty_and_numbers_its_rows_from_one(
    session: Session, clock: StandingClock, _: str
) -> None:
    assert session.scalar(select(func.count(School.id))) == 0
    school = School(code="10001", name="某某大学", created_at=clock())
    session.add(school)
    session.commit()
    assert school.id == 1


@pytest.mark.parametrize("database_kind", ["postgresql"], indirect=True)
def test_whoever_knows_a_database_of_an_earlier_test_does_not_find_it(
    database_kind: str, database_makers: FindMaker, database_templates: FindTemplate
) -> None:
    maker, template = database_makers(database_kind), database_templates(database_kind)
    earlier = maker.make(template)
    left_open = open_engine(earlier.render_as_string(hide_password=False))
    left_open.connect()
    maker.drop(earlier)
    later = maker.make(template)
    with pytest.raises(OperationalError):
        left_open.connect()
    left_open.dispose()
    maker.drop(later)


@pytest.mark.parametrize("_", ["once", "twice"])
def test_each_test_finds_valkey_empty(valkey: Redis, redis_url: str, _: str) -> None:
    assert valkey.dbsize() == 0
    with Redis.from_url(redis_url) as other:
        other.set("left", "behind")


def test_the_clock_stands_until_it_is_moved(clock: StandingClock) -> None:
    before = clock()
    assert clock() == before
    assert clock.move(timedelta(days=1)) - before == timedelta(days=1)


def test_a_test_cannot_reach_another_machine() -> None:
    with socket.socket() as outside, pytest.raises(RuntimeError, match=r"192\.0\.2\.1"):
        outside.connect(("192.0.2.1", 80))
    with socket.socket() as outside, pytest.raises(RuntimeError, match=r"192\.0\.2\.1"):
        outside.connect_ex(("192.0.2.1", 80))


def test_each_process_begins_with_what_takes_long(request: pytest.FixtureRequest) -> None:
    items = request.session.items
    dealt = deal(items, 3)
    assert {*dealt} == {*items}
    assert len(dealt) == len(items)
    size = len(items) // 3
    for hand in (dealt[:size], dealt[size : size + (len(items) - size) // 2]):
        slow = [each.get_closest_marker("slow") is not None for each in hand]
        assert slow == sorted(slow, reverse=True)


def test_what_one_turn_of_ci_leaves_out_the_next_plays(request: pytest.FixtureRequest) -> None:
    for item in request.session.items:
        left_out = [is_left_to_next_turn(item, turn) for turn in (6, 7, 8)]
        assert left_out in ([True, False, True], [False, True, False], [False] * 3)
        if is_of_pages(item) and not item.get_closest_marker("parametrize"):
            databases = "database_kind" in getattr(item, "fixturenames", ())
            assert any(left_out) == databases, item.nodeid


def test_the_settings_name_the_servers_of_the_test(
    settings: Settings, database_url: str, redis_url: str
) -> None:
    assert (settings.database_url, settings.redis_url) == (database_url, redis_url)


def test_no_key_is_read_as_an_option_of_a_command() -> None:
    assert not any(random_key().startswith("-") for _ in range(2000))


def test_settings_that_are_printed_show_no_password() -> None:
    secret = "3c0rr3ct"
    shown = repr(settings_for(f"postgresql://qx:{secret}@db/qx", f"redis://:{secret}@redis/0"))
    assert secret not in shown


def test_a_second_factor_can_be_asked_of_every_role_of_staff() -> None:
    assert set(get_args(StaffRole)) == {role.value for role in Role}


def test_roles_are_read_from_one_line_and_a_wrong_one_is_refused() -> None:
    given = settings_for("sqlite://", "redis://localhost/0", second_factor="operator, province")
    assert given.second_factor == {"operator", "province"}
    with pytest.raises(ValidationError, match="second_factor"):
        settings_for("sqlite://", "redis://localhost/0", second_factor="operators")


def test_what_is_measured_is_given_settings_that_it_can_read(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    wanted = settings_for("sqlite:///here.db", "redis://127.0.0.1:1/0")
    for name, value in environment(wanted).items():
        monkeypatch.setenv(name, value)
    read = read_environment()
    changed = {name for name, value in wanted if getattr(read, name) != value}
    assert changed <= {"quiet_hours"}
