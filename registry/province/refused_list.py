"""The list of whom the Ministry did not take (未接收名单): a spreadsheet, or lines typed in."""

import re
from collections.abc import Sequence

from registry.base.errors import RuleError
from registry.base.text import clean, folded_number
from registry.base.written_reason import REASON_LENGTH
from registry.province.receipts import RefusedRow
from registry.roster import titled_sheets
from registry.roster.cell_values import said
from registry.roster.reading import row_of
from registry.roster.titled_sheets import SheetHeader, SheetKind, cell_of

_TITLES = {
    "school_code": "院校代码",
    "candidate_number": "考生号",
    "student_number": "学号",
    "reason": "未接收原因",
}
_ALSO = """
school_code       yxdm 学校代码
candidate_number  ksh
student_number    xh
reason            原因 退回原因 错误信息 错误原因 说明
"""
KIND = SheetKind(
    titles=_TITLES,
    names=titled_sheets.names_of(_ALSO, _TITLES),
    required=("school_code", "reason"),
    outcome=(),
    most_rows=50_000,
    called="未接收名单",
    no_header="没有找到表头。第一行应为“院校代码、考生号、学号、未接收原因”。",
    no_rows="未接收名单里没有毕业生，请核对文件。",
)
_BETWEEN = re.compile(r"[,，\t]")
_PARTS = 3


def read_file(content: bytes) -> list[RefusedRow]:
    """Read a spreadsheet; raise RuleError as `titled_sheets.read` does, or `row_unreadable`."""
    titled_sheets.refuse_unfit(content)
    found = titled_sheets.read(content, KIND)
    return [_row(found.header, row_of(number), cells) for number, cells in found.lines]


def _row(header: SheetHeader, number: int, cells: Sequence[str]) -> RefusedRow:
    texts = {name: said(cell_of(header, cells, name)) for name in _TITLES}
    named = texts["candidate_number"] or texts["student_number"]
    return _checked(RefusedRow(number, texts["school_code"], named, texts["reason"]))


def read_lines(text: str) -> list[RefusedRow]:
    """Read lines of school, number and reason, with commas between; raise `row_unreadable`."""
    found = list[RefusedRow]()
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip():
            parts = [*_BETWEEN.split(line, _PARTS - 1), "", ""]
            found.append(_checked(RefusedRow(number, *parts[:_PARTS])))
    return found


def _checked(row: RefusedRow) -> RefusedRow:
    school, number = folded_number(row.school_code), folded_number(row.number)
    reason = clean(row.reason)
    if not (school and number and reason):
        sentence = f"未接收名单第 {row.row} 行应有院校代码、考生号或学号、未接收原因，请补充。"
        raise RuleError("row_unreadable", sentence, "rows")
    return RefusedRow(row.row, school, number, reason[:REASON_LENGTH])
