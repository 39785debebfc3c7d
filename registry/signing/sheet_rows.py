"""Reads a spreadsheet of invitations: what each row says, and what cannot be read of it."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cached_property
from itertools import groupby

from registry.base.clock import SHANGHAI
from registry.base.errors import RuleError
from registry.base.text import clean, compared, folded_number
from registry.codes import parsing, region_names
from registry.codes.code_tables import CodeTable
from registry.record.fields import ValueType
from registry.roster.cell_values import is_error, said
from registry.roster.layouts import HEADER_WITHIN
from registry.roster.reading import OpenFile, reading, refuse_hostile, sheet_of
from registry.roster.template import HELP
from registry.signing import inviting, terms
from registry.signing.sheet_columns import SheetHeader, header_of, title_of
from registry.signing.terms import NO, YES, Term, TermType

MOST_ROWS = 5_000
MAX_SHEET_BYTES = 5 << 20

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


@dataclass
class InvitationSheet:
    """A file of invitations."""

    header: SheetHeader
    sheet: int
    """Which sheet of the file it is, from 0."""
    lines: Sequence[tuple[int, Sequence[str]]] = ()
    """Number and cells of each row below the header."""
    notes: list[str] = field(default_factory=list)
    """What is to be said of the file as a whole."""

    @cached_property
    def rows(self) -> list[SheetRow]:
        """Return what the rows say; sending asks only how many there are."""
        return [_row(self.header, number, cells) for number, cells in self.lines]


def refuse_unfit(content: bytes) -> None:
    """Raise RuleError for what is certainly no such file, by `reading.SENTENCES` or its size."""
    refuse_hostile(content)
    if len(content) > MAX_SHEET_BYTES:
        megabytes = MAX_SHEET_BYTES >> 20
        raise RuleError("too_large", f"文件超过 {megabytes} MB，请分成几个文件。", "file")


def read(content: bytes) -> InvitationSheet:
    """Return the rows of a file.

    Raises RuleError `no_header`, `several_sheets`, `columns_missing`, `column_twice`, `no_rows`,
    `too_many_rows`, or as `reading` does.
    """
    with reading(content) as file:
        sheets = {number: list(rows) for number, rows in groupby(_limited(file), key=_sheet)}
        found = _chosen(file, sheets)
        found.lines = sheets[found.sheet][found.header.below :]
        found.notes += _notes(file, sheets, found)
    if not found.lines:
        raise RuleError("no_rows", "文件里没有要邀请的毕业生，请按模板填写后上传。", "file")
    if len(found.lines) > MOST_ROWS:
        raise _too_many()
    return found


def _sheet(line: tuple[int, Sequence[str]]) -> int:
    return sheet_of(line[0])


def _limited(file: OpenFile) -> Iterator[tuple[int, list[str]]]:
    """Pass the rows on; stop at more than any such file has, its other sheets with it."""
    for place, line in enumerate(file.rows):
        if place >= MOST_ROWS + HEADER_WITHIN + 1000:
            raise _too_many()
        yield line


def _too_many() -> RuleError:
    return RuleError("too_many_rows", f"一次最多 {MOST_ROWS:,} 行，请分成几个文件。", "file")


def _chosen(file: OpenFile, sheets: dict[int, list[tuple[int, list[str]]]]) -> InvitationSheet:
    """Return the one sheet with a header; raise RuleError for none and for several."""
    headers = {
        number: header_of([cells for _, cells in rows[:HEADER_WITHIN]])
        for number, rows in sheets.items()
        if file.sheets[number] != HELP
    }
    fit = {number: header for number, header in headers.items() if header is not None}
    if not fit:
        sentence = "没有找到表头。请使用模板，第一行是“姓名、学号、岗位名称”等列名。"
        raise RuleError("no_header", sentence, "file")
    if len(fit) > 1:
        names = "、".join(f"“{file.sheets[each]}”" for each in fit)
        raise RuleError("several_sheets", f"工作表{names}都是邀请名单，请只保留一个。", "file")
    ((number, header),) = fit.items()
    return InvitationSheet(header, number)


def _notes(
    file: OpenFile, sheets: dict[int, list[tuple[int, list[str]]]], found: InvitationSheet
) -> Iterator[str]:
    others = [file.sheets[each] for each in sheets if each != found.sheet]
    if others := [each for each in others if each != HELP]:
        yield f"没有读取其他工作表：{'、'.join(others)}。"
    if hidden := file.concealed.get(found.sheet):
        yield f"有 {hidden} 行被隐藏或筛选掉，也一并核对。"
    if found.header.unknown:
        yield f"没有认出的列：{'、'.join(found.header.unknown)}。内容会原样保留在结果文件中。"


def _row(header: SheetHeader, number: int, cells: Sequence[str]) -> SheetRow:
    unread, texts = dict[str, str](), dict[str, str]()
    for name, position in header.columns.items():
        raw = cells[position] if position < len(cells) else ""
        try:
            texts[name] = _value(name, raw)
        except RuleError as refusal:
            unread[name] = f"“{title_of(name)}”{refusal.sentence}"
    typed = {name: texts[name] for name in terms.TERMS if texts.get(name)}
    if not clean(_raw(header, cells, "exits")):
        typed["exits"] = "、".join(terms.TERMS["exits"].choices)
    return SheetRow(
        number,
        texts.get("school", ""),
        *(texts.get("name", ""), texts.get("student_number", "")),
        terms=terms.read(typed),
        answer_by=texts.get("answer_by", ""),
        unread=unread,
    )


def _raw(header: SheetHeader, cells: Sequence[str], name: str) -> str:
    position = header.columns.get(name)
    return cells[position] if position is not None and position < len(cells) else ""


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
