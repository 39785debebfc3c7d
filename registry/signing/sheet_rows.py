"""Reads a spreadsheet of invitations: what each row says, and what cannot be read of it."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property

from registry.base.clock import SHANGHAI
from registry.base.errors import RuleError
from registry.base.text import clean, compared, folded_number
from registry.codes import parsing, region_names
from registry.codes.code_tables import CodeTable
from registry.record.fields import ValueType
from registry.roster import titled_sheets
from registry.roster.cell_values import is_error, said
from registry.roster.titled_sheets import SheetHeader, TitledSheet, cell_of
from registry.signing import inviting, terms
from registry.signing.sheet_columns import KIND, title_of
from registry.signing.terms import NO, YES, Term, TermType

MOST_ROWS = KIND.most_rows

_WORDS_OF_MONEY = re.compile(r"[,，\s¥￥]|元(?:[/／每]?月)?|个?月|年|人民币|整$")
_BETWEEN = re.compile(r"[;；、,，/\s]+")
_YES = frozenset({"是", "接收", "可以", "解决", "y", "yes", "true", "1", "√", "✓"})
_NO = frozenset({"否", "不", "不是", "不接收", "不可以", "不解决", "n", "no", "false", "0", "×"})
_NONE = frozenset({"无", "没有", "不约定"})
_EXITS = {
    "公务员": "录用为公务员",
    "考取公务员": "录用为公务员",
    "入伍": "应征入伍",
    "参军": "应征入伍",
    "出国": "出国（境）学习",
    "出国(境)": "出国（境）学习",
    "出国学习": "出国（境）学习",
    "考研": "升学",
}


@dataclass(frozen=True)
class SheetRow:
    """What one row says."""

    row: int
    """As `registry.roster.reading` numbers rows."""
    school: str
    name: str
    student_number: str
    terms: dict[str, str]
    answer_by: str
    unread: dict[str, str]
    """What could not be read: a sentence by column."""

    @property
    def names_nobody(self) -> bool:
        """Say whether it is a row prepared for somebody who was never filled in."""
        whom = {"name", "student_number"}
        return not self.name and not self.student_number and whom.isdisjoint(self.unread)


class InvitationSheet(TitledSheet):
    """A file of invitations."""

    @cached_property
    def rows(self) -> list[SheetRow]:
        """Return what the rows say; sending asks only how many there are."""
        return [_row(self.header, number, cells) for number, cells in self.lines]


def read(content: bytes) -> InvitationSheet:
    """Return the rows of a file; raises as `titled_sheets.read` does."""
    return InvitationSheet(**vars(titled_sheets.read(content, KIND)))


def _row(header: SheetHeader, number: int, cells: Sequence[str]) -> SheetRow:
    unread, texts = dict[str, str](), dict[str, str]()
    for name, position in header.columns.items():
        raw = cells[position] if position < len(cells) else ""
        try:
            texts[name] = _value(name, raw)
        except RuleError as refusal:
            unread[name] = f"“{title_of(name)}”{refusal.sentence}"
    typed = {name: texts[name] for name in terms.TERMS if texts.get(name)}
    if not clean(cell_of(header, cells, "exits")):
        typed["exits"] = "、".join(terms.TERMS["exits"].choices)
    return SheetRow(
        number,
        texts.get("school", ""),
        *(texts.get("name", ""), texts.get("student_number", "")),
        terms=terms.read(typed),
        answer_by=texts.get("answer_by", ""),
        unread=unread,
    )


def _value(name: str, raw: str) -> str:
    """Return a cell as a form would send it; raise RuleError for what cannot be read."""
    text = said(raw)
    if is_error(text):
        raise RuleError("error_cell", f"单元格是错误值 {text}，请改正。")
    if name in terms.TERMS:
        return _term(terms.TERMS[name], text) if text else ""
    if name == "student_number":
        if parsing.is_damaged(text):
            raise parsing.damaged("学号")
        return folded_number(text)
    return text


def _term(term: Term, text: str) -> str:
    reader = _READERS.get(term.type) or _READERS_OF_FIELDS.get(term.value_type)
    if term.table:
        return _coded(term.table, text)
    return reader(text) if reader else text


def _coded(table: CodeTable, text: str) -> str:
    return table.known(folded_number(text)) or parsing.coded(table, "", text)


def _number(text: str) -> str:
    bare = _WORDS_OF_MONEY.sub("", folded_number(text))
    return bare if bare.isdigit() else text


def _yes_or_no(text: str) -> str:
    word = compared(text).casefold()
    if word not in _YES | _NO:
        raise RuleError("choice_unknown", "请填写“是”或“否”。")
    return YES if word in _YES else NO


def _several(text: str) -> str:
    if text in _NONE:
        return ""
    words = [each for each in _BETWEEN.split(text) if each]
    return "、".join(dict.fromkeys(_EXITS.get(compared(each), each) for each in words))


def _region(text: str) -> str:
    if folded_number(text).isdigit():
        return parsing.region_code(text)
    code = region_names.code_of(text)
    if code is None:
        sentence = "地区名称无法识别，请写到区、县，如 山东省青岛市市南区，或填写 6 位代码。"
        raise RuleError("region_name_unknown", sentence)
    return code


def _day(text: str) -> str:
    return parsing.day(text).isoformat()


_READERS: dict[TermType, Callable[[str], str]] = {
    TermType.NUMBER: _number,
    TermType.YES_NO: _yes_or_no,
    TermType.SEVERAL: _several,
}
_READERS_OF_FIELDS: dict[ValueType, Callable[[str], str]] = {
    ValueType.REGION: _region,
    ValueType.DAY: _day,
}


def last_moment(answer_by: str, at: datetime) -> datetime:
    """Return until when a row may be answered: a day, some days from now, or the usual days.

    Raises RuleError `answer_by_range`, or as `parsing.day` does.
    """
    return inviting.last_moment(_last_day(answer_by, at), at)


def _last_day(answer_by: str, at: datetime) -> date:
    if not answer_by:
        return inviting.default_day(at)
    days = folded_number(answer_by).removesuffix("天").removesuffix("日")
    if days.isascii() and days.isdigit() and len(days) <= len(str(inviting.MOST_DAYS)):
        return at.astimezone(SHANGHAI).date() + timedelta(days=int(days))
    return parsing.day(answer_by)
