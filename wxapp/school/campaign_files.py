"""Name lists of a campaign as workbooks: who cannot be reached, and what became of each one."""

from flask import request
from werkzeug.wrappers import Response

from notifier.campaigns import audience as audiences
from notifier.campaigns import campaigns, progress, recipient_lists
from notifier.campaigns.audience import Audience
from notifier.ledger import kinds, states
from notifier.ledger.kinds import Kind
from registry.accounts.audit import AuditRecord
from registry.base.errors import RuleError
from registry.record.scope import Scope
from registry.tasks.start import NameList
from registry.tasks.states import TaskKind
from wxapp.core.db import reading
from wxapp.core.resources import now
from wxapp.school import name_lists
from wxapp.school.campaign_form import read_written
from wxapp.school.door import blueprint, staff_context


@blueprint.post("/campaigns/unreachable")
def unreachable_of_form() -> Response:
    """Give the list of those whom the form as it stands would not reach."""
    written = read_written(request.form)
    audience = written.audience(staff_context().year)
    audiences.check(audience)
    return _begin(staff_context().scope, audience, written.kind, "campaign:new")


@blueprint.post("/campaigns/<key>/unreachable")
def unreachable_of_campaign(key: str) -> Response:
    """Give the list of those whom a campaign does not reach."""
    with reading() as session:
        campaign = campaigns.find(session, staff_context().scope, key)
    audience, kind = Audience.from_json(campaign.audience), kinds.kinds()[campaign.kind]
    return _begin(campaigns.scope_of(campaign), audience, kind, f"campaign:{key}", campaign=key)


def _begin(scope: Scope, audience: Audience, kind: Kind, subject: str, **asked: str) -> Response:
    """Settle whom it does not reach now, and have the list made."""
    people = audiences.conditions(scope, audience, kind, now())
    with reading() as session:
        reach = audiences.reach(session, scope, audience, kind, now())
    listed = NameList(
        TaskKind.UNREACHABLE,
        audience.year,
        reach.recipients - reach.reachable,
        audiences.unreachable_ids(people, kind),
        {"kind": kind.name, **asked},
    )
    return name_lists.begin(listed, _record(subject))


@blueprint.post("/campaigns/<key>/results")
def results_of_campaign(key: str) -> Response:
    """Give what became of each recipient, of one state where the form names one."""
    state = _state(request.form.get("state", ""))
    with reading() as session:
        campaign = campaigns.find(session, staff_context().scope, key)
        counts = progress.progress(session, campaign, at=now()).counts
    total, asked = counts[state or "recipients"], recipient_lists.asked(campaign, state)
    return name_lists.begin(
        NameList(TaskKind.RESULTS, staff_context().year, total, asked=asked),
        _record(f"campaign:{key}"),
    )


def _state(given: str) -> states.MessageState | None:
    if given and given not in set(states.MessageState):
        raise RuleError("state_unknown", "没有这种结果，请刷新页面后重试。", "state")
    return states.MessageState(given) if given else None


def _record(subject: str) -> AuditRecord:
    return staff_context().audit_record("export_recipients", subject)
