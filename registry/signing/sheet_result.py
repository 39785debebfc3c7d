"""The file that comes back: the rows as they came, with what became of each."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from io import BytesIO

from registry.base import workbook
from registry.base.clock import SHANGHAI
from registry.signing.sheet_columns import OUTCOME
from registry.signing.sheet_plan import InvitationPlan, PlannedInvitation
from registry.signing.sheet_rows import InvitationSheet


def result_workbook(sheet: InvitationSheet, plan: InvitationPlan) -> bytes:
    """Return the rows of a file with state, reason and time behind them."""
    made = BytesIO()
    workbook.write(made, _lines(sheet, plan), "邀请结果")
    return made.getvalue()


def _lines(sheet: InvitationSheet, plan: InvitationPlan) -> Iterator[Sequence[str]]:
    titles = _kept(sheet, sheet.header.titles)
    yield [*titles, *OUTCOME]
    planned = {each.row: each for each in plan.rows}
    for number, cells in sheet.lines:
        kept = _kept(sheet, cells)
        kept += [""] * (len(titles) - len(kept))
        yield [*kept, *_outcome(planned[number])]


def _kept(sheet: InvitationSheet, cells: Sequence[str]) -> list[str]:
    """Return the cells of a row without the columns that an earlier result has added."""
    titles = sheet.header.titles
    return [
        cell
        for title, cell in zip(titles, [*cells, *[""] * len(titles)], strict=False)
        if title.strip() not in OUTCOME
    ]


def _outcome(row: PlannedInvitation) -> tuple[str, str, str]:
    sent_at = datetime.fromisoformat(row.sent_at) if row.sent_at else None
    moment = sent_at.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M:%S") if sent_at else ""
    return row.title, "；".join(filter(None, (row.why, *row.odd))), moment
