"""Name lists of a campaign as workbooks: who cannot be reached, and what became of each one."""

from collections.abc import Iterator, Sequence

from flask import request
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from notifier.campaigns import audience as audiences
from notifier.campaigns import campaigns, progress, recipient_lists
from notifier.campaigns.audience import Audience
from notifier.ledger import kinds, outcomes, states
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

CHUNK = 1000
UNREACHABLE = ("学号", "姓名", "院系", "班级", "原因")


@blueprint.post("/campaigns/unreachable")
def unreachable_of_form() -> Response:
    """Send the list of those whom the form as it stands would not reach."""
    written = read_written(request.form)
    audience = written.audience(staff_context().year)
    audiences.check(audience)
    return _send(staff_context().scope, audience, written.kind, "campaign:new")


@blueprint.post("/campaigns/<key>/unreachable")
def unreachable_of_campaign(key: str) -> Response:
    """Send the list of those whom a campaign does not reach."""
    with reading() as session:
        campaign = campaigns.find(session, staff_context().scope, key)
    audience, kind = Audience.from_json(campaign.audience), kinds.kinds()[campaign.kind]
    return _send(campaigns.scope_of(campaign), audience, kind, f"campaign:{key}")


def _send(scope: Scope, audience: Audience, kind: Kind, subject: str) -> Response:
    """Send it at once: a school's whole year takes a second."""
    return name_lists.send(
        lambda session: _unreachable(session, scope, audience, kind),
        "无法送达名单",
        _record(subject),
    )


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


def _unreachable(
    session: Session, scope: Scope, audience: Audience, kind: Kind
) -> Iterator[Sequence[str]]:
    yield UNREACHABLE
    after = 0
    people = audiences.conditions(scope, audience, kind, now())
    while chunk := audiences.unreachable(session, people, kind, after=after, limit=CHUNK):
        after = chunk[-1].graduate_id
        for row in chunk:
            reason = outcomes.sentence(row.reason)
            yield (row.student_number, row.name, row.department, row.class_name, reason)
