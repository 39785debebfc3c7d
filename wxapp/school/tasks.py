"""What takes longer than a page: imports, campaigns, transfers, newest first, and how far."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from flask import render_template, request, url_for

from notifier.campaigns import campaigns
from notifier.ledger import sent, states
from notifier.ledger.tables import Campaign
from registry.tasks import roster_import as importing
from registry.tasks import start as asking
from registry.tasks import states as office_states
from registry.tasks.earlier_tables import OfficeTask, RosterImport
from registry.tasks.roster_states import TITLES, State
from wxapp.core.db import reading
from wxapp.school.door import blueprint, staff_context
from wxapp.school.imports import MOVING
from wxapp.school.transfer_tasks import office_title

SHOWN = 20


@dataclass(frozen=True)
class Task:
    """One piece of work and how far it has come."""

    kind: str
    title: str
    address: str
    state: str
    state_title: str
    done: int
    total: int
    moving: bool
    at: datetime


@blueprint.get("/tasks", endpoint="tasks")
def show_tasks() -> str:
    """Show them; asked by htmx, only the part that moves."""
    with reading() as session:
        recent = campaigns.recent(session, staff_context().scope, limit=SHOWN)
        found = [
            *_of_campaigns(recent, sent.counts_by_campaign(session, recent)),
            *_of_imports(importing.recent(session, staff_context().scope, limit=SHOWN)),
            *_of_office(asking.recent(session, staff_context().scope, limit=SHOWN)),
        ]
    tasks = sorted(found, key=lambda task: task.at, reverse=True)[:SHOWN]
    page = "school/tasks_live.html" if "HX-Request" in request.headers else "school/tasks.html"
    return render_template(page, tasks=tasks, moving=any(task.moving for task in tasks))


def _of_campaigns(
    recent: Sequence[Campaign], counts: dict[int, dict[states.MessageState, int]]
) -> list[Task]:
    return [
        Task(
            kind="省级提醒" if each.drive_id else "提醒",
            title=each.title,
            address=url_for("school.campaign", key=each.key),
            state=each.state,
            state_title=states.CAMPAIGN_TITLES[states.CampaignState(each.state)],
            done=sum(
                number
                for state, number in counts[each.id].items()
                if state not in states.OPEN_MESSAGES
            ),
            total=sum(counts[each.id].values()),
            moving=states.CampaignState(each.state) in states.LIVE_CAMPAIGNS,
            at=each.created_at,
        )
        for each in recent
    ]


def _of_imports(recent: Sequence[RosterImport]) -> list[Task]:
    return [
        Task(
            kind="导入",
            title=each.file_name,
            address=url_for("school.import", key=each.key),
            state=each.state,
            state_title=TITLES[State(each.state)],
            done=each.done,
            total=each.total,
            moving=State(each.state) in MOVING,
            at=each.created_at,
        )
        for each in recent
    ]


def _of_office(recent: Sequence[OfficeTask]) -> list[Task]:
    return [
        Task(
            kind="转递" if each.kind else "名单",
            title=office_title(each),
            address=url_for("school.office_task", key=each.key),
            state=each.state,
            state_title=office_states.TITLES[office_states.State(each.state)],
            done=each.done,
            total=each.total,
            moving=each.state in office_states.MOVING,
            at=each.created_at,
        )
        for each in recent
    ]
