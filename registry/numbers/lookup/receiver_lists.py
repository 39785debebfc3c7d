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

NAME_TITLES = {"姓名", "毕业生姓名"}
NUMBER_TITLES = {"编号", "核验编号", "转递编号", "档案转递编号", "户口转递编号"}
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
    """Read lines as people paste them: a name, then a number that begins with a digit."""
    lines = [line.strip() for line in text.splitlines()]
    return _without_heading([_line(each) for each in lines if each])


def _line(text: str) -> ListEntry:
    found = _LINE.fullmatch(text)
    assert found is not None, "the pattern takes any line"
    return ListEntry(found["name"].strip(), (found["number"] or "").strip())


def _without_heading(lines: list[ListEntry]) -> list[ListEntry]:
    """Leave out a first line of titles: it has a name's title and no number."""
    if lines and not lines[0].number and any(title in lines[0].name for title in NAME_TITLES):
        return lines[1:]
    return lines


def tabled(rows: Iterable[Sequence[str]]) -> list[ListEntry]:
    """Read a table: the columns titled 姓名 and 编号, or the first two where nothing is titled."""
    filled = [[cell.strip() for cell in row] for row in rows if any(cell.strip() for cell in row)]
    if not filled:
        return []
    name, number = (_place(filled[0], titles) for titles in (NAME_TITLES, NUMBER_TITLES))
    body = filled[1:]
    if name is None or number is None:
        name, number, body = 0, 1, filled
    return [ListEntry(_cell(row, name), _cell(row, number)) for row in body]


def _place(heading: Sequence[str], titles: set[str]) -> int | None:
    return next((place for place, title in enumerate(heading) if title in titles), None)


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
        sentence = f"一次最多核验 {MOST_LINES} 行，这份名单有 {len(lines)} 行，请分几次核验。"
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
