"""What was paused for want of a template goes on by itself once the account has one that fits."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import ColumnElement
from sqlalchemy.orm import Session

from notifier.campaigns import campaigns
from notifier.ledger import kinds, outcomes
from notifier.ledger.states import CampaignEvent
from notifier.ledger.tables import Campaign
from notifier.wechat import templates
from notifier.wechat.templates import MatchedTemplate, SyncReport, TemplateList
from registry.base.errors import RuleError
from runtime import wakeups
from runtime.jobs import Job

Serving = Mapping[str, MatchedTemplate]
"""The template that each kind of message is sent with, where there is one."""


def sync(session: Session, gateway: TemplateList, at: datetime) -> SyncReport:
    """Read the account's templates; what waited for one that came or changed goes on.

    Raises GatewayError; the account is asked before the session is used.
    """
    read = gateway.templates()
    before = serving(session)
    report = templates.store_templates(session, gateway.app_id, read, at)
    go_on(session, before)
    return report


def overrule(session: Session, template_id: str, kind: str | None, keys: Mapping[str, str]) -> None:
    """Match a template to a kind by hand; what waited for it goes on.

    Raises RuleError as `notifier.wechat.templates.overrule` does.
    """
    before = serving(session)
    templates.overrule(session, template_id, kind, keys)
    session.flush()
    go_on(session, before)


def serving(session: Session) -> Serving:
    """Return what each kind is sent with now."""
    found = {}
    for name in kinds.kinds():
        try:
            found[name] = templates.template_for(session, name)
        except RuleError:
            continue  # it has none
    return found


def go_on(session: Session, before: Serving) -> int:
    """Resume the campaigns of the kinds whose template is another than before; return how many.

    Those whose template is the same stay paused: WeChat refused it, and would again.
    """
    now = serving(session)
    changed = [name for name, template in now.items() if before.get(name) != template]
    waiting = (Campaign.kind.in_(changed), Campaign.reason.in_(outcomes.OF_THE_TEMPLATE))
    begun = _resume(session, CampaignEvent.RESUME, "", Campaign.started_at.is_not(None), *waiting)
    unbegun = _resume(
        session, CampaignEvent.RETURN, "scheduled", Campaign.started_at.is_(None), *waiting
    )
    if begun:
        wakeups.ask(session, Job.DELIVER)
    if unbegun:
        wakeups.ask(session, Job.EXPAND)
    return begun + unbegun


def _resume(
    session: Session, event: CampaignEvent, reason: str, *those: ColumnElement[bool]
) -> int:
    moved = campaigns.move_all(session, event, *those, reason=reason, wait_until=None)
    return len(moved)
