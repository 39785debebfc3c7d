"""Whether the account sends, why not and what to do, what is used up, and what waits."""

from datetime import datetime

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from notifier.delivery import account_state, circuit_breaker
from notifier.delivery.account_state import ALIVE_WITHIN, AccountState, UnderWay
from notifier.delivery.circuit_breaker import Stop
from notifier.ledger import outcomes, quota, states
from wxapp.core import health
from wxapp.core.db import reading, writing
from wxapp.core.resources import now, resources
from wxapp.ops.door import ACTION_TITLES, account_subject, blueprint, note_on_account

QUOTA_REASON = outcomes.of(45009).code


@blueprint.get("/", endpoint="account")
def show_account() -> str:
    """Show how the account stands."""
    settings, at = resources().settings, now()
    with reading() as session:
        account = account_state.read(session, settings, at)
        found = {
            "account": account,
            "use": quota.use(session, settings, at),
            "backlogs": account_state.backlogs(session, at),
            "events": account_state.recent_events(session, at),
            "held": _held_by_quota(account_state.under_way(session)),
            "maybe_sent": account_state.maybe_sent(session) if _restored(account) else None,
            "actions": account_state.deeds(session, account_subject()),
        }
    return render_template(
        "ops/account.html",
        **found,
        at=at,
        settings=settings,
        database=health.database_state(),
        redis=health.redis_state(),
        clockwork_alive=_is_alive(account.clockwork_at, at),
        next_day=quota.next_day(at),
        message_titles=states.MESSAGE_TITLES,
        action_titles=ACTION_TITLES,
    )


def _restored(account: AccountState) -> bool:
    return account.reason == outcomes.LEDGER_RESTORED.code


def _held_by_quota(under_way: list[UnderWay]) -> list[UnderWay]:
    return [each for each in under_way if each.reason == QUOTA_REASON]


def _is_alive(seen_at: datetime | None, at: datetime) -> bool:
    return seen_at is not None and at - seen_at <= ALIVE_WITHIN


@blueprint.post("/account/resume", endpoint="resume")
def resume() -> Response:
    """Let the account send again; a second press changes nothing."""
    settings = resources().settings
    with writing() as session:
        before = account_state.read(session, settings, now())
        again = bool(request.form.get("send_again"))
        circuit_breaker.resume_account(session, settings, now(), send_again=again)
        said = {"reason": before.reason} | ({"send_again": again} if again else {})
        note_on_account(session, "account_resume", said)
    return redirect(url_for("ops.account"), 303)


@blueprint.post("/account/pause", endpoint="pause")
def pause() -> Response:
    """Stop all sending until somebody resumes it; a second press changes nothing."""
    with writing() as session:
        stop = Stop(None, outcomes.PAUSED_BY_OPERATOR, "")
        circuit_breaker.pause_account(session, resources().settings, stop, now())
        note_on_account(session, "account_pause")
    return redirect(url_for("ops.account"), 303)
