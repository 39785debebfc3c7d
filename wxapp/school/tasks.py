"""What takes longer than a page: the list of all of it, and the page of one task and its file."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from notifier.campaigns import campaigns
from notifier.campaigns.recipient_lists import PROCEDURES
from notifier.ledger import sent, states
from notifier.ledger.tables import Campaign
from registry.accounts import audit
from registry.accounts import staff as staff_rules
from registry.base.errors import NotFound
from registry.tasks import lookup
from registry.tasks.states import (
    COURIER_LISTS,
    FILES,
    IMPORTS,
    MOVING,
    REVIEWS,
    TaskKind,
    TaskState,
)
from registry.tasks.tables import Task
from wxapp.core import downloads
from wxapp.core.db import reading, writing
from wxapp.core.resources import now
from wxapp.school.door import blueprint, staff_context

SHOWN = 20
_PAGES = {
    **dict.fromkeys(IMPORTS, "school.import"),
    **dict.fromkeys(COURIER_LISTS, "school.courier_list"),
    **dict.fromkeys(REVIEWS, "school.review_task"),
}
"""Kinds of tasks with a page of their own."""


@dataclass(frozen=True)
class ListedTask:
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
    who: str
    """Who asked for it, as rows name them."""
    fetch: str = ""
    """The address its file is fetched by, as long as it is kept."""


@blueprint.get("/tasks", endpoint="tasks")
def show_tasks() -> str:
    """Show tasks and campaigns, newest first; asked by htmx, only the part that moves."""
    with reading() as session:
        recent = campaigns.recent(session, staff_context().scope, limit=SHOWN)
        tasks = lookup.recent(session, staff_context().scope, SHOWN)
        found = [
            *_of_campaigns(recent, sent.counts_by_campaign(session, recent)),
            *_of_tasks(session, tasks),
        ]
        names = staff_rules.names(session, [each.who for each in found])
    newest = sorted(found, key=lambda task: task.at, reverse=True)[:SHOWN]
    page = "school/tasks_live.html" if "HX-Request" in request.headers else "school/tasks.html"
    return render_template(
        page, tasks=newest, names=names, moving=any(each.moving for each in newest)
    )


def _of_campaigns(
    recent: Sequence[Campaign], counts: dict[int, dict[states.MessageState, int]]
) -> list[ListedTask]:
    return [
        ListedTask(
            kind="省级提醒" if each.drive_id else "提醒",
            title=each.title,
            address=url_for("school.campaign", key=each.key),
            state=each.state,
            state_title=states.CAMPAIGN_TITLES[states.CampaignState(each.state)],
            done=sum(
                number
                for state, number in counts[each.id].items()
                if state not in {*states.OPEN_MESSAGES, states.MessageState.SKIPPED}
            ),
            total=sum(counts[each.id].values()) - counts[each.id][states.MessageState.SKIPPED],
            moving=states.CampaignState(each.state) in states.LIVE_CAMPAIGNS,
            at=each.created_at,
            who=each.created_by,
        )
        for each in recent
    ]


def _of_tasks(session: Session, tasks: Sequence[Task]) -> list[ListedTask]:
    kept = lookup.kept_files(session, tasks, now())
    askers = staff_rules.actors(session, [each.staff_id for each in tasks])
    return [
        _listed(each, askers.get(each.staff_id or 0, ""), has_file=each.file_id in kept)
        for each in tasks
    ]


def _listed(task: Task, who: str, *, has_file: bool) -> ListedTask:
    procedure, state = PROCEDURES[TaskKind(task.kind)], TaskState(task.state)
    page = _PAGES.get(TaskKind(task.kind), "school.task")
    return ListedTask(
        kind=procedure.label,
        title=procedure.title_of(task.asked),
        address=url_for(page, key=task.key),
        state=state,
        state_title=procedure.state_titles[state],
        done=task.done,
        total=task.total,
        moving=state in MOVING,
        at=task.created_at,
        who=who,
        fetch=url_for("school.fetch_file", key=task.key) if has_file else "",
    )


@blueprint.get("/office/<key>", endpoint="task")
def show_task(key: str) -> str:
    """Show how a task stands; asked by htmx, only the part that moves."""
    with reading() as session:
        task = lookup.find(session, staff_context().scope, key, FILES)
        file = lookup.file_of(session, task, now())
    live = "HX-Request" in request.headers
    procedure, state = PROCEDURES[TaskKind(task.kind)], TaskState(task.state)
    return render_template(
        "school/task_live.html" if live else "school/task.html",
        task=task,
        file=file,
        has_numbers="number_kind" in task.asked,
        makes_file=task.kind != TaskKind.NUMBERS,
        title=procedure.title_of(task.asked),
        back=_back(task),
        state_title=procedure.state_titles[state],
        moving=state in MOVING,
    )


def _back(task: Task) -> tuple[str, str]:
    """Return the words and the address of where a task was asked for."""
    if number_kind := task.asked.get("number_kind"):
        return "回到转递列表", url_for("school.transfers", kind=number_kind)
    if task.kind == TaskKind.RESULTS:
        return "回到这次提醒", url_for("school.campaign", key=task.asked["campaign"])
    if task.kind == TaskKind.AGREEMENTS:
        state, unit, kind = (task.asked.get(each) for each in ("state", "unit", "kind"))
        return "回到就业协议", url_for("school.agreements", state=state, unit=unit, kind=kind)
    if task.kind == TaskKind.LEFT_OUT:
        return "回到报省级备案", url_for("school.reporting")
    return "回到毕业生列表", url_for("school.graduates")


@blueprint.post("/office/<key>/file")
def fetch_file(key: str) -> ResponseReturnValue:
    """Send what a task made, piece by piece, and keep in the log who took it."""
    with writing() as session:
        task = lookup.find(session, staff_context().scope, key, FILES)
        stored = lookup.file_of(session, task, now())
        if stored is None:
            raise NotFound("文件（保存 24 小时）")
        record = staff_context().audit_record(
            "office_file", f"office_task:{key}", {"people": task.total}
        )
        audit.note(session, record, now())
    return downloads.stored(stored)
