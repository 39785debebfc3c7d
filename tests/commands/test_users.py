"""`quxiang user`: who may be made, with a password nobody sees; and what is done to accounts."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from registry.accounts import sessions as web_sessions
from registry.accounts.school_tables import Department, School
from registry.accounts.sessions import Identity, proven
from registry.accounts.tables import AuditEntry, Staff
from registry.base.clock import utc_now
from tests.commands.conftest import Quxiang
from tests.registry.second_factor.phone import turn_on
from tests.registry.staff_context import VAULT

PASSWORD = "a long made-up password"


@pytest.fixture
def school(sessions: sessionmaker[Session]) -> School:
    school = School(code="10001", name="某某大学", created_at=datetime(2026, 1, 1, tzinfo=UTC))
    with sessions.begin() as session:
        session.add(school)
        session.flush()
        session.add(Department(school_id=school.id, name="计算机学院"))
    return school


def test_a_school_gets_its_first_member_of_staff(
    command: Quxiang, school: School, sessions: sessionmaker[Session]
) -> None:
    said = command(
        *("user", "create", "--role", "school", "--login", "wang", "--school", "10001"),
        stdin=f"{PASSWORD}\n",
    )
    assert said.status == 0
    assert said.facts["login"] == "wang"
    with sessions() as session:
        staff = session.scalars(select(Staff)).one()
        assert (staff.role, staff.school_id) == ("school", school.id)
        assert PASSWORD not in staff.password_hash
        assert staff.first_password_until is not None, "who made it knows the password"
    assert PASSWORD not in said.messages


def test_a_department_is_found_by_its_name(command: Quxiang, school: School) -> None:
    words = ("user", "create", "--role", "department", "--login", "liu", "--school", "10001")
    assert command(*words, "--department", "计算机学院", stdin=PASSWORD).status == 0
    said = command(*words, "--department", "无此学院", stdin=PASSWORD)
    assert (said.status, said.facts["refused"]) == (1, "no_such_department")


def test_a_role_without_its_place_is_misuse(command: Quxiang) -> None:
    said = command("user", "create", "--role", "school", "--login", "wang", stdin=PASSWORD)
    assert said.status == 2
    assert "--school" in said.messages


def test_a_short_password_is_refused_with_the_rules_own_sentence(command: Quxiang) -> None:
    said = command("user", "create", "--role", "operator", "--login", "op", stdin="short")
    assert (said.status, said.facts["refused"]) == (1, "password_too_short")
    assert "密码" in said.facts["reason"]


def test_an_unknown_school_is_refused(command: Quxiang) -> None:
    said = command(
        *("user", "create", "--role", "school", "--login", "wang", "--school", "12345"),
        stdin=PASSWORD,
    )
    assert (said.status, said.facts["refused"]) == (1, "no_such_school")


def test_an_office_that_receives_files_belongs_to_no_school(
    command: Quxiang, school: School, sessions: sessionmaker[Session]
) -> None:
    words = ("user", "create", "--role", "receiver", "--login", "rencai")
    assert command(*words, "--school", "10001", stdin=PASSWORD).status == 2
    said = command(*words, "--name", "市人才服务中心", stdin=PASSWORD)
    assert (said.status, said.facts["role"]) == (0, "receiver")
    with sessions() as session:
        assert session.scalars(select(Staff.name)).one() == "市人才服务中心"


@pytest.fixture
def made(command: Quxiang, school: School) -> None:
    words = ("user", "create", "--role", "school", "--login", "wang", "--school", "10001")
    assert command(*words, stdin=PASSWORD).status == 0


def test_an_account_is_disabled_and_enabled_and_the_log_says_so(
    command: Quxiang, made: None, sessions: sessionmaker[Session]
) -> None:
    for verb, active in (("disable", False), ("disable", False), ("enable", True)):
        said = command("user", verb, "--login", "Wang")
        assert (said.status, said.facts) == (0, {"login": "wang", "active": active})
        with sessions() as session:
            assert session.scalars(select(Staff.active)).one() is active
    with sessions() as session:
        rows = session.execute(select(AuditEntry.actor, AuditEntry.action)).all()
    assert {actor for actor, _ in rows} == {"command"}
    assert [action for _, action in rows] == ["staff_create", "staff_disable", "staff_enable"]


def test_a_forgotten_password_is_given_anew_for_a_while(
    command: Quxiang, made: None, sessions: sessionmaker[Session]
) -> None:
    said = command("user", "password", "--login", "wang", stdin="a first password")
    assert said.status == 0
    assert "a first password" not in said.messages
    with sessions() as session:
        assert session.scalars(select(Staff.first_password_until)).one() is not None


def test_a_first_password_is_no_easier_than_others(command: Quxiang, made: None) -> None:
    said = command("user", "password", "--login", "wang", stdin="short")
    assert (said.status, said.facts["refused"]) == (1, "password_too_short")


def test_an_unknown_login_is_refused(command: Quxiang, made: None) -> None:
    said = command("user", "disable", "--login", "nobody")
    assert (said.status, said.facts["refused"]) == (1, "no_such_login")


def test_a_second_factor_is_taken_off_where_nobody_else_can(
    command: Quxiang, made: None, sessions: sessionmaker[Session]
) -> None:
    with sessions.begin() as session:
        turn_on(session, VAULT, session.scalars(select(Staff)).one(), utc_now())
    for reset in (True, False):
        said = command("user", "reset-factor", "--login", "wang")
        assert (said.status, said.facts) == (0, {"login": "wang", "reset": reset})
    with sessions() as session:
        assert session.scalars(select(Staff.second_factor_since)).one() is None
        actions = session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)).all()
    assert actions == ["staff_create", "factor_reset"]


def test_sessions_are_ended_of_one_or_of_everybody(
    command: Quxiang, made: None, sessions: sessionmaker[Session]
) -> None:
    def begin() -> None:
        at = datetime(2026, 6, 10, tzinfo=UTC)
        with sessions.begin() as session:
            staff = session.scalars(select(Staff)).one()
            for identity in (proven(staff), Identity(openid="o-somebody")):
                web_sessions.start(session, web_sessions.new_token(), identity, {}, at)

    begin()
    assert command("user", "sign-out", "--login", "wang").facts == {"ended": 1}
    begin()
    assert command("user", "sign-out", "--everybody").facts == {"ended": 3}
    with sessions() as session:
        noted = session.scalars(select(AuditEntry.action)).all()
    assert sorted(noted) == ["sessions_end", "sessions_end", "staff_create"]
    assert command("user", "sign-out").status == 2
