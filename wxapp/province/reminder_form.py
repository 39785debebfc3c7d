"""The form of a province's reminder, and what it leads to."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from notifier.campaigns import audience as audiences
from notifier.campaigns import looked_at, previews, province_reminders
from notifier.campaigns.audience import Reach
from notifier.campaigns.estimate import Estimate, estimate_of
from notifier.campaigns.previews import Preview
from notifier.ledger import kinds
from notifier.ledger.tables import ProvinceReminder
from registry.accounts.school_tables import School
from registry.base.errors import RuleError
from registry.record.scope import Scope
from registry.record.shown import SEEN
from registry.statistics import kept_figures
from registry.statistics.kept_figures import OfCohort
from wxapp.core import campaign_form
from wxapp.core.campaign_form import common_of, read_common
from wxapp.core.resources import now, resources
from wxapp.province.door import province_context


@dataclass(frozen=True)
class ProvinceReminderForm(campaign_form.ReminderForm):
    """What stands in the form, as it was written."""

    schools: Sequence[str]
    """Their random keys."""
    seen: str
    """The digest of the draft that is being changed, as it stood when the form was filled."""


def read_written(given: MultiDict[str, str], schools: Sequence[str]) -> ProvinceReminderForm:
    """Read the form; `schools` are those that are ticked in it."""
    common = read_common(given, kinds.kinds()[province_reminders.KIND])
    own = {"state": given.get("state", ""), "seen": given.get(SEEN, "")}
    return ProvinceReminderForm(**common | own, schools=schools)


def written_of(reminder: ProvinceReminder, key: str = "") -> ProvinceReminderForm:
    """Return the form as it led to a reminder: `key` is the draft's, to change it."""
    seen = looked_at.content_of(reminder)
    return ProvinceReminderForm(**common_of(reminder, key), schools=reminder.schools, seen=seen)


@dataclass(frozen=True)
class ProvinceReminderForecast:
    """What the form leads to: how many are reached in which schools, a card, or a refusal."""

    schools: Sequence[tuple[School, Reach]]
    """Those with somebody to remind."""
    without: int
    """How many of the chosen schools have nobody to remind."""
    reach: Reach
    told_today: int
    """Those who have had the same card today."""
    estimate: Estimate
    card: Preview | None
    """Of the first one reached: whose it is stays with the school."""
    card_school: str
    refusal: RuleError | None
    is_counted: bool = True
    """Of a large province it is counted when its page stands already."""

    @property
    def reaching(self) -> int:
        """Return in how many schools somebody is reached."""
        return sum(reach.reachable > 0 for _, reach in self.schools)


def see_first(
    session: Session, written: ProvinceReminderForm, year: int
) -> ProvinceReminderForecast:
    """Return what the page begins with; where counting takes long, nothing is counted yet."""
    if kept_figures.is_counted_soon(session, OfCohort(province_context().province, year)):
        return see(session, written, year)
    ahead = estimate_of(session, resources().settings, written.kind, 0, now())
    nobody = Reach.of_all(())
    return ProvinceReminderForecast((), 0, nobody, 0, ahead, None, "", None, is_counted=False)


def see(session: Session, written: ProvinceReminderForm, year: int) -> ProvinceReminderForecast:
    """Count whom the form as it stands reaches, and draw one card."""
    reached: list[tuple[School, Reach]] = []
    card, school, told, refused = None, "", 0, None
    try:
        audience, province = written.audience(year), province_context().province
        reached = province_reminders.reach(
            session, province, written.schools, audience, written.kind
        )
        ids = [each.id for each, _ in reached]
        told = audiences.told_today_in_schools(session, ids, audience, written.kind, now())
        draft = written.draft(year)
        first = next((each for each, reach in reached if reach.reachable), None)
        if first:
            scope, school = Scope(first.id, province=province), first.name
            card = previews.preview_of_draft(session, scope, draft, now())
    except RuleError as refusal:
        refused = refusal
    whole = Reach.of_all(each for _, each in reached)
    ahead = estimate_of(session, resources().settings, written.kind, whole.reachable, now())
    without = len(set(written.schools)) - len(reached)
    return ProvinceReminderForecast(reached, without, whole, told, ahead, card, school, refused)
