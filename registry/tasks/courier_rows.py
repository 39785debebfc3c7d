"""Reads a courier's list (寄送清单): whose file went under which number, and when it came in.

The couriers' lists differ; columns are found by their titles. A graduate is named by student
number, by transfer number, or by the reference of the slip (转档字号: year and student number).
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from registry.base.errors import RuleError
from registry.base.text import clean, folded_number
from registry.codes import parsing
from registry.numbers import shape
from registry.numbers.posting import waybill
from registry.numbers.posting.states import WAY_TITLES, PostingWay
from registry.numbers.shape import Issue
from registry.roster import template, titled_sheets
from registry.roster.cell_values import is_error, said
from registry.roster.template import TemplateColumn
from registry.roster.titled_sheets import SheetHeader, SheetKind, TitledSheet, cell_of

NAME = "寄送清单模板.xlsx"
_TITLES = {
    "student_number": "学号",
    "name": "姓名",
    "transfer_number": "转递编号",
    "reference": "转档字号",
    "number": "单号",
    "posted_on": "寄出日期",
    "received_on": "签收日期",
    "way": "寄送方式",
}
_ALSO = """
student_number   毕业生学号 学生学号 收件备注学号
name             毕业生姓名 学生姓名 档案姓名
transfer_number  档案转递编号 编号
reference        档转字号 档转字 转档号 字号 档案编号
number           邮件号 邮件号码 快递单号 运单号 物流单号 ems单号 机要号 机要编号 挂号 条码号
posted_on        寄送日期 寄件日期 交寄日期 寄出时间 收寄日期 收寄时间 寄发日期 发出日期
received_on      妥投日期 妥投时间 签收时间 投递日期 回执日期
way              方式 寄送形式 邮寄方式 转递方式 寄递方式 产品名称
"""
_HINTS = {
    "student_number": "学号、转递编号、转档字号至少填一项",
    "name": "填写的须与学校登记的一致",
    "transfer_number": "18 位，可不填",
    "reference": "档案转递单右上角，届-学号，可不填",
    "number": "EMS 或机要单号",
    "posted_on": "已登记寄出、只登记签收的可不填",
    "received_on": "对方签收后填写",
    "way": "不填的按上传时的选择",
}
WHO = ("student_number", "transfer_number", "reference")
"""Columns that name a graduate, any of them."""
KIND = SheetKind(
    titles=_TITLES,
    names=titled_sheets.names_of(_ALSO, _TITLES),
    required=("number",),
    outcome=("状态", "说明"),
    most_rows=20_000,
    called="寄送清单",
    no_header="没有找到表头。请使用模板，第一行是“学号、姓名、单号、寄出日期”等列名。",
    no_rows="文件里没有寄送记录，请按模板填写后上传。",
)
MOST_ROWS = KIND.most_rows
_REFERENCE = re.compile(r"(20[0-9]{2})[-‐-―](.{1,32})")


@dataclass(frozen=True)
class CourierRow:
    """What one row says."""

    row: int
    """As `registry.roster.reading` numbers rows."""
    name: str
    student_number: str
    """As it stands there, or of the reference."""
    cohort: int | None
    """Where the reference says it."""
    transfer_number: str
    number: str
    posted_on: date | None
    received_on: date | None
    way: PostingWay | None
    unread: dict[str, str]
    """What could not be read: a sentence by column."""

    @property
    def names_nobody(self) -> bool:
        """Say whether it is a row without anything on it."""
        said = (self.name, self.student_number, self.transfer_number, self.number)
        return not any(said) and not self.unread


class CourierSheet(TitledSheet):
    """A courier's list."""

    @cached_property
    def rows(self) -> list[CourierRow]:
        """Return what the rows say."""
        return [_row(self.header, number, cells) for number, cells in self.lines]


def read(content: bytes) -> CourierSheet:
    """Return the rows of a file; raises as `titled_sheets.read` does."""
    found = CourierSheet(**vars(titled_sheets.read(content, KIND)))
    if not any(each in found.header.columns for each in WHO):
        raise titled_sheets.columns_missing("学号（或转递编号、转档字号）")
    return found


def template_workbook() -> bytes:
    """Return the table to fill in."""
    choices = {"way": tuple(WAY_TITLES.values())}
    must = {"student_number", "number", "posted_on"}
    return template.workbook_of(
        [
            TemplateColumn(title, name in must, _HINTS[name], choices.get(name, ()))
            for name, title in _TITLES.items()
        ]
    )


def _row(header: SheetHeader, number: int, cells: Sequence[str]) -> CourierRow:
    read, unread = dict[str, Any](), dict[str, str]()
    for name, title in _TITLES.items():
        try:
            read[name] = _value(name, said(cell_of(header, cells, name)))
        except RuleError as refusal:
            unread[name] = f"“{title}”{refusal.sentence}"
    cohort, referred = read.get("reference") or (None, "")
    return CourierRow(
        row=number,
        name=read.get("name") or "",
        student_number=read.get("student_number") or referred,
        cohort=cohort,
        transfer_number=read.get("transfer_number") or "",
        number=read.get("number") or "",
        posted_on=read.get("posted_on"),
        received_on=read.get("received_on"),
        way=read.get("way"),
        unread=unread,
    )


def _value(name: str, text: str) -> object:
    """Return what a cell says; None for an empty one; raise RuleError for what cannot be read."""
    if is_error(text):
        raise RuleError("error_cell", f"单元格是错误值 {text}，请改正。")
    return _READERS[name](text) if text else None


def _student_number(text: str) -> str:
    if parsing.is_damaged(text):
        raise parsing.damaged("学号")
    return folded_number(text)


def _transfer_number(text: str) -> str:
    read = shape.read(text)
    if read is None or read.issue is not Issue.TRANSFER:
        raise RuleError("transfer_number_form", "不是有效的转递编号，请核对。")
    return read.number


def _reference(text: str) -> tuple[int, str]:
    bare = text.removeprefix("档转字").removesuffix("号").strip()
    found = _REFERENCE.fullmatch(bare)
    if found is None:
        raise RuleError("reference_form", "应写作“届-学号”，如 2026-20220101。")
    return int(found[1]), folded_number(found[2])


_READERS: Mapping[str, Callable[[str], object]] = {
    "student_number": _student_number,
    "name": clean,
    "transfer_number": _transfer_number,
    "reference": _reference,
    "number": waybill.number_of,
    "posted_on": parsing.day,
    "received_on": parsing.day,
    "way": waybill.way_of,
}
