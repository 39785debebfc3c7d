"""Name lists of a campaign as workbooks: who cannot be reached, and what became of each one."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from io import BytesIO

from flask import request, send_file
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from notifier import audience as audiences
from notifier import campaigns, kinds, outcomes, progress, states
from notifier.audience import Audience
from notifier.kinds import Kind
from notifier.tables import Campaign
from registry import audit, workbook
from registry.clock import SHANGHAI
from registry.errors import RuleError
from registry.scope import Scope
from wxapp.core.db import reading, writing
from wxapp.core.parts import now
from wxapp.school.campaign_writing import read_written
from wxapp.school.door import blueprint, desk

CHUNK = 1000
UNREACHABLE = ("学号", "姓名", "院系", "班级", "原因")
RESULTS = ("学号", "姓名", "院系", "班级", "结果", "原因", "时间")


@blueprint.post("/campaigns/unreachable")
def unreachable_of_form() -> Response:
    """Send the list of those whom the form as it stands would not reach."""
    written = read_written(request.form)
    with reading() as session:
        lines = _unreachable(session, desk().scope, written.audience(desk().year), written.kind)
        return _send(lines, "无法送达名单", "campaign:new")


@blueprint.post("/campaigns/<key>/unreachable")
def unreachable_of_campaign(key: str) -> Response:
    """Send the list of those whom a campaign does not reach."""
    with reading() as session:
        campaign = campaigns.find(session, desk().scope, key)
        audience, kind = Audience.from_json(campaign.audience), kinds.kinds()[campaign.kind]
        lines = _unreachable(session, campaigns.scope_of(campaign), audience, kind)
        return _send(lines, "无法送达名单", f"campaign:{key}")


@blueprint.post("/campaigns/<key>/results")
def results_of_campaign(key: str) -> Response:
    """Send what became of each recipient, of one state where the form names one."""
    state = request.form.get("state", "")
    if state and state not in set(states.Message):
        raise RuleError("state_unknown", "没有这种结果，请刷新页面后重试。", "state")
    with reading() as session:
        campaign = campaigns.find(session, desk().scope, key)
        lines = _results(session, campaign, states.Message(state) if state else None)
        return _send(lines, "发送结果名单", f"campaign:{key}")


def _send(lines: Iterator[Sequence[str]], title: str, subject: str) -> Response:
    """Send the lines as a workbook, and note in the audit log who took how many."""
    at = now()
    file = BytesIO()
    rows = workbook.write(file, lines)
    with writing() as session:
        audit.note(session, desk().deed("export_recipients", subject, {"rows": rows}), at)
    file.seek(0)
    name = f"{title}_{at.astimezone(SHANGHAI):%Y%m%d_%H%M}.xlsx"
    return send_file(file, workbook.MEDIA_TYPE, as_attachment=True, download_name=name)


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


def _results(
    session: Session, campaign: Campaign, state: states.Message | None
) -> Iterator[Sequence[str]]:
    yield RESULTS
    after = 0
    while chunk := progress.results(session, campaign, state=state, after=after, limit=CHUNK):
        after = chunk[-1].message_id
        for row in chunk:
            yield (
                *(row.student_number, row.name, row.department, row.class_name),
                *(row.state_title, row.reason_sentence, _time(row.at)),
            )


def _time(moment: datetime | None) -> str:
    return moment.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M:%S") if moment else ""
