"""A roster warns of what the form would refuse or ask about: every category, every field."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

import pytest

from registry.codes import categories
from registry.codes.categories import Group
from registry.codes.code_tables import CATEGORY
from registry.record import fields, validation
from registry.record.fields import REGISTRATION, ValueType
from registry.record.validation import GraduateFacts
from registry.roster.checking import Checker
from registry.roster.layouts import TITLES, find_header
from registry.roster.problems import RowProblem, RowSeverity
from tests.registry.sheets import a_person

AT = datetime(2026, 6, 10, 2, 0, tzinfo=UTC)
GOOD = {
    "unit_name": "青禾科技有限公司",
    "unit_code": "91350100M000100Y43",
    "unit_nature": "31",
    "unit_industry": "34",
    "unit_location_code": "350102",
    "unit_address": "示例路 1 号",
    "unit_postcode": "350001",
    "unit_contact": "李经理",
    "unit_phone": "0591-87654321",
    "job_class": "13",
    "signed_on": "2026-05-20",
    "study_country": "英国",
    "study_school": "北岸大学",
    "study_school_foreign": "Northshore University",
    "study_major": "数据科学",
    "study_major_foreign": "Data Science",
    "file_type": "托管单位接收",
    "file_unit": "福州市人才服务中心",
    "file_location": "福州市",
    "file_address": "示例路 2 号",
    "file_postcode": "350001",
    "file_contact": "档案科",
    "file_phone": "0591-87654322",
    "household_type": "迁回生源地",
    "household_location": "福建省福州市",
}
DOUBTFUL = {
    ValueType.TEXT: ("", "林知夏"),
    ValueType.CODE: ("",),
    ValueType.REGION: ("", "350100", "370204"),
    ValueType.DAY: ("", "2062-05-20"),
    ValueType.PHONE: ("", "转机", "160 0000 0001"),
    ValueType.POSTCODE: ("", "35"),
    ValueType.UNIT_CODE: ("", "00011234-5"),
    ValueType.TRANSFER: ("", "乱写", "升学本校", "升学外校接收", "签约单位接收", "留校"),
}
"""What a roster takes and a form may refuse or ask about."""


PERSON_TITLES = [
    *(
        "学号",
        "考生号",
        "身份证号",
        "姓名",
        "毕业时间",
        "手机号码",
        "培养方式代码",
        "定向或委培单位",
    ),
]
COLUMN_OF = {
    name: f"{name}_code" if field.table else field.name if field.name in TITLES else field.place
    for name, field in REGISTRATION.items()
    if name != "unit_location"  # a form has it from its code
}
"""The column a field is said in; where file and household go has no code in any layout."""
UNBOUND, DIRECTED = ("1", ""), ("2", "某研究所")


def _row(values: Mapping[str, str], agreement: tuple[str, str]) -> dict[str, str]:
    """Return the cells of a file that has a column for every field, by title."""
    person = a_person(培养方式代码=agreement[0], 定向或委培单位=agreement[1])
    cells = {title: person.get(title, "") for title in PERSON_TITLES}
    cells |= {TITLES[column]: "" for column in COLUMN_OF.values()}
    return cells | {TITLES[COLUMN_OF[name]]: text for name, text in values.items()}


def _problems(cells: Mapping[str, str]) -> list[RowProblem]:
    _, problems = Checker(find_header([list(cells)]), "10001", AT).check(2, list(cells.values()))
    return problems


def _said_by_roster(values: Mapping[str, str], agreement: tuple[str, str]) -> set[tuple[str, str]]:
    """Return column and code of all that is said about the registration.

    Only a destination against the agreement is an error.
    """
    problems = _problems(_row(values, agreement))
    unplaced = categories.category_group(values["category"]) is Group.UNPLACED
    for each in problems:
        against = each.code in {"agreement_category", "agreement_unit"} and not unplaced
        assert each.severity is (RowSeverity.ERROR if against else RowSeverity.WARNING), each
    return {(each.column, each.code) for each in problems}


def _said_by_form(values: Mapping[str, str], agreement: tuple[str, str]) -> set[tuple[str, str]]:
    """Return column and code of everything the form refuses or asks about."""
    person = a_person()
    facts = GraduateFacts(person["姓名"], 2026, *agreement, phone=person["手机号码"])
    said = validation.problems(values, facts)
    return {(TITLES[COLUMN_OF[each.field]], each.code) for each in said}


def _doubtful(category: str) -> Iterator[dict[str, str]]:
    """Yield a registration without fault, and each with one field doubtful."""
    good = {"category": category, **GOOD}
    yield good
    for name in GOOD:
        yield from ({**good, name: text} for text in _texts(name, category))


def _texts(name: str, category: str) -> tuple[str, ...]:
    """Return doubtful texts of a field; what a roster cannot keep it says of any category."""
    texts = DOUBTFUL[REGISTRATION[name].type]
    asked = name in fields.form_fields(category)
    return texts if asked or REGISTRATION[name].type is not ValueType.POSTCODE else ("",)


@pytest.mark.parametrize("agreement", [UNBOUND, DIRECTED], ids=["unbound", "directed"])
@pytest.mark.parametrize("category", sorted(CATEGORY.codes))
def test_a_roster_warns_of_exactly_what_the_form_says(
    category: str, agreement: tuple[str, str]
) -> None:
    for values in _doubtful(category):
        by_form = _said_by_form(values, agreement)
        assert _said_by_roster(values, agreement) == by_form, values


def test_a_field_the_file_has_no_column_for_is_not_asked_for() -> None:
    cells = _row({"category": "10", **GOOD, "file_type": "签约单位接收"}, UNBOUND)
    for title in (TITLES["signed_on"], TITLES["file_phone"], TITLES["household_type"]):
        del cells[title]
    assert _problems(cells) == []


def test_a_freelancer_without_a_unit_keeps_place_and_job() -> None:
    cells = _row({"category": "76", **GOOD, "unit_name": ""}, UNBOUND)
    record, _ = Checker(find_header([list(cells)]), "10001", AT).check(2, list(cells.values()))
    assert record is not None
    kept = record.registration
    assert (kept["unit_location"], kept["job_class"]) == ("福建省福州市鼓楼区", "13")
    assert (kept["unit_code"], kept["unit_address"]) == ("", "")
