"""A list of names and numbers, looked up at once by a receiver with an account.

No puzzle: the account answers for what is asked. Its own budget, by lines and by misses a day,
keeps a stolen password from becoming a way to guess.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import insert
from sqlalchemy.orm import Session

from registry.accounts import attempts
from registry.accounts.attempts import Counted
from registry.accounts.tables import Attempt
from registry.base.crypto import Vault
from registry.base.errors import RuleError
from registry.numbers.lookup import looking_up
from registry.numbers.lookup.looking_up import Finding, ListEntry, Receiver
from registry.numbers.shape import Kind

MOST_LINES = 500
LINES_A_DAY = 5000
MISSES_A_DAY = 500
DAY = timedelta(days=1)
LOOKED_UP, MISSED = "office_line", "office_miss"

NAME_TITLES = {"姓名", "毕业生姓名", "学生姓名"}
NUMBER_TITLE = "编号"
"""How the title of the other column ends: 核验编号, 档案转递编号, 报告编号."""
HEADING_WITHIN = 5
"""Among how many first rows the titles are looked for: a sheet's own title may stand above."""
_NOTE = re.compile(r"[(（\[【].*|[\s*＊:：]+")
_LINE = re.compile(r"(?P<name>[^0-9０-９]*?)[\s,，;；、]*(?P<number>[0-9０-９].*)?")


@dataclass(frozen=True)
class ReceiverAccount:
    """Who asks, by their key, from where."""

    key: str
    address_index: str

    @property
    def receiver(self) -> Receiver:
        """Return how the log names the account."""
        return Receiver(self.address_index, account=f"staff:{self.key}")


def pasted(text: str) -> list[ListEntry]:
    """Read lines as people paste them: a name, then a number that begins with a digit.

    Columns copied from a spreadsheet along with their titles are read by them.
    """
    rows = [line.split("\t") for line in text.splitlines() if line.strip()]
    for place, row in enumerate(rows[:HEADING_WITHIN]):
        name, number = _columns(row)
        if name is not None and number is not None:
            return [_pasted_row(each, name, number) for each in rows[place + 1 :]]
    return _without_heading([_line(row) for row in map("\t".join, rows)])


def _pasted_row(row: Sequence[str], name: int, number: int) -> ListEntry:
    """Read a line below titles; one without columns was typed by hand."""
    if len(row) == 1:
        return _line(row[0])
    return ListEntry(_cell(row, name).strip(), _cell(row, number).strip())


def _line(text: str) -> ListEntry:
    found = _LINE.fullmatch(text.strip())
    assert found is not None, "the pattern takes any line"
    return ListEntry(found["name"].strip(), (found["number"] or "").strip())


def _title(cell: str) -> str:
    """Return a column's title without blanks, stars and what stands in brackets behind it."""
    return _NOTE.sub("", cell)


def _without_heading(lines: list[ListEntry]) -> list[ListEntry]:
    """Leave out a first line of titles: it has a name's title and no number."""
    if lines and not lines[0].number and any(title in lines[0].name for title in NAME_TITLES):
        return lines[1:]
    return lines


def tabled(rows: Iterable[Sequence[str]]) -> list[ListEntry]:
    """Read a table: the columns titled 姓名 and 编号, or the first two where nothing is titled.

    Raises RuleError `no_column` where one of the titles is missing: to guess would count misses.
    """
    filled = [[cell.strip() for cell in row] for row in rows if any(cell.strip() for cell in row)]
    for place, row in enumerate(filled[:HEADING_WITHIN]):
        columns = _columns(row)
        if columns != (None, None):
            return _below(filled[place + 1 :], *columns)
    return _below(filled, 0, 1)


def _columns(row: Sequence[str]) -> tuple[int | None, int | None]:
    """Return where names and numbers stand below these titles, None for what is not titled."""
    titles = [_title(cell) for cell in row]
    name = next((place for place, each in enumerate(titles) if each in NAME_TITLES), None)
    number = (place for place, each in enumerate(titles) if each.endswith(NUMBER_TITLE))
    return name, next(number, None)


def _below(rows: list[list[str]], name: int | None, number: int | None) -> list[ListEntry]:
    """Return the lines below the titles, which every sheet of a file repeats."""
    if name is None or number is None:
        missing = "姓名" if name is None else NUMBER_TITLE
        sentence = f"表头里没有“{missing}”一列，请补上后再上传。"
        raise RuleError("no_column", sentence, "lines")
    body = (row for row in rows if _columns(row) == (None, None))
    return [ListEntry(_cell(row, name), _cell(row, number)) for row in body]


def _cell(row: Sequence[str], place: int) -> str:
    return row[place] if place < len(row) else ""


def look_up(
    session: Session,
    vault: Vault,
    account: ReceiverAccount,
    kind: Kind,
    lines: Sequence[ListEntry],
    at: datetime,
) -> list[Finding]:
    """Look up every line, log each, and count it against the budget of the account.

    Raises RuleError `no_lines`, `too_many_lines`, `too_many_today`, `too_many_misses`.
    """
    if not lines:
        raise RuleError("no_lines", "没有读到姓名和编号，请粘贴名单或选择文件。", "lines")
    if len(lines) > MOST_LINES:
        sentence = f"一次最多核验 {MOST_LINES} 行，这份名单超过 {MOST_LINES} 行，请分几次核验。"
        raise RuleError("too_many_lines", sentence, "lines")
    _check_budget(session, account, len(lines), at)
    findings = looking_up.by_list(session, vault, kind, lines, at)
    looking_up.note_all(session, kind, findings, account.receiver, at)
    _count(session, account, findings, at)
    return findings


def _check_budget(session: Session, account: ReceiverAccount, lines: int, at: datetime) -> None:
    attempts.take_turns(session, [attempts.turn_of("receiver list", account.key)])
    used = {
        purpose: attempts.tallies(session, purpose, [Counted(account.key, DAY, most)], at)
        for purpose, most in ((LOOKED_UP, LINES_A_DAY), (MISSED, MISSES_A_DAY))
    }
    left = LINES_A_DAY - used[LOOKED_UP][account.key].failures
    if lines > left:
        sentence = f"每个账号 24 小时内最多核验 {LINES_A_DAY:,} 行，现在还能核验 {left:,} 行。"
        raise RuleError("too_many_today", sentence, "lines")
    if used[MISSED][account.key].failures >= MISSES_A_DAY:
        sentence = "24 小时内没有查到的行太多，已暂停批量核验。请核对名单，明天再试或联系平台运维。"
        raise RuleError("too_many_misses", sentence, "lines")


def _count(
    session: Session, account: ReceiverAccount, findings: Sequence[Finding], at: datetime
) -> None:
    missed = sum(each.number is None for each in findings)
    session.execute(
        insert(Attempt),
        [
            {"purpose": purpose, "subject": account.key, "succeeded": False, "at": at}
            for purpose, times in ((LOOKED_UP, len(findings)), (MISSED, missed))
            for _ in range(times)
        ],
    )
