"""Lists of names as workbooks: graduates, who is left out for the province, agreements."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import IO

from sqlalchemy.orm import Session

from registry.base import workbook
from registry.base.clock import SHANGHAI
from registry.base.crypto import Vault
from registry.codes import categories
from registry.codes.identity import IDENTITY, masked
from registry.province import selection
from registry.province.selection import LEFT_OUT_TITLES, LeftOutReason
from registry.record import graduates
from registry.record.confirmation import states as confirmation
from registry.record.graduates import ListedGraduate
from registry.record.provenance import TITLES, Provenance
from registry.record.scope import Scope
from registry.signing import agreement_export, school_agreements
from registry.tasks.people import Building, members

STEP = 1000
"""Lines between two marks of progress."""

GRADUATES = (
    *("学号", "姓名", "身份证号", "院系", "学历", "专业", "班级", "登记确认状态"),
    *("毕业去向", "单位名称", "信息来源", "上报时间", "确认时间"),
)
GONE = frozenset({LeftOutReason.FILED, LeftOutReason.SENT})
"""Who went before is not listed."""
LEFT_OUT = ("学号", "姓名", "院系", "未列入的原因", "缺少内容")


def write_graduates(building: Building, file: IO[bytes]) -> None:
    """Write the graduates a task is for."""
    rows = graduates.every(building.session, members(building.task.id, building.task.scope))
    write_lines(building, file, graduate_lines(rows, building.vault))


def write_left_out(building: Building, file: IO[bytes]) -> None:
    """Write who would be left out now, and why."""
    lines = left_out_lines(building.session, building.task.scope, building.year)
    write_lines(building, file, lines)


def write_agreements(building: Building, file: IO[bytes]) -> None:
    """Write a school's agreements as a page narrowed them."""
    task = building.task
    wanted = school_agreements.read_filter(task.asked)
    found = school_agreements.every(building.session, task.scope.school_id, wanted)
    write_lines(building, file, agreement_export.lines(found))


def write_lines(building: Building, file: IO[bytes], lines: Iterable[Sequence[str]]) -> None:
    """Write lines below their heading, and tell how far, now and then."""
    workbook.write(file, _told(building, lines), stamp=building.stamp)


def _told(building: Building, lines: Iterable[Sequence[str]]) -> Iterator[Sequence[str]]:
    number = 0
    for number, line in enumerate(lines):
        yield line
        if number and number % STEP == 0:
            building.advance(number)
    building.advance(number)


def graduate_lines(
    rows: Iterator[tuple[ListedGraduate, int, str]], vault: Vault
) -> Iterator[Sequence[str]]:
    """Yield the heading and a line for each graduate, identity numbers masked."""
    yield GRADUATES
    for row, ident, sealed in rows:
        yield _graduate(row, masked(vault.open(IDENTITY, ident, sealed)))


def _graduate(row: ListedGraduate, identity: str) -> tuple[str, ...]:
    return (
        *(row.student_number, row.name, identity, row.department),
        *(categories.level_and_ending(row.level), row.major, row.class_name),
        confirmation.TITLES[row.state],
        categories.category_title(row.category) if row.category else "",
        row.unit_name,
        TITLES[Provenance(row.source)] if row.source else "",
        *(_time(row.reported_at), _time(row.answered_at)),
    )


def _time(moment: datetime | None) -> str:
    return moment.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M") if moment else ""


def left_out_lines(session: Session, scope: Scope, year: int) -> Iterator[Sequence[str]]:
    """Yield the heading and a line for each graduate who still could go and would not."""
    yield LEFT_OUT
    after = ""
    while rows := selection.left_out(session, scope, year, after=after):
        for row in rows:
            if row.reason not in GONE:
                reason, lacking = LEFT_OUT_TITLES[row.reason], "、".join(row.lacking)
                yield row.student_number, row.name, row.department, reason, lacking
        after = rows[-1].key
