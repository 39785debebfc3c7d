"""The file that comes back: the rows as they came, with what became of each."""

from datetime import datetime

from registry.base.clock import SHANGHAI
from registry.base.stamp import Stamp
from registry.roster import titled_sheets
from registry.signing.sheet_columns import KIND
from registry.signing.sheet_plan import InvitationPlan, PlannedInvitation
from registry.signing.sheet_rows import InvitationSheet


def result_workbook(sheet: InvitationSheet, plan: InvitationPlan, stamp: Stamp) -> bytes:
    """Return the rows of a file with state, reason and time behind them."""
    planned = {each.row: each for each in plan.rows}
    return titled_sheets.result_workbook(
        sheet, KIND, "邀请结果", lambda number: _outcome(planned[number]), stamp
    )


def _outcome(row: PlannedInvitation) -> tuple[str, str, str]:
    sent_at = datetime.fromisoformat(row.sent_at) if row.sent_at else None
    moment = sent_at.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M:%S") if sent_at else ""
    return row.title, "；".join(filter(None, (row.why, *row.odd))), moment
