"""The first page: what waits for me, each line a link to exactly those rows, and the year."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import render_template, url_for
from sqlalchemy.orm import Session

from notifier import campaigns, outcomes, states
from notifier.tables import Campaign
from registry import confirmation, graduates, review_lists
from registry.graduates import Filter
from registry.people import RosterImport
from registry.review import Purpose
from registry.roster import importing
from registry.roster.states import State
from wxapp.core.db import reading
from wxapp.reviews.filters import own_level, own_stage, read_review_filter
from wxapp.school.door import blueprint, desk

LOOKED_BACK = 20
STUCK = {states.Campaign.PAUSED, states.Campaign.WAITING, states.Campaign.DRAFT}


@dataclass(frozen=True)
class Waiting:
    """Something that waits for the reader."""

    number: int
    words: str
    hint: str
    address: str
    colour: str


WAITING_STATES = (
    (confirmation.State.DISPUTED, "人确认有误", "请更正本人指出的内容，再请其确认", "orange"),
    (confirmation.State.UNCONFIRMED, "人还没有确认", "可以发送登记确认提醒", "blue"),
    (confirmation.State.NOT_REPORTED, "人还没有上报去向", "导入或上报后才能确认", "secondary"),
)

WAITING_REVIEWS = {Purpose.REGISTER: "人的登记待审核", Purpose.VOID: "人申请作废，待审核"}


@blueprint.get("/")
def home() -> str:
    """Show what waits and how far the year has come."""
    with reading() as session:
        counts = graduates.counts(session, desk().scope, Filter(desk().year))
        recent = campaigns.recent(session, desk().scope, limit=LOOKED_BACK)
        rosters = importing.recent(session, desk().scope, limit=LOOKED_BACK)
        reviews = _of_reviews(session)
        waiting = [*reviews, *_of_graduates(counts), *_of_imports(rosters), *_of_campaigns(recent)]
        school = desk().staff.school
    return render_template(
        "school/home.html",
        waiting=waiting,
        counts=counts,
        total=sum(counts.values()),
        school=school,
    )


def _of_reviews(session: Session) -> list[Waiting]:
    wanted = read_review_filter(session, {})
    numbers = review_lists.counts(session, desk().scope, wanted)
    mine = own_stage(wanted.levels)
    return [
        Waiting(
            numbers[purpose][mine],
            words,
            "审核后本人会收到结果",
            url_for("school.reviews", purpose=purpose if purpose is Purpose.VOID else None),
            "blue",
        )
        for purpose, words in WAITING_REVIEWS.items()
        if own_level() in wanted.levels and numbers[purpose][mine]
    ]


def _of_graduates(counts: dict[confirmation.State, int]) -> list[Waiting]:
    return [
        Waiting(counts[state], words, hint, url_for("school.graduates", state=state.value), colour)
        for state, words, hint, colour in WAITING_STATES
        if counts[state]
    ]


def _of_imports(recent: Sequence[RosterImport]) -> list[Waiting]:
    return [
        Waiting(
            each.counts.get("new", 0) + each.counts.get("changed", 0),
            f"人待确认导入：{each.file_name}",
            "核对完成，还没有改动数据",
            url_for("school.import", key=each.key),
            "orange",
        )
        for each in recent
        if State(each.state) is State.PLANNED
    ]


def _of_campaigns(recent: Sequence[Campaign]) -> list[Waiting]:
    return [
        Waiting(
            1,
            f"个任务{states.CAMPAIGN_TITLES[states.Campaign(each.state)]}：{each.title}",
            outcomes.sentence(each.reason) or "还没有发送",
            url_for("school.campaign", key=each.key),
            "orange",
        )
        for each in recent
        if states.Campaign(each.state) in STUCK
    ]
