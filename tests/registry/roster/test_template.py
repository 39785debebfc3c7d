"""The template can be filled in and imported: whatever it offers is read, its numbers are text."""

import io
from datetime import UTC, datetime

import pytest
import xlsxwriter
from python_calamine import CalamineWorkbook, SheetVisibleEnum

from registry.record.fields import PLACES, REGISTRATION
from registry.roster import template
from registry.roster.assessing import Assessment, assess
from registry.roster.layouts import field_of, find_header
from registry.roster.problems import RowSeverity
from registry.roster.template import TemplateColumn
from tests.registry.sheets import Rows, a_person

AT = datetime(2026, 6, 10, 2, 0, tzinfo=UTC)
NEEDED = ("学号", "姓名", "身份证号", "毕业时间")
OFFERING = [each for each in template.columns() if each.choices]


def sheets() -> dict[str, Rows]:
    book = CalamineWorkbook.from_filelike(io.BytesIO(template.workbook()))
    return {name: book.get_sheet_by_name(name).to_python() for name in book.sheet_names}  # type: ignore[misc]  # all its cells are texts


def filled_in(column: TemplateColumn) -> Assessment:
    """Import people who have each what the column offers, and nothing else but what is needed."""
    titles = [*sheets()["名单"][0]]
    result = io.BytesIO()
    with xlsxwriter.Workbook(result, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        people = [
            {**a_person(number), column.title: chosen}
            for number, chosen in enumerate(column.choices)
        ]
        rows = [titles, *([each.get(title, "") if title in (*NEEDED, column.title) else ""
                           for title in titles] for each in people)]  # fmt: skip
        for number, cells in enumerate(rows):
            sheet.write_row(number, 0, cells)
    return assess(result.getvalue(), "10001", AT, lambda *_: None)


def test_the_template_has_a_column_for_each_field_a_roster_can_say() -> None:
    header = find_header([list(sheets()["名单"][0])])
    assert set(NEEDED) <= set(header.titles)
    codes_of_places = {name for name in PLACES if name != "unit_location_code"}
    assert set(REGISTRATION) - codes_of_places <= header.columns.keys()
    assert header.unknown == ()


@pytest.mark.parametrize("column", OFFERING, ids=lambda each: each.title)
def test_whatever_is_offered_is_read(column: TemplateColumn) -> None:
    found = filled_in(column)
    unread = [
        each
        for each in found.problems
        if each.column == column.title
        and (each.severity is RowSeverity.ERROR or each.code == "transfer_unknown")
    ]
    assert unread == []


def test_the_lists_are_hidden_and_the_help_says_what_must_be_filled_in() -> None:
    book = CalamineWorkbook.from_filelike(io.BytesIO(template.workbook()))
    seen = {each.name: each.visible for each in book.sheets_metadata}
    assert seen["选项"] == SheetVisibleEnum.Hidden
    must = [row[0] for row in sheets()["填写说明"] if row[1] == "必填"]
    assert tuple(must) == NEEDED
    assert all(field_of(str(row[0])) for row in sheets()["填写说明"][1:])
