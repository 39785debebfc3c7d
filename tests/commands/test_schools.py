"""`quxiang school`, `quxiang department`: how a real school begins, is renamed and merged."""

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session, sessionmaker

from registry.accounts.school_tables import School
from registry.base.clock import utc_now
from registry.record.tables import Graduate
from tests.commands.conftest import Quxiang, Said
from tests.wxapp.school.records import open_campus

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


@pytest.fixture
def two(command: Quxiang, sessions: sessionmaker[Session]) -> None:
    """Make two schools with departments of the same names, of one and of two people."""
    with sessions.begin() as session:
        for code, people in (("10001", 1), ("10002", 2)):
            campus = open_campus(session, utc_now(), code)
            for number in range(people):
                campus.graduate(identity_index=f"{code}-{number}")


def merge(command: Quxiang, *more: str) -> Said:
    return command(*("school", "merge", "--code", "10001", "--into", "10002"), *more)


def test_a_school_gets_another_name(command: Quxiang, two: None) -> None:
    said = command("school", "rename", "--code", "10001", "--name", "甲大学")
    assert said.facts == {"school": "10001", "before": "测试大学10001", "after": "甲大学"}
    again = command("school", "rename", "--code", "10001", "--name", "甲大学")
    assert (again.status, again.facts["refused"]) == (1, "name_unchanged")


def test_a_merge_is_foreseen_and_then_done(
    command: Quxiang, two: None, sessions: sessionmaker[Session]
) -> None:
    for more, left in ((["--dry-run"], 2), ([], 1)):
        said = merge(command, "--reason", "合并", *more)
        assert (said.status, said.facts["people"]) == (0, 1)
        assert said.facts["same_named"] == ["化工学院", "计算机学院"]
        with sessions() as session:
            assert session.scalars(select(func.count()).select_from(School)).one() == left
    assert merge(command, "--reason", "合并").facts["refused"] == "no_such_school"


def test_a_merge_that_would_lose_something_is_refused(
    command: Quxiang, two: None, sessions: sessionmaker[Session]
) -> None:
    with sessions.begin() as session:
        for code in ("10001", "10002"):
            school = session.scalars(select(School).where(School.code == code)).one()
            theirs = select(Graduate).where(Graduate.school_id == school.id)
            session.scalars(theirs.limit(1)).one().student_number = "1"
    said = merge(command, "--reason", "合并")
    assert (said.status, said.facts["refused"]) == (1, "merge_conflicts")
    assert said.facts["conflicts"] == [{"code": "student_number_taken", "number": 1}]


def test_departments_are_renamed_and_merged(command: Quxiang, two: None) -> None:
    named = ("--school", "10002", "--department")
    said = command("department", "rename", *named, "计算机学院", "--name", "软件学院")
    assert said.facts["after"] == "软件学院"
    merging = (*named, "软件学院", "--into", "化工学院", "--reason", "学院调整")
    assert command("department", "merge", *merging).facts["people"] == 2
    again = command("department", "merge", *merging)
    assert (again.status, again.facts["refused"]) == (1, "no_such_department")


def test_an_address_of_a_school_is_one_of_the_web(command: Quxiang) -> None:
    words = ("school", "create", "--code", "10009", "--name", "丙大学", "--province", "370000")
    assert command(*words, "--breach-url", "javascript:alert(1)").status == 2
    assert command(*words, "--breach-url", "https://[a.cn").status == 2
    assert command(*words, "--breach-url", "https://www.example.cn/report").status == 0
