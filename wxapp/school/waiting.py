"""What waits for a member of staff (等您处理): how many, since when, and the way to those rows."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from flask import url_for
from sqlalchemy.orm import Session

from notifier.ledger import outcomes, states
from notifier.ledger.binding_counts import binding_counts
from notifier.ledger.tables import Campaign
from notifier.wechat import posters
from registry.accounts.tables import Role
from registry.base import countdown
from registry.base.clock import SHANGHAI
from registry.breaches import lists as breaches
from registry.interface import sync_health
from registry.numbers import listing, service
from registry.numbers.shape import KIND_TITLES, Issue
from registry.numbers.transfer import states as transfer
from registry.province import returns
from registry.record import contact_lists, graduates
from registry.record.confirmation import states as confirmation
from registry.record.graduate_filter import Days, GraduateFilter
from registry.review import lists
from registry.review.lists import ApplicationFilter
from registry.review.states import Purpose
from registry.signing import (
    certification_decisions,
    offline_issuing,
    takeovers,
    termination_lists,
    voiding,
)
from registry.signing.states import OfflineRequestState
from registry.tasks import roster_import
from registry.tasks.states import TaskState
from registry.tasks.tables import Task
from wxapp.core.resources import now
from wxapp.core.rights import may
from wxapp.core.showing import day_reader
from wxapp.core.waiting import Waiting
from wxapp.reviews.filters import own_level, own_stage, read_review_filter
from wxapp.school.door import shown_season, staff_context

Counts = Mapping[confirmation.ConfirmationState, int]
LOOKED_BACK = 20
STUCK = {states.CampaignState.PAUSED, states.CampaignState.WAITING, states.CampaignState.DRAFT}


WAITING_STATES = (
    (
        confirmation.ConfirmationState.DISPUTED,
        "人确认有误",
        "请更正本人指出的内容，再请其确认",
        "orange",
    ),
    (confirmation.ConfirmationState.UNCONFIRMED, "人尚未确认", "可以发送登记确认提醒", "blue"),
    (
        confirmation.ConfirmationState.NOT_REPORTED,
        "人尚未上报去向",
        "导入或上报后才能确认",
        "secondary",
    ),
)

WAITING_REVIEWS = {
    Purpose.REGISTER: "份登记待审核",
    Purpose.VOID: "份作废申请待审核",
    Purpose.AGREEMENT: "份就业协议待审核",
}
LATE_REVIEWS = {
    Purpose.REGISTER: "份登记超过 2 天未审核",
    Purpose.VOID: "份作废申请超过 2 天未审核",
    Purpose.AGREEMENT: "份就业协议超过 2 天未审核",
}
LATE_DAYS = 3
"""What was sent so many days ago, or before, has waited for two whole days."""
LATE_TERMINATION = timedelta(days=2)

WAITING_NUMBERS = {
    transfer.TransferState.LAPSED: (
        "转递编号待更新",
        "信息有变化，原来的编号已失效，寄送前请更新",
        "orange",
    ),
    transfer.TransferState.NONE: ("转递编号未生成", "寄送档案、迁移户口前生成", "secondary"),
}

MARKS = {14: "blue", 7: "orange", 3: "orange"}
"""Days before the last one from which departments are named -> colour."""


def waiting_lines(session: Session, counts: Counts, recent: Sequence[Campaign]) -> list[Waiting]:
    """Return what waits for who is asking.

    `counts` are of the confirmations of the year, `recent` the newest campaigns.
    """
    return [
        *_of_reviews(session),
        *_of_terminations(session),
        *_of_papers(session),
        *_of_employers(session),
        *_of_sync(session),
        *_of_objections(session),
        *_of_breaches(session),
        *_of_returns(session),
        *_of_graduates(session, counts),
        *_of_unbound(session),
        *_of_posters(session),
        *_of_numbers(session),
        *_of_imports(_rosters(session)),
        *_of_campaigns(recent),
    ]


def _rosters(session: Session) -> Sequence[Task]:
    if not staff_context().whole_school:
        return []
    return roster_import.recent(session, staff_context().scope, limit=LOOKED_BACK)


def _of_reviews(session: Session) -> list[Waiting]:
    if not may("school.reviews"):
        return []
    wanted = read_review_filter(session, {})
    if own_level() not in wanted.levels:
        return []
    late = (now().astimezone(SHANGHAI) - timedelta(days=LATE_DAYS)).date()
    return [
        *_reviews(session, wanted, WAITING_REVIEWS, "blue"),
        *_reviews(session, replace(wanted, submitted=Days(last=late)), LATE_REVIEWS, "orange"),
    ]


def _reviews(
    session: Session, wanted: ApplicationFilter, words: Mapping[Purpose, str], colour: str
) -> Iterator[Waiting]:
    mine, sent_by = own_stage(wanted.levels), wanted.submitted.last
    scope, hint = staff_context().scope, "审核后本人会收到结果"
    numbers = lists.counts(session, scope, wanted, only=mine)
    for purpose, said in words.items():
        if number := numbers[purpose][mine]:
            which = purpose if purpose is not Purpose.REGISTER else None
            address = url_for("school.reviews", purpose=which, submitted_to=sent_by)
            of_these = replace(wanted, purpose=purpose, stage=mine)
            since = lists.oldest(session, scope, of_these)
            yield Waiting(number, said, hint, address, colour, since)


def _of_terminations(session: Session) -> Iterator[Waiting]:
    """Yield the terminations that wait for the school, of any cohort, and those that are late."""
    if not staff_context().whole_school:
        return
    scope, address = staff_context().scope, url_for("school.terminations")
    late = termination_lists.late_for_school(session, scope, now() - LATE_TERMINATION)
    if number := termination_lists.counts_of_school(session, scope)[termination_lists.WAITING]:
        hint, since = "审核后双方会收到结果", termination_lists.oldest_for_school(session, scope)
        yield Waiting(number, "份解约申请待办理", hint, address, "blue", since)
    if late:
        yield Waiting(late, "份解约申请超过 2 天未办理", "等待最久的排在最前", address, "orange")


def _of_papers(session: Session) -> Iterator[Waiting]:
    """Yield the requests for agreements on paper, of any cohort."""
    if not staff_context().whole_school:
        return
    waiting = offline_issuing.counts(session, staff_context().scope)[OfflineRequestState.ASKED]
    if waiting:
        address, hint = url_for("school.offline_requests"), "核发后由毕业生打印，双方签字盖章"
        since = offline_issuing.oldest(session, staff_context().scope)
        yield Waiting(waiting, "份线下签约申请待核发", hint, address, "blue", since)


def _of_employers(session: Session) -> list[Waiting]:
    """Return what waits of employers, and the agreements whose voiding another has asked for."""
    staff = staff_context().staff
    if staff.role != Role.SCHOOL:
        return []
    scope, at = staff_context().scope, now()
    asked = takeovers.of_school(session, scope.school_id)
    papers = certification_decisions.count_waiting(session, staff)
    voided = voiding.count_for(session, staff, at)
    lines = [
        Waiting(
            *(papers, "份单位资质材料待审核"),
            *("通过后单位可以邀请签约", url_for("school.papers"), "blue"),
            since=certification_decisions.oldest_waiting(session, staff) if papers else None,
        ),
        Waiting(
            *(len(asked), "份变更单位管理员申请"),
            *("请核对授权书后办理", url_for("school.employers"), "blue"),
            since=asked[0].asked_at if asked else None,
        ),
        Waiting(
            *(voided, "份就业协议作废待确认"),
            *("须由申请人以外的管理员办理", url_for("school.agreements", kind="asked"), "orange"),
            since=voiding.oldest_for(session, staff, at) if voided else None,
        ),
    ]
    return [each for each in lines if each.number]


def _of_returns(session: Session) -> list[Waiting]:
    """Return the batches of which the province returned somebody, until they are sent again."""
    if not staff_context().whole_school:
        return []
    found, day = (
        returns.of_school(session, staff_context().scope, staff_context().year),
        day_reader(now),
    )
    return [
        Waiting(
            each.number,
            f"人被省级退回（{day(each.sent_at)}上报的批次）",
            "按退回原因处理后重新上报",
            url_for("school.batch", key=each.key),
            "orange",
            each.returned_at,
        )
        for each in found
    ]


def _of_sync(session: Session) -> Iterator[Waiting]:
    """Yield that the synchronisation with the province's system needs a look."""
    if staff_context().staff.role != Role.SCHOOL:
        return
    found = sync_health.school(session, staff_context().scope.school_id, now())
    if found and found.is_troubled:
        hint = f"{sync_health.TITLES[found.state]}，请联系{found.system}核实"
        yield Waiting(1, "项接口同步异常", hint, url_for("school.sync"), "orange")


def _of_objections(session: Session) -> list[Waiting]:
    """Return what graduates object to, of any cohort: nothing goes on for them meanwhile."""
    number = contact_lists.objections_count(session, staff_context().scope)
    if not number or not may("school.objections"):
        return []
    hint = "请另一位老师核实处理，处理之前本人不能授权和绑定"
    address = url_for("school.objections")
    since = contact_lists.oldest_objection(session, staff_context().scope)
    return [Waiting(number, "项身份或绑定变更有异议", hint, address, "orange", since)]


def _of_breaches(session: Session) -> list[Waiting]:
    """Return what graduates reported about employers, and what the school is asked about itself."""
    viewer = breaches.viewer_of(staff_context().staff)
    if viewer is None:
        return []
    found, address = breaches.owed(session, viewer, now()), url_for("school.breaches")
    hint = f"其中 {found.overdue} 件已逾期" if found.overdue else "请在 5 个工作日内答复"
    since = breaches.oldest_owed(session, viewer) if found.waiting else None
    lines = [
        Waiting(found.waiting, "件举报待答复", hint, address, "orange", since),
        Waiting(found.asked, "件举报待学校说明", "处理部门要求学校说明情况", address, "orange"),
    ]
    return [each for each in lines if each.number]


def slow_departments(session: Session) -> Iterator[Waiting]:
    """Yield the departments where somebody has not confirmed, most first, as the end comes near."""
    season = shown_season(session)
    left = countdown.days_left(season.closes_on, now())
    mark = countdown.mark(left, MARKS)
    if mark is None or not staff_context().whole_school:
        return
    hint = f"距截止还有 {left} 天" if left else "今天截止"
    state = confirmation.ConfirmationState.UNCONFIRMED
    found = graduates.by_department(
        session, staff_context().scope, GraduateFilter(staff_context().year)
    )
    for each in sorted(found, key=lambda each: -each["counts"][state]):
        if number := each["counts"][state]:
            address = url_for("school.graduates", state=state.value, department=each["key"])
            yield Waiting(number, f"人未确认：{each['name']}", hint, address, MARKS[mark])


def _of_graduates(session: Session, counts: Counts) -> Iterator[Waiting]:
    for state, words, hint, colour in WAITING_STATES:
        if counts[state]:
            address = url_for("school.graduates", state=state.value)
            yield Waiting(counts[state], words, hint, address, colour, _answered(session, state))


def _answered(session: Session, state: confirmation.ConfirmationState) -> datetime | None:
    """Return when she disputed who waits longest for a correction; of other states, None."""
    if state is not confirmation.ConfirmationState.DISPUTED:
        return None
    wanted = GraduateFilter(staff_context().year, state=state)
    return graduates.oldest_answer(session, staff_context().scope, wanted)


def _of_unbound(session: Session) -> Iterator[Waiting]:
    """Yield the counsellor's people whom no message reaches: she sees them every day."""
    if staff_context().scope.counsellor_id is None:
        return
    people = GraduateFilter(staff_context().year)
    if number := binding_counts(session, staff_context().scope, people)["unbound"]:
        address = url_for("school.graduates", wechat="unbound")
        hint = "收不到消息，可以打印绑定海报或逐一联系"
        yield Waiting(number, "人未绑定微信", hint, address, "blue")


def _of_posters(session: Session) -> Iterator[Waiting]:
    """Yield the posters whose codes are over or end within days, while graduates register."""
    context, season = staff_context(), shown_season(session)
    if not context.whole_school or countdown.days_left(season.closes_on, now()) < 0:
        return
    made = posters.of_classes(session, context.scope, context.year)
    if number := sum(not posters.is_good(each, now()) for each in made.values()):
        hint, address = "更新二维码后重新打印张贴", url_for("school.bindings")
        yield Waiting(number, "张绑定海报二维码到期或即将到期", hint, address, "orange")


def _of_numbers(session: Session) -> Iterator[Waiting]:
    """Yield whose transfer numbers are to be renewed or made, while the service runs."""
    people = GraduateFilter(staff_context().year)
    if not may("school.transfers") or f"{staff_context().year}12" < service.earliest_transferred(
        service.today(now())
    ):
        return
    scope = staff_context().scope
    found = listing.counts_by_kind(session, scope, people, Issue.TRANSFER, now())
    for kind, numbers in found.items():
        for state, (words, hint, colour) in WAITING_NUMBERS.items():
            if numbers[state]:
                said = f"人的{KIND_TITLES[kind]}{words}"
                address = url_for("school.transfers", kind=kind.value, state=state.value)
                yield Waiting(numbers[state], said, hint, address, colour)


def _of_imports(recent: Sequence[Task]) -> list[Waiting]:
    """Return the imports that somebody has to approve: those that would change anybody."""
    return [
        Waiting(
            persons,
            f"人待确认导入：{each.asked['file_name']}",
            "核对完成，数据未改动",
            url_for("school.import", key=each.key),
            "orange",
            each.created_at,
        )
        for each in recent
        if TaskState(each.state) is TaskState.PLANNED
        and (persons := each.counts.get("new", 0) + each.counts.get("changed", 0))
    ]


def _of_campaigns(recent: Sequence[Campaign]) -> list[Waiting]:
    return [
        Waiting(
            1,
            f"个任务{states.CAMPAIGN_TITLES[states.CampaignState(each.state)]}：{each.title}",
            outcomes.waiting_sentence(each.reason) or "尚未发送",
            url_for("school.campaign", key=each.key),
            "orange",
            each.created_at,
        )
        for each in recent
        if states.CampaignState(each.state) in STUCK and each.drive_id is None
    ]
