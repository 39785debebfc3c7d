"""What waits for a member of staff (等您处理): how many, since when, and the way to those rows."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from flask import url_for
from sqlalchemy.orm import Session

from notifier.ledger import outcomes, states
from notifier.ledger.binding_counts import binding_counts
from notifier.ledger.tables import Campaign
from registry.accounts.tables import Role
from registry.base import countdown
from registry.base.counting import MatterCount
from registry.interface import sync_health
from registry.numbers import listing, service
from registry.numbers.shape import KIND_TITLES, Issue
from registry.numbers.transfer import states as transfer
from registry.province import returns
from registry.record import graduates
from registry.record.confirmation import states as confirmation
from registry.record.graduate_filter import GraduateFilter
from registry.review.states import Purpose
from registry.tasks import roster_import
from registry.tasks.states import TaskState
from registry.tasks.tables import Task
from wxapp.core.resources import now
from wxapp.core.rights import may
from wxapp.core.showing import day_reader
from wxapp.core.waiting import Waiting
from wxapp.school.door import shown_season, staff_context
from wxapp.school.home_counts import HomeCounts, Matter, late_day

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


def waiting_lines(
    session: Session, counts: Counts, found: HomeCounts, recent: Sequence[Campaign]
) -> list[Waiting]:
    """Return what waits for who is asking.

    `counts` are of the confirmations of the year, `recent` the newest campaigns.
    """
    return [
        *_of_reviews(found),
        *_of_terminations(found[Matter.TERMINATIONS]),
        *_of_papers(found[Matter.PAPERS]),
        *_of_employers(found),
        *_of_sync(session),
        *_of_objections(found[Matter.OBJECTIONS]),
        *_of_breaches(found),
        *_of_returns(session),
        *_of_graduates(counts, found),
        *_of_unbound(session),
        *_of_posters(session, found[Matter.POSTERS]),
        *_of_numbers(session),
        *_of_imports(_rosters(session)),
        *_of_campaigns(recent),
    ]


def _rosters(session: Session) -> Sequence[Task]:
    if not staff_context().whole_school:
        return []
    return roster_import.recent(session, staff_context().scope, limit=LOOKED_BACK)


def _of_reviews(found: HomeCounts) -> Iterator[Waiting]:
    hint = "审核后本人会收到结果"
    for purpose, said in WAITING_REVIEWS.items():
        if number := found[Matter(purpose)].number:
            since = found[Matter(purpose)].since
            yield Waiting(number, said, hint, _reviews(purpose), "blue", since)
    for purpose, said in LATE_REVIEWS.items():
        if late := found[Matter(purpose)].late:
            address, since = _reviews(purpose, late_day()), found[Matter(purpose)].since
            yield Waiting(late, said, hint, address, "orange", since)


def _reviews(purpose: Purpose, submitted_to: date | None = None) -> str:
    which = purpose if purpose is not Purpose.REGISTER else None
    return url_for("school.reviews", purpose=which, submitted_to=submitted_to)


def _of_terminations(found: MatterCount) -> Iterator[Waiting]:
    """Yield the terminations that wait for the school, of any cohort, and those that are late."""
    address = url_for("school.terminations")
    if found.number:
        hint = "审核后双方会收到结果"
        yield Waiting(found.number, "份解约申请待办理", hint, address, "blue", found.since)
    if found.late:
        hint = "等待最久的排在最前"
        yield Waiting(found.late, "份解约申请超过 2 天未办理", hint, address, "orange")


def _of_papers(found: MatterCount) -> Iterator[Waiting]:
    """Yield the requests for agreements on paper, of any cohort."""
    if found.number:
        address, hint = url_for("school.offline_requests"), "核发后由毕业生打印，双方签字盖章"
        words = "份线下签约申请待核发"
        yield Waiting(found.number, words, hint, address, "blue", found.since)


def _of_employers(found: HomeCounts) -> list[Waiting]:
    """Return what waits of employers, and the agreements whose voiding another has asked for."""
    papers, asked = found[Matter.CERTIFICATIONS], found[Matter.TAKEOVERS]
    voided = found[Matter.VOIDINGS]
    lines = [
        Waiting(
            *(papers.number, "份单位资质材料待审核"),
            *("通过后单位可以邀请签约", url_for("school.papers"), "blue"),
            since=papers.since,
        ),
        Waiting(
            *(asked.number, "份变更单位管理员申请"),
            *("请核对授权书后办理", url_for("school.employers"), "blue"),
            since=asked.since,
        ),
        Waiting(
            *(voided.number, "份就业协议作废待确认", "须由申请人以外的管理员办理"),
            *(url_for("school.agreements", kind="asked"), "orange"),
            since=voided.since,
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
    staff = staff_context().staff
    if staff.role != Role.SCHOOL or staff.school is None:
        return
    found = sync_health.school(session, staff.school, now())
    if found and found.is_troubled:
        hint = f"{sync_health.TITLES[found.state]}，请联系{found.system}核实"
        yield Waiting(1, "项接口同步异常", hint, url_for("school.sync"), "orange")


def _of_objections(found: MatterCount) -> list[Waiting]:
    """Return what graduates object to, of any cohort: nothing goes on for them meanwhile."""
    if not found.number:
        return []
    hint = "请另一位老师核实处理，处理之前本人不能授权和绑定"
    words, address = "项身份或绑定变更有异议", url_for("school.objections")
    return [Waiting(found.number, words, hint, address, "orange", found.since)]


def _of_breaches(found: HomeCounts) -> list[Waiting]:
    """Return what graduates reported about employers, and what the school is asked about itself."""
    owed, asked = found[Matter.BREACHES], found[Matter.BREACHES_ASKED].number
    hint = f"其中 {owed.late} 件已逾期" if owed.late else "请在 5 个工作日内答复"
    address = url_for("school.breaches")
    lines = [
        Waiting(owed.number, "件举报待答复", hint, address, "orange", owed.since),
        Waiting(asked, "件举报待学校说明", "处理部门要求学校说明情况", address, "orange"),
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


def _of_graduates(counts: Counts, found: HomeCounts) -> Iterator[Waiting]:
    since = {confirmation.ConfirmationState.DISPUTED: found[Matter.DISPUTED].since}
    for state, words, hint, colour in WAITING_STATES:
        if counts[state]:
            address = url_for("school.graduates", state=state.value)
            yield Waiting(counts[state], words, hint, address, colour, since.get(state))


def _of_unbound(session: Session) -> Iterator[Waiting]:
    """Yield the counsellor's people whom no message reaches: she sees them every day."""
    if staff_context().scope.counsellor_id is None:
        return
    people = GraduateFilter(staff_context().year)
    if number := binding_counts(session, staff_context().scope, people)["unbound"]:
        address = url_for("school.graduates", wechat="unbound")
        hint = "收不到消息，可以打印绑定海报或逐一联系"
        yield Waiting(number, "人未绑定微信", hint, address, "blue")


def _of_posters(session: Session, found: MatterCount) -> Iterator[Waiting]:
    """Yield the posters whose codes are over or end within days, while graduates register."""
    if countdown.days_left(shown_season(session).closes_on, now()) < 0:
        return
    if found.late:
        hint, address = "更新二维码后重新打印张贴", url_for("school.bindings")
        yield Waiting(found.late, "张绑定海报二维码到期或即将到期", hint, address, "orange")


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
