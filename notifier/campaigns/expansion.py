"""A campaign becomes rows of the ledger: one INSERT … SELECT, in the transaction that starts it."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, String, case, cast, insert, literal, null, select
from sqlalchemy.orm import Session

from notifier.campaigns import audience as audiences
from notifier.campaigns import campaigns
from notifier.campaigns.audience import Audience
from notifier.ledger import kinds, mark, states
from notifier.ledger.kinds import Kind
from notifier.ledger.states import CampaignEvent
from notifier.ledger.tables import Campaign, Message
from registry.base.database import UtcDateTime, database_now, hex_name_sql
from registry.base.errors import RuleError
from registry.base.written_out import is_one_of
from registry.record.tables import Graduate
from runtime import jobs, wakeups
from runtime.resources import Resources


def expand_due(resources: Resources, stop: Callable[[], bool] = lambda: False) -> int:
    """Start every campaign whose time has come, each in its own transaction; return how many.

    None is begun once `stop` says so. Any number of processes share what is due: each takes a
    campaign that no other has.
    """
    started = 0
    remembered = mark.Remembered(resources)
    while not stop():
        with resources.sessions.begin() as session:
            if remembered.is_ahead_of(session):
                return started
            at = database_now(session)
            campaign = _next_due(session, at)
            if campaign is None:
                return started
            started += _start(session, campaign, at)
    return started


def _next_due(session: Session, at: datetime) -> Campaign | None:
    return session.scalar(
        select(Campaign)
        .where(
            is_one_of(Campaign.state, [states.CampaignState.SCHEDULED]),
            Campaign.started_at.is_(None),  # one that ever began is never written again
            Campaign.start_at <= at,
            Campaign.kind.in_(list(kinds.kinds())),  # the rest is for another version's processes
        )
        .order_by(Campaign.start_at, Campaign.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )


def _start(session: Session, campaign: Campaign, at: datetime) -> bool:
    if campaign.not_after is not None and campaign.not_after <= at:
        campaigns.move(session, campaign, CampaignEvent.CANCEL, reason="expired", finished_at=at)
        return False
    try:
        audience = Audience.from_json(campaign.audience)
    except RuleError as refusal:  # written by another version: it must not hold up the others
        campaigns.move(session, campaign, CampaignEvent.PAUSE, reason=refusal.code)
        return False
    begun = {"started_at": at, "effect_due": at, "reason": ""}
    moved = campaigns.move(session, campaign, CampaignEvent.EXPAND, **begun)
    if moved:
        _write_rows(session, campaign, audience, at)
        wakeups.ask(session, jobs.Job.DELIVER)
    return moved


def _write_rows(session: Session, campaign: Campaign, audience: Audience, at: datetime) -> None:
    """Write a row for everybody in the audience as it is now; who cannot be reached is skipped.

    The facts of a row are what the text says of the person; her state is all a campaign needs.
    """
    kind = kinds.kinds()[campaign.kind]
    who = _people(campaign, audience, kind, at).subquery().c
    is_reached = who.why == ""
    moment = literal(at, UtcDateTime())
    row: dict[str, ColumnElement[Any]] = {
        "client_msg_id": hex_name_sql(session, who.id),
        "business_key": literal(f"campaign:{campaign.id}:").concat(cast(who.id, String)),
        "kind": literal(kind.name),
        "school_id": literal(campaign.school_id),
        "campaign_id": literal(campaign.id),
        "graduate_id": who.id,
        "facts": literal('{"state": "').concat(who.confirmation).concat('"}'),
        "state": case((is_reached, states.MessageState.WAITING), else_=states.MessageState.SKIPPED),
        "reason": who.why,
        "next_at": moment,
        "created_at": moment,
        "final_at": case((is_reached, null()), else_=moment),
        "detail": literal(""),
        "tries": literal(0),
        "crashes": literal(0),
    }
    session.execute(insert(Message).from_select(list(row), select(*row.values())))


def _people(
    campaign: Campaign, audience: Audience, kind: Kind, at: datetime
) -> Select[int, str, str]:
    """Return who is to have a row, and why she cannot be reached.

    In the order of the indexes that the rows go into: a million in any other take a quarter longer.
    A query that is ordered is also worked out once, not again for each column made of `why`.
    """
    people = select(Graduate.id, Graduate.confirmation, audiences.obstacle(kind).label("why"))
    return (
        audiences.with_people(people.select_from(Graduate))
        .where(*audiences.conditions(campaigns.scope_of(campaign), audience, kind, at))
        .order_by(Graduate.id)
    )
