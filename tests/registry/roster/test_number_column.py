"""The student numbers of an uploaded table, whatever else stands in it."""

import pytest

from registry.base.errors import RuleError
from registry.roster.number_column import student_numbers
from tests.registry.sheets import a_person, as_csv, as_xlsx, national


def test_a_roster_gives_its_student_numbers_each_once() -> None:
    person = a_person()
    table = national(person, person)
    assert student_numbers(as_xlsx(table)) == (person["学号"],)


def test_a_title_may_stand_above_and_numbers_keep_their_zeros() -> None:
    table = "2026 届未确认名单\n序号,姓名, 学 号 \n1,李娟,0012\n2,王强,\n3,赵敏,0013\n"
    assert student_numbers(table.encode()) == ("0012", "0013")


def test_rows_shorter_than_the_column_are_passed_over() -> None:
    assert student_numbers("姓名,学号\n李娟\n王强,7\n".encode()) == ("7",)


@pytest.mark.parametrize(
    ("table", "code"),
    [
        ("姓名,班级\n李娟,1\n", "no_number_column"),
        ("\n".join([*"abcdef", "学号", "1"]), "no_number_column"),
        ("姓名,学号\n李娟,\n", "no_numbers"),
        (" ", "empty_file"),
    ],
)
def test_a_table_without_them_is_refused_and_says_why(table: str, code: str) -> None:
    with pytest.raises(RuleError, match=code):
        student_numbers(table.encode())


@pytest.mark.parametrize("table", ["学号\n1\n", "学号\n1", "学号,\n1,\n"])
def test_a_file_of_a_few_letters_is_read(table: str) -> None:
    assert student_numbers(table.encode()) == ("1",)


def test_a_workbook_that_is_a_csv_is_read_as_one() -> None:
    person = a_person()
    assert student_numbers(as_csv(national(person))) == (person["学号"],)
