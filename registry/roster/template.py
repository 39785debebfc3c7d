"""The empty roster to fill in: the columns of the catalogue, with lists to choose from.

Every cell is in the text format, so that a number stays as it is typed. What a list offers is what
an import reads.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from io import BytesIO

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.utility import xl_range_abs
from xlsxwriter.worksheet import Worksheet

from registry.base.workbook import TEXT_FORMAT
from registry.codes import categories, code_tables, transfer_types
from registry.codes.code_tables import CodeTable
from registry.record.fields import PLACE_CODES, REGISTRATION
from registry.roster.layouts import REQUIRED, TITLES, Layout

NAME = "毕业生名单模板.xlsx"
PEOPLE, HELP, CHOICES = "名单", "填写说明", "选项"
ROWS = 20_000
"""How far down lists are offered."""
WIDTH, HELP_WIDTH = 18, 60

_MUST = REQUIRED[Layout.NATIONAL]
_TABLES: dict[str, CodeTable] = {
    "sex": code_tables.SEX,
    "ethnicity": code_tables.ETHNICITY,
    "political": code_tables.POLITICAL_STATUS,
    "level": code_tables.LEVEL,
    "training": code_tables.TRAINING_MODE,
    "teacher": code_tables.TEACHER_TRAINEE,
    "hardship": code_tables.HARDSHIP,
}
_HINTS = {
    "student_number": "每人唯一，再次导入时按学号更新",
    "identity": "18 位身份证号，或护照、通行证、居住证号码",
    "graduation_month": "六位数字，如 202606",
    "cohort": "可不填，按毕业时间确定；9 至 12 月毕业属于下一届",
    "phone": "本人在用的 11 位大陆手机号；不填则不能绑定微信",
    "department": "与系统中的院系名称一致",
    "training_unit": "定向或委培生必填，与协议一致",
    "enrolled": "六位数字，如 202209",
    "origin": "写到区、县，如 山东省济南市历下区",
}
_OF_A_PERSON = (
    *("student_number", "name", "identity", "graduation_month", "cohort", "candidate_number"),
    *("phone", "department", "class_name", "sex", "ethnicity", "political", "level"),
    *("major_code", "major", "training", "training_unit", "origin_code", "origin"),
    *("programme_length", "enrolled", "teacher", "hardship"),
)


@dataclass(frozen=True)
class TemplateColumn:
    """One column of the template."""

    title: str
    must: bool = False
    hint: str = ""
    choices: tuple[str, ...] = ()


def columns(*, destinations: bool = True) -> list[TemplateColumn]:
    """Return the columns: the person's, then what is registered, in the order of the form."""
    people = [_of_a_person(name) for name in _OF_A_PERSON]
    return [*people, *_of_a_registration()] if destinations else people


def _of_a_person(name: str) -> TemplateColumn:
    table = _TABLES.get(name)
    choices = tuple(dict.fromkeys(table.codes.values())) if table else ()
    return TemplateColumn(TITLES[name], name in _MUST, _HINTS.get(name, ""), choices)


def _of_a_registration() -> Iterator[TemplateColumn]:
    for name, field in REGISTRATION.items():
        if name not in TITLES:
            continue
        hint = "写到区、县" if name in PLACE_CODES else field.hint
        yield TemplateColumn(TITLES[name], hint=hint, choices=_choices(name, field.table))


def _choices(name: str, table: CodeTable | None) -> tuple[str, ...]:
    if name == "category":
        return tuple(dict.fromkeys(map(categories.category_title, code_tables.CATEGORY.codes)))
    transfers = {"file_type": transfer_types.FILES, "household_type": transfer_types.HOUSEHOLDS}
    if name in transfers:
        return tuple(each.title for each in transfers[name] if each.offered)
    return tuple(dict.fromkeys(table.codes.values())) if table else ()


def workbook(*, destinations: bool = True) -> bytes:
    """Return the template of a roster as a workbook.

    Without `destinations` it is of persons only: where a province has a system of its own.
    """
    return workbook_of(columns(destinations=destinations))


def workbook_of(found: Sequence[TemplateColumn]) -> bytes:
    """Return a template as a workbook: the list, how to fill it in, the choices (hidden)."""
    result = BytesIO()
    with xlsxwriter.Workbook(result, {"in_memory": True}) as book:
        as_text = book.add_format({"num_format": TEXT_FORMAT})
        must = book.add_format({"num_format": TEXT_FORMAT, "bold": True, "font_color": "#b42318"})
        optional = book.add_format({"num_format": TEXT_FORMAT, "bold": True})
        people = book.add_worksheet(PEOPLE)
        people.freeze_panes(1, 2)
        people.set_column(0, len(found) - 1, WIDTH, as_text)
        for place, each in enumerate(found):
            people.write_string(0, place, each.title, must if each.must else optional)
        _write_help(book.add_worksheet(HELP), optional, found)
        _offer(people, book.add_worksheet(CHOICES), found)
    return result.getvalue()


def _write_help(sheet: Worksheet, bold: Format, found: Sequence[TemplateColumn]) -> None:
    sheet.set_column(0, 0, WIDTH)
    sheet.set_column(2, 2, HELP_WIDTH)
    for place, title in enumerate(("列", "要求", "怎么填")):
        sheet.write_string(0, place, title, bold)
    for row, each in enumerate(found, 1):
        how = each.hint or ("从列表中选择" if each.choices else "")
        for place, text in enumerate((each.title, "必填" if each.must else "选填", how)):
            sheet.write_string(row, place, text)


def _offer(people: Worksheet, lists: Worksheet, found: Sequence[TemplateColumn]) -> None:
    """Write each list into a column of a hidden sheet, and offer it in the column it is for."""
    lists.hide()
    for place, each in enumerate(found):
        for row, text in enumerate(each.choices):
            lists.write_string(row, place, text)
        if each.choices:
            cells = xl_range_abs(0, place, len(each.choices) - 1, place)
            source = f"='{CHOICES}'!{cells}"
            offered = {"validate": "list", "source": source, "error_type": "warning"}
            people.data_validation(1, place, ROWS, place, offered)
