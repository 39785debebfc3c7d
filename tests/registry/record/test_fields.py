"""The catalogue of fields knows every field once, and everything that shows fields asks it."""

from collections import Counter

import pytest
from sqlalchemy import String

from registry.codes.categories import GROUPS
from registry.numbers import report
from registry.numbers.shape import Kind
from registry.record import fields, official_titles
from registry.record.fields import ALL, IMPORTANT, REGISTRATION, Block, Field, ValueType
from registry.record.registration import COLUMNS
from registry.record.tables import Graduate, Registration
from registry.roster import layouts
from registry.tasks import workbooks

NO_FIELDS = {
    *("学号", "院系", "班级", "身份证号", "手机号码"),
    *("转递编号", "编号状态", "本次变化", "编号更新时间", "编号有效期至"),
}
"""Columns of the workbooks that are no fields of a registration."""


def test_the_catalogue_has_every_column_of_a_registration() -> None:
    assert set(REGISTRATION) == set(COLUMNS)


@pytest.mark.parametrize("field", ALL.values(), ids=lambda each: each.name)
def test_a_field_holds_as_much_as_its_column(field: Field) -> None:
    table = Graduate if field.block is Block.BASIC else Registration
    column = getattr(table, field.name).type
    assert field.limit == (column.length if isinstance(column, String) else 0)


def test_a_title_is_one_fields_alone() -> None:
    titles = Counter(each.title for each in ALL.values() if each.type is not ValueType.REGION)
    assert set(titles.values()) == {1}
    for code, place in fields.PLACES.items():
        assert ALL[code].title == ALL[place].title


@pytest.mark.parametrize(
    "prescribed",
    [official_titles.REPORT, official_titles.POSTING_LIST, official_titles.POSTING_SLIP],
)
def test_an_official_title_is_another_one(prescribed: dict[str, str]) -> None:
    assert prescribed.keys() <= ALL.keys()
    assert not [name for name, title in prescribed.items() if title == ALL[name].title]


def test_the_workbooks_title_fields_as_the_catalogue_or_the_official_list_does() -> None:
    titles = {each.title for each in ALL.values()} | NO_FIELDS
    for kind in Kind:
        assert workbooks.TABLES[kind].keys() <= titles
    assert workbooks.POSTING_LIST.keys() <= titles | set(official_titles.POSTING_LIST.values())


def test_a_report_shows_the_important_fields_and_the_school() -> None:
    shown = {name for kind in Kind for block in report.BLOCKS[kind] for name in report.SHOWN[block]}
    assert shown == {*IMPORTANT, "school"}


def test_a_roster_has_a_column_for_each_field_and_takes_the_catalogues_title_too() -> None:
    for name, field in REGISTRATION.items():
        if name not in ("file_location_code", "household_location_code"):
            assert layouts.TITLES[name]
        if name not in fields.PLACES:
            assert layouts.field_of(field.title) == name, field.title


def test_categories_that_ask_are_official() -> None:
    for field in ALL.values():
        assert field.required | field.optional <= GROUPS.keys()
        assert not field.required & field.optional


def test_a_coded_field_has_its_table() -> None:
    assert all((each.type is ValueType.CODE) == bool(each.table) for each in ALL.values())
