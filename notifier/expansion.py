"""A campaign becomes rows of the ledger: one INSERT … SELECT, in the transaction that starts it."""

from datetime import datetime

from sqlalchemy import String, case, cast, insert, literal, null, select
from sqlalchemy.orm import Session

from notifier import audience as audiences
from notifier import bell, campaigns, jobs, kinds, states
from notifier.audience import Audience
from notifier.delivery import restored
from notifier.resources import Resources
from notifier.states import CampaignEvent
from notifier.tables import Campaign, Message
from registry.database import UtcDateTime, database_now, random_hex_sql
from registry.tables import Graduate


def expand_due(resources: Resources) -> int:
    """Start every campaign whose time has come, each in its own transaction; return how many."""
    started = 0
    if restored.is_behind(resources):
        return started
    while True:
        with resources.sessions.begin() as session:
            at = database_now(session)
            campaign = _next_due(session, at)
            if campaign is None:
                return started
            started += _start(session, campaign, at)


def _next_due(session: Session, at: datetime) -> Campaign | None:
    return session.scalar(
        select(Campaign)
        .where(Campaign.state == states.Campaign.SCHEDULED, Campaign.start_at <= at)
        .order_by(Campaign.start_at, Campaign.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )


def _start(session: Session, campaign: Campaign, at: datetime) -> bool:
    if campaign.not_after is not None and campaign.not_after <= at:
        campaigns.move(session, campaign, CampaignEvent.CANCEL, reason="expired", finished_at=at)
        return False
    moved = campaigns.move(session, campaign, CampaignEvent.EXPAND, started_at=at, reason="")
    if moved:
        write_rows(session, campaign, at)
        bell.ask(session, jobs.Job.DELIVER)
    return moved


def write_rows(session: Session, campaign: Campaign, at: datetime) -> None:
    """Write a row for everybody in the audience as it is now; who cannot be reached is skipped.

    The facts of a row are what the text says of the person; her state is all a campaign needs.
    """
    kind = kinds.kinds()[campaign.kind]
    why = audiences.obstacle(kind)
    moment = literal(at, UtcDateTime())
    people = audiences.with_people(
        select(
            random_hex_sql(session),
            literal(f"campaign:{campaign.id}:").concat(cast(Graduate.id, String)),
            literal(kind.name),
            literal(campaign.school_id),
            literal(campaign.id),
            Graduate.id,
            literal('{"state": "').concat(Graduate.confirmation).concat('"}'),
            case((why == "", states.Message.WAITING), else_=states.Message.SKIPPED),
            why,
            moment,
            moment,
            case((why == "", null()), else_=moment),
            *(literal(each) for each in ("", 0, 0)),
        ).select_from(Graduate)
    ).where(
        *audiences.conditions(
            campaigns.scope_of(campaign), Audience.from_json(campaign.audience), kind, at
        )
    )
    columns = (
        "client_msg_id business_key kind school_id campaign_id graduate_id facts state reason "
        "next_at created_at final_at detail tries crashes"
    )
    session.execute(insert(Message).from_select(columns.split(), people))
