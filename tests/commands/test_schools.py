"""`quxiang school create`: how a real school begins."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from registry.accounts.school_tables import School
from tests.commands.conftest import Quxiang

NEW = ("school", "create", "--code", "10422", "--name", "某某大学", "--province", "370000")


def test_a_school_begins_and_its_staff_can_be_added(
    command: Quxiang, sessions: sessionmaker[Session]
) -> None:
    said = command(*NEW, "--correction-system", "山东省高校毕业生就业信息网")
    assert (said.status, said.facts["school"]) == (0, "10422")
    with sessions() as session:
        school = session.scalars(select(School)).one()
        assert (school.name, school.province) == ("某某大学", "370000")
        assert school.correction_system == "山东省高校毕业生就业信息网"
    staff = command(
        *("user", "create", "--role", "school", "--login", "wang", "--school", "10422"),
        stdin="a long made-up password",
    )
    assert staff.status == 0


def test_a_code_belongs_to_one_school(command: Quxiang) -> None:
    assert command(*NEW).status == 0
    said = command(*NEW)
    assert (said.status, said.facts["refused"]) == (1, "school_exists")


@pytest.mark.parametrize("code", ["1042", "104222", "1042a", "１０４２２"])
def test_a_code_has_five_digits(command: Quxiang, code: str) -> None:
    assert command("school", "create", "--code", code, *NEW[4:]).status == 2


@pytest.mark.parametrize("code", ["37", "370100", "990000", "山东"])
def test_a_province_is_one_of_the_table(command: Quxiang, code: str) -> None:
    said = command(*NEW[:-1], code)
    assert said.status == 2
    assert "GB/T 2260" in said.messages
