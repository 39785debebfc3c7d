"""One-time notices (一次性订阅消息) in place of messages that did not reach her, at most once each.

The call carries no name by which WeChat would know a repeat. So what has no answer counts as sent.
"""

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Protocol

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from notifier.delivery import mini_claims
from notifier.delivery.answers import DETAIL_LENGTH, Answer
from notifier.delivery.mini_claims import ClaimedNotice, Due
from notifier.ledger import account, kinds, mark, mini_allowances, outcomes, quota, wording
from notifier.ledger.mini_tables import MiniNotice
from notifier.ledger.mini_users import MARK
from notifier.ledger.outcomes import Outcome, Reaction
from notifier.ledger.states import MINI_NOTICE, MiniNoticeEvent, MiniNoticeState
from notifier.wechat import mini_templates
from notifier.wechat.errors import GatewayError
from notifier.wechat.menu import notice_path
from notifier.wechat.mini_program import NoticeData
from notifier.wechat.mini_templates import MiniTemplateList
from registry.base import moves
from registry.base.database import database_now
from registry.base.errors import RuleError
from runtime import wakeups
from runtime.jobs import Job
from runtime.resources import Resources
from runtime.settings import Settings

CHUNK = 50
_MINUTE, _QUARTER = timedelta(minutes=1), timedelta(minutes=15)
HELD = {
    Reaction.AMBIGUOUS: _MINUTE,
    Reaction.BACK_OFF: _MINUTE,
    Reaction.TOKEN: _MINUTE,
    Reaction.ACCOUNT: _QUARTER,
    Reaction.CAMPAIGN: _QUARTER,
}
"""How long no notice is sent after an answer that others would get, too; it ends by itself."""
_IMPOSSIBLE = Outcome("field_impossible", Reaction.TEXT, outcomes.sentence("field_impossible"))
OF_THE_TEMPLATE = frozenset({"template_gone", "template_banned"})
_USED_UP = frozenset({"refused", "bad_address"})
_FINAL = frozenset({Reaction.PERSON, Reaction.PERSON_LATER, Reaction.TEXT})
MALFORMED = "bad_request"
"""WeChat could not read a request: that notice's fault, as long as others are taken."""
MALFORMED_IN_A_ROW = 3
"""After how many of them the next would get the same, so that each quarter of an hour tries one."""


class MiniNoticeSender(Protocol):
    """Whatever sends a notice: notifier.wechat.mini_program.MiniProgram."""

    def send_notice(self, openid: str, template_id: str, page: str, data: NoticeData) -> None:
        """Send it; raise GatewayError."""
        ...


def wake(resources: Resources) -> None:
    """Wake a worker if any notice is due; first give up those that nobody will answer any more."""
    if not resources.settings.mini_notices:
        return
    with resources.sessions.begin() as session:
        at = database_now(session)
        mini_claims.give_up_lost(session, at)
        if mini_claims.due(session, resources.settings, at, 1):
            wakeups.ask(session, Job.SEND_NOTICES)


def send_due(
    resources: Resources, sender: MiniNoticeSender, *, seconds: float, stop: Callable[[], bool]
) -> int:
    """Send until nothing is due, the time is up, or an answer holds the rest; return how many."""
    until, remembered, sent = time.monotonic() + seconds, mark.Remembered(resources), 0
    while True:
        with resources.readers.begin() as session:
            found = mini_claims.due(session, resources.settings, database_now(session), CHUNK)
        before = sent
        for each in found:
            if stop() or time.monotonic() > until:
                return sent
            sent += _send_one(resources, sender, remembered, each)
        if sent == before:
            return sent


def _send_one(
    resources: Resources, sender: MiniNoticeSender, remembered: mark.Remembered, each: Due
) -> int:
    """Claim, call and settle one; return how many that were, 0 or 1."""
    with resources.sessions.begin() as session:
        if remembered.is_ahead_of(session):
            return 0
        claimed = mini_claims.claim(session, resources.settings, each, database_now(session))
    if claimed is None:
        return 0
    answer = _ask(resources.settings, sender, claimed)
    with resources.sessions.begin() as session:
        settle(session, resources.settings, claimed, answer)
    return 1


def _ask(settings: Settings, sender: MiniNoticeSender, claimed: ClaimedNotice) -> Answer:
    kind = kinds.kinds()[claimed.kind]
    values = wording.values(claimed.school, claimed.texts, claimed.facts)
    openid = claimed.due.openid.removeprefix(MARK)
    try:
        shown = kind.render(values)
        data = {claimed.fields[label]: {"value": text} for label, text in shown.items()}
        page = notice_path(settings, kind, claimed.client_msg_id)
        sender.send_notice(openid, claimed.due.template_id, page, data)
    except RuleError:
        return Answer(_IMPOSSIBLE, None, "")
    except GatewayError as error:
        said = f"{error.errcode or ''} {error.detail} {error.rid}".strip()
        return Answer(error.outcome, None, said[:DETAIL_LENGTH])
    return Answer(outcomes.ACCEPTED, None, "")


def settle(session: Session, settings: Settings, claimed: ClaimedNotice, answer: Answer) -> None:
    """Write what came of a notice, what it says of her and of the template, and what it holds."""
    at, outcome = database_now(session), answer.outcome
    event = _event_of(outcome)
    if event is None:
        _withdraw(session, claimed)
    else:
        reason = "" if outcome is outcomes.ACCEPTED else outcome.code
        mine = MiniNotice.id == claimed.id
        values = {"reason": reason, "detail": answer.detail, "final_at": at}
        moves.move(session, MINI_NOTICE, MiniNotice.state, event, mine, **values)
    _mind_the_allowance(session, claimed.due, outcome)
    if outcome.code in OF_THE_TEMPLATE:
        mini_templates.note_refused(session, claimed.due.template_id, at)
    elif outcome.code != MALFORMED or _is_everybodys(session, outcome):
        _hold(session, settings, answer, at)


def _event_of(outcome: Outcome) -> MiniNoticeEvent | None:
    """Return what an answer does to a notice; None where it was not taken and may be sent later."""
    if outcome is outcomes.ACCEPTED:
        return MiniNoticeEvent.ACCEPT
    if outcome.reaction is Reaction.AMBIGUOUS:
        return MiniNoticeEvent.LOSE
    is_its_own = outcome.reaction in _FINAL or outcome.code == MALFORMED
    return MiniNoticeEvent.REFUSE if is_its_own else None


def _is_everybodys(session: Session, outcome: Outcome) -> bool:
    """Say whether the last notices all ended so."""
    newest = select(MiniNotice.reason).order_by(MiniNotice.claimed_at.desc(), MiniNotice.id.desc())
    reasons = session.scalars(newest.limit(MALFORMED_IN_A_ROW)).all()
    return reasons == [outcome.code] * MALFORMED_IN_A_ROW


def _withdraw(session: Session, claimed: ClaimedNotice) -> None:
    """Take the claim back: nothing was sent, for a reason that is not hers."""
    sending = MiniNotice.state == MiniNoticeState.SENDING
    gone = delete(MiniNotice).where(MiniNotice.id == claimed.id, sending).returning(MiniNotice.id)
    if session.scalar(gone) is not None:
        mini_allowances.give_back(session, claimed.due.openid, claimed.due.template_id)


def _mind_the_allowance(session: Session, each: Due, outcome: Outcome) -> None:
    if outcome.code in _USED_UP:
        mini_allowances.use_up(session, each.openid, each.template_id)
    elif outcome.reaction in {Reaction.TEXT, Reaction.PERSON_LATER} or outcome.code == MALFORMED:
        mini_allowances.give_back(session, each.openid, each.template_id)


def _hold(session: Session, settings: Settings, answer: Answer, at: datetime) -> None:
    """Send nothing for a while after an answer that the next would get, too."""
    reaction = answer.outcome.reaction
    if reaction is Reaction.QUOTA:
        until = quota.next_day(at)
    elif reaction in HELD:
        until = at + HELD[reaction]
    else:
        return
    account.note(
        session,
        settings.mini_app_id,
        paused_at=at,
        paused_until=until,
        pause_reason=answer.outcome.code,
        pause_detail=answer.detail,
    )


def read_templates(resources: Resources, mini: MiniTemplateList | None) -> None:
    """Read the mini program's templates, if there is one and it is time; raises GatewayError."""
    if mini is None:
        return
    named = resources.settings.mini_notices
    with resources.readers.begin() as session:
        at = database_now(session)
        if not mini_templates.is_time(session, mini.app_id, named, at):
            return
    read = mini.notice_templates()
    with resources.sessions.begin() as session:
        mini_templates.store(session, mini.app_id, named, read, at)
