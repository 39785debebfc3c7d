"""An audience in words, as staff chose it: read beside the number of people it holds."""

from collections.abc import Iterator, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from notifier.campaigns.audience import AUTHORIZATIONS, Audience
from notifier.campaigns.campaigns import scope_of
from notifier.ledger import kinds
from notifier.ledger.kinds import Kind
from notifier.ledger.tables import Campaign
from registry.accounts.school_tables import Department
from registry.base.errors import RuleError
from registry.codes import categories
from registry.record.confirmation import states as confirmation

EVERYBODY = "全部毕业生"


def in_words(session: Session, campaign: Campaign) -> str:
    """Return whom a campaign is for: 2026 届 · 未确认 · 计算机学院、法学院 · 已绑定微信."""
    return all_in_words(session, [campaign])[campaign.id]


def all_in_words(session: Session, campaigns: Sequence[Campaign]) -> dict[int, str]:
    """Return whom each of a school's campaigns is for, by its number.

    Of one that another version wrote, and this one cannot read, nothing.
    """
    schools = {each.school_id for each in campaigns}
    wanted = select(Department).where(Department.school_id.in_(schools))
    departments = session.scalars(wanted.order_by(Department.name)).all()
    return {each.id: _of_campaign(each, departments) for each in campaigns}


def _of_campaign(campaign: Campaign, departments: Sequence[Department]) -> str:
    kind = kinds.kinds().get(campaign.kind)
    try:
        audience = Audience.from_json(campaign.audience)
    except RuleError:
        return ""
    theirs = _departments(departments, campaign, audience)
    return of_audience(audience, kind, theirs) if kind else ""


def of_audience(audience: Audience, kind: Kind, departments: Sequence[str] = ()) -> str:
    """Return whom an audience holds, given the names of its departments."""
    narrowed = ["、".join(words) for words in _filters(audience, kind, departments) if words]
    return " · ".join([f"{audience.year} 届", *(narrowed or [EVERYBODY])])


def _filters(audience: Audience, kind: Kind, departments: Sequence[str]) -> Iterator[Sequence[str]]:
    yield _confirmations(audience, kind)
    yield [AUTHORIZATIONS[each] for each in audience.authorization]
    yield departments
    yield [categories.level_and_ending(each) for each in audience.levels]
    yield audience.majors
    yield audience.classes
    if audience.student_numbers:
        yield [f"学号名单 {len(audience.student_numbers):,} 个"]
    if audience.missing_file:
        yield ["尚未登记档案转递信息"]
    if audience.bound is not None:
        yield ["已绑定微信" if audience.bound else "未绑定微信"]
    if audience.hers_to_act:
        yield ["没有等待审核的登记"]


def _confirmations(audience: Audience, kind: Kind) -> Sequence[str]:
    if not audience.confirmation and kind.needless_when:
        return [f"除{_title(kind.needless_when)}以外"]
    return [_title(each) for each in audience.confirmation]


def _title(state: str) -> str:
    return confirmation.TITLES[confirmation.ConfirmationState(state)]


def _departments(
    departments: Sequence[Department], campaign: Campaign, audience: Audience
) -> Sequence[str]:
    """Return the names of the departments; of its own for a department's campaign."""
    if scope_of(campaign).counsellor_id is not None:
        return ["辅导员分管的班级和专业"]
    own = scope_of(campaign).department_id
    if own is not None:
        return [each.name for each in departments if each.id == own]
    chosen = {*audience.departments}
    return [
        each.name
        for each in departments
        if each.key in chosen and each.school_id == campaign.school_id
    ]
