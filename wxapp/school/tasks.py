"""What takes longer than a page: the list of all of it, and the page of one task and its file."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

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
    OF_FIGURES,
    REVIEWS,
    TaskKind,
    TaskState,
)
from registry.tasks.tables import Task
from wxapp.core import downloads
from wxapp.core.db import reading, writing
from wxapp.core.resources import now
from wxapp.core.rights import may
from wxapp.school.door import blueprint, staff_context

SHOWN = 20
_PAGES = {
    **dict.fromkeys(IMPORTS, "school.import"),
    **dict.fromkeys(COURIER_LISTS, "school.courier_list"),
    **dict.fromkeys(REVIEWS, "school.review_task"),
}
"""Kinds of tasks with a page of their own."""
_ASKED_ON: Mapping[TaskKind, tuple[str, str, tuple[str, ...]]] = {
    TaskKind.AGREEMENTS: ("回到就业协议", "school.agreements", ("state", "unit", "kind")),
    TaskKind.LEFT_OUT: ("回到报省级备案", "school.reporting", ()),
    TaskKind.UNREACHABLE: ("回到消息与提醒", "school.campaigns", ()),
    TaskKind.STATISTICS: ("回到统计", "school.statistics", ("department", "level")),
    TaskKind.IMPORT_PEOPLE: ("回到核对结果", "school.import_people", ("import",)),
    TaskKind.OBSTACLES: ("回到撤销导入", "school.import_undo", ("import",)),
}
"""Where lists are asked for: the words, the page, and what of the task its address names."""
_AS_ADDRESSED = {"import": "key"}


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
    """The address its file is fetched by, as long as it is kept and who asks may have it."""


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
        fetch=_fetching(task) if has_file else "",
    )


def _fetching(task: Task) -> str:
    """Return the address a task's file is fetched by; empty for who may not have it."""
    figures = TaskKind(task.kind) in OF_FIGURES
    endpoint = "school.fetch_statistics" if figures else "school.fetch_file"
    return url_for(endpoint, key=task.key) if may(endpoint) else ""


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
        fetch=_fetching(task),
        has_numbers="number_kind" in task.asked,
        makes_file=task.kind != TaskKind.NUMBERS,
        title=procedure.title_of(task.asked),
        back=_back(task),
        state_title=procedure.state_titles[state],
        moving=state in MOVING,
    )


def _back(task: Task) -> tuple[str, str]:
    """Return the words and the address of where a task was asked for."""
    asked, kind = task.asked, TaskKind(task.kind)
    if number_kind := asked.get("number_kind"):
        return "回到转递列表", url_for("school.transfers", kind=number_kind)
    if campaign := asked.get("campaign"):
        return "回到这次提醒", url_for("school.campaign", key=campaign)
    words, endpoint, named = _ASKED_ON.get(kind, ("回到毕业生列表", "school.graduates", ()))
    said: dict[str, Any] = {
        _AS_ADDRESSED.get(name, name): asked.get(name) or None for name in named
    }
    return words, url_for(endpoint, **said)


@blueprint.post("/office/<key>/file")
def fetch_file(key: str) -> ResponseReturnValue:
    """Send what a task made, piece by piece, and keep in the log who took it."""
    return _sent(key, FILES)


@blueprint.post("/office/<key>/statistics")
def fetch_statistics(key: str) -> ResponseReturnValue:
    """Send figures that a task made, also to those who may take no lists along."""
    return _sent(key, OF_FIGURES)


def _sent(key: str, kinds: Collection[TaskKind]) -> ResponseReturnValue:
    with writing() as session:
        task = lookup.find(session, staff_context().scope, key, kinds)
        stored = lookup.file_of(session, task, now())
        if stored is None:
            raise NotFound("文件（保存 24 小时）")
        record = staff_context().audit_record(
            "office_file", f"office_task:{key}", {"people": task.total}
        )
        audit.note(session, record, now())
    return downloads.stored(stored)
