"""How a province's reminder stands: each of its schools, and all of them together."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session, load_only

from notifier.campaigns import effect
from notifier.campaigns.effect import Effect
from notifier.campaigns.progress import ReminderTally, Tally, came_instead, tally
from notifier.ledger import outcomes, states
from notifier.ledger.tables import Campaign, Message, ProvinceReminder
from registry.accounts.school_tables import School

_EFFECTS = select(Campaign).options(
    load_only(
        Campaign.drive_id,
        Campaign.state,
        Campaign.started_at,
        Campaign.finished_at,
        Campaign.effect,
        Campaign.effect_at,
    )
)


@dataclass(frozen=True)
class SchoolProgress(Tally):
    """One school's campaign of a province's reminder: counts, nobody's name."""

    name: str
    campaign: Campaign

    @property
    def state(self) -> states.CampaignState:
        """Return its state."""
        return states.CampaignState(self.campaign.state)

    @property
    def reason_sentence(self) -> str:
        """Return why it is so, as people read it; empty where its state says all."""
        plain = self.campaign.reason in {"scheduled", "cancelled"}
        return "" if plain else outcomes.waiting_sentence(self.campaign.reason)


@dataclass(frozen=True)
class ReminderProgress(ReminderTally):
    """A province's reminder: the sum over its schools, and each of them, by code."""

    schools: Sequence[SchoolProgress]

    @property
    def state(self) -> states.CampaignState:
        """Return the state of the whole."""
        return states.of_all({each.state for each in self.schools})

    @property
    def resumes_what_may_have_come(self) -> bool:
        """Say whether going on sends anew what may have been sent before a backup was restored."""
        restored = outcomes.LEDGER_RESTORED.code
        paused = (each for each in self.schools if each.state is states.CampaignState.PAUSED)
        return any(each.campaign.reason == restored for each in paused)

    @property
    def can(self) -> set[str]:
        """Return what can be done with at least one of the schools."""
        there = {each.state for each in self.schools}
        return {event.value for state in there for event in states.CAMPAIGN.events(state)}


def progress_of(session: Session, reminder: ProvinceReminder) -> ReminderProgress:
    """Count what became of the messages to each school."""
    wanted = select(School.name, Campaign).join(Campaign, Campaign.school_id == School.id)
    found = session.execute(
        wanted.where(Campaign.drive_id == reminder.id).order_by(School.code)
    ).all()
    rows: dict[int | None, list[tuple[str, str, int]]] = {campaign.id: [] for _, campaign in found}
    for campaign_id, state, reason, number in session.execute(
        select(Message.campaign_id, Message.state, Message.reason, func.count())
        .where(Message.campaign_id.in_(rows))
        .group_by(Message.campaign_id, Message.state, Message.reason)
    ):
        rows[campaign_id].append((state, reason, number))
    whole = tally(row for school in rows.values() for row in school)
    schools = [
        SchoolProgress(**vars(tally(rows[each.id])), name=name, campaign=each)
        for name, each in found
    ]
    instead = came_instead(session, [each.id for _, each in found]) if whole.by_reason else {}
    return ReminderProgress(**vars(whole), instead=instead, schools=schools)


def outlines(
    session: Session, reminders: Collection[ProvinceReminder]
) -> Mapping[int, tuple[states.CampaignState, int]]:
    """Return the state of each reminder and how many schools it goes to, by its number."""
    found: dict[int, dict[states.CampaignState, int]] = {each.id: {} for each in reminders}
    rows = session.execute(
        select(Campaign.drive_id, Campaign.state, func.count())
        .where(Campaign.drive_id.in_(found))
        .group_by(Campaign.drive_id, Campaign.state)
    )
    for drive_id, state, number in rows:
        if drive_id is not None:
            found[drive_id][states.CampaignState(state)] = number
    return {
        each.id: (states.of_all(found[each.id]), sum(found[each.id].values()) or len(each.schools))
        for each in reminders
    }


def effects(
    session: Session, reminders: Collection[ProvinceReminder]
) -> Mapping[int, Effect | None]:
    """Return what each reminder had done in the schools that were counted, by its number."""
    found = defaultdict[int, list[Campaign]](list)
    ids = [each.id for each in reminders]
    for campaign in session.scalars(_EFFECTS.where(Campaign.drive_id.in_(ids))):
        if campaign.drive_id is not None:
            found[campaign.drive_id].append(campaign)
    return {each: effect.effect_of_several(found[each]) for each in ids}
