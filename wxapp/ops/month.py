"""The account's last month: what was sent and failed, the quota, and when sending was stopped."""

from flask import render_template

from notifier.delivery import account_month
from notifier.ledger import states
from wxapp.core.db import reading
from wxapp.core.resources import now, resources
from wxapp.ops.door import account_subject, blueprint


@blueprint.get("/month", endpoint="month")
def show_month() -> str:
    """Show the last 31 days, day by day."""
    with reading() as session:
        days = account_month.month(session, account_subject(), now())
    return render_template(
        "ops/month.html",
        days=days,
        limit=resources().settings.daily_quota,
        sent=sum(each.used for each in days),
        failed=sum(each.numbers[states.MessageState.FAILED] for each in days),
        message_titles=states.MESSAGE_TITLES,
    )
