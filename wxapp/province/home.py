"""The province's first page: what waits for it, how far its schools have come, and their syncs."""

from collections.abc import Iterator, Sequence

from flask import render_template, url_for
from sqlalchemy.orm import Session

from registry.breaches import lists as breaches
from registry.interface import sync_health
from registry.interface.sync_health import SchoolSync
from registry.province import batch_decisions, monitoring, people
from registry.province.batch_decisions import BatchFilter
from registry.province.monitoring import SchoolProgress
from registry.province.states import BatchState
from registry.record.confirmation import states as confirmation
from registry.record.confirmation.states import ConfirmationState
from registry.signing import certification_decisions
from wxapp.core.db import reading
from wxapp.core.resources import now
from wxapp.core.waiting import Waiting
from wxapp.province.door import blueprint, province_context

WAITING = BatchFilter(BatchState.SENT)
BATCHES = 10
"""How many of the batches that wait are named; their list has them all."""
BEHIND = 10
"""How many schools that are behind are named."""


@blueprint.get("/", endpoint="home")
def show_home() -> str:
    """Show what waits, the year's progress over all schools, and how the syncs stand."""
    province, year = province_context().province, province_context().year
    with reading() as session:
        schools = list(monitoring.progress(session, province, year).values())
        syncs = sync_health.schools_of(session, province, now())
        waiting = [
            *_of_batches(session),
            *_of_reviews(session),
            *_of_disputes(session),
            *_of_others(session),
            *_of_syncs(syncs),
        ]
        batches = batch_decisions.of_province(session, province, WAITING, most=BATCHES)
    return render_template(
        "province/home.html",
        waiting=waiting,
        batches=batches,
        counts=monitoring.added_up(schools),
        behind=_behind(schools),
        syncs=syncs,
        troubled=[each for each in syncs if each.is_troubled],
        state_titles=confirmation.TITLES,
        sync_titles=sync_health.TITLES,
    )


def _behind(schools: Sequence[SchoolProgress]) -> list[SchoolProgress]:
    """Return the schools of which the smallest share has confirmed, least first."""
    with_people = [each for each in schools if each.graduates]
    return sorted(with_people, key=lambda each: each.confirmed_share)[:BEHIND]


def _of_batches(session: Session) -> Iterator[Waiting]:
    found = batch_decisions.count_waiting(session, province_context().province)
    if found.batches:
        hint = f"共 {found.people:,} 人；备案后学校和本人不能再改"
        address = url_for("province.batches", state=BatchState.SENT.value)
        yield Waiting(found.batches, "个上报批次待备案", hint, address, "blue")


def _of_reviews(session: Session) -> Iterator[Waiting]:
    found = monitoring.reviews(session, province_context().province, province_context().year)
    if number := sum(sum(each.waiting.values()) for each in found):
        address = url_for("province.waiting")
        yield Waiting(number, "份申请待省级审核", "审核后本人会收到结果", address, "blue")


def _of_disputes(session: Session) -> Iterator[Waiting]:
    """Yield who says that what the province's own system pushed of her is wrong."""
    province, year = province_context().province, province_context().year
    if number := people.disputes_elsewhere(session, province, year):
        address = url_for("province.people", state=ConfirmationState.DISPUTED.value, elsewhere=1)
        yield Waiting(number, "人反映登记有误", "请在省级系统中核实更正", address, "orange")


def _of_others(session: Session) -> Iterator[Waiting]:
    staff = province_context().staff
    if papers := certification_decisions.count_waiting(session, staff):
        hint, address = "通过后单位可以邀请签约", url_for("province.papers")
        yield Waiting(papers, "份单位资质材料待审核", hint, address, "blue")
    viewer = breaches.viewer_of(staff)
    owed = breaches.owed(session, viewer, now()) if viewer else None
    if owed and owed.waiting:
        late = f"其中 {owed.overdue} 件已逾期" if owed.overdue else "请在 5 个工作日内答复"
        yield Waiting(owed.waiting, "件举报待答复", late, url_for("province.breaches"), "orange")


def _of_syncs(syncs: Sequence[SchoolSync]) -> Iterator[Waiting]:
    if number := sum(each.is_troubled for each in syncs):
        hint, address = "超过 24 小时未同步，或未接收的记录偏多", url_for("province.syncs")
        yield Waiting(number, "所学校接口同步异常", hint, address, "orange")
