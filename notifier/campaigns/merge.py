"""Merging departments and schools as doors do it: the record's rows, and the reminders with them.

Source of the rules: docs/decisions/0021-renamed-and-merged.md.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, and_, delete, exists, func, select, update
from sqlalchemy.orm import Session, aliased

from notifier.ledger.poster_tables import Poster
from notifier.ledger.states import CAMPAIGN, CampaignState
from notifier.ledger.tables import Campaign, Message, ProvinceReminder
from registry.accounts import audit
from registry.accounts.audit import AuditRecord
from registry.accounts.school_tables import Department, School
from registry.accounts.tables import Staff
from registry.base.errors import RuleError
from registry.base.written_reason import written_reason
from registry.numbers import listing
from registry.record import events, list_views
from registry.record.person_events import ChangedPerson, PeopleChanged
from registry.record.scope import not_ended
from registry.record.tables import Graduate
from registry.signing import agreement_ends
from registry.tasks import roster_import
from registry.upkeep import merge, merge_conflicts
from registry.upkeep.merge_conflicts import Conflict

SCHOOL_COLUMNS: tuple[merge.Column, ...] = (
    Campaign.school_id,
    Message.school_id,
    Poster.school_id,
)
DEPARTMENT_COLUMNS: tuple[merge.Column, ...] = (Campaign.department_id, Poster.department_id)
"""Every column of the messages that names a school or a department, as in `registry.upkeep`."""


@dataclass(frozen=True)
class Decision:
    """Who merges, why and when."""

    by: str
    reason: str
    at: datetime


@dataclass(frozen=True)
class Foreseen:
    """What a merge would move, as it stands now."""

    people: int
    ended: int
    """Records that were ended (停用)."""
    staff: int
    reminders: int
    """Reminders that are not sent yet."""
    numbers: int = 0
    """Numbers that are good and stay so."""
    departments: int = 0
    same_named: tuple[str, ...] = ()
    """Departments of one name in both, which become one."""
    overruled_years: tuple[int, ...] = ()
    """Years whose rules give way to the other school's."""


def foresee_departments(session: Session, source: Department) -> Foreseen:
    """Return what merging a department into another of its school would move."""
    return Foreseen(
        people=_count(session, Graduate.department_id == source.id, not_ended()),
        ended=_count(session, Graduate.department_id == source.id, ~not_ended()),
        staff=_count(session, Staff.department_id == source.id),
        reminders=_count(session, Campaign.department_id == source.id, _unsent()),
    )


def foresee_schools(session: Session, source: School, target: School, at: datetime) -> Foreseen:
    """Return what merging the first school into the other would move."""
    return Foreseen(
        people=_count(session, Graduate.school_id == source.id, not_ended()),
        ended=_count(session, Graduate.school_id == source.id, ~not_ended()),
        staff=_count(session, Staff.school_id == source.id),
        reminders=_count(session, Campaign.school_id == source.id, _unsent()),
        numbers=listing.good_of_school(session, source.id, at),
        departments=_count(session, Department.school_id == source.id),
        same_named=tuple(mine.name for mine, _ in merge.same_named(session, source.id, target.id)),
        overruled_years=tuple(merge_conflicts.overruled_years(session, source.id, target.id)),
    )


def conflicts(session: Session, source: School, target: School) -> list[Conflict]:
    """Return what stands against merging the first school into the other."""
    both = session.execute(_in_both(source.id, target.id))
    number = sum(not over for _, _, over in both)
    sentence = f"{number:,} 个省级提醒正在两校发送，请等待完成或由省级取消。"
    open_ones = [Conflict("reminders_open", sentence, number)] if number else []
    joined = merge.same_named(session, source.id, target.id)
    return [
        *merge_conflicts.conflicts(session, source, target),
        *open_ones,
        *_scheduled(session, Campaign.school_id.in_([source.id, target.id])),
        *(each for mine, theirs in joined for each in _of_charges(session, mine, theirs)),
    ]


def _of_charges(session: Session, source: Department, target: Department) -> list[Conflict]:
    shared = merge_conflicts.shared_charges(session, source.id, target.id)
    return [merge_conflicts.charges_conflict(shared)] if shared else []


def _scheduled(session: Session, *those: ColumnElement[bool]) -> list[Conflict]:
    """Find reminders that start by themselves: a merge would change whom they go to."""
    number = _count(session, Campaign.state == CampaignState.SCHEDULED, _unsent(), *those)
    sentence = f"{number:,} 个提醒已定时，合并会改变发送对象。请等待发送，或取消后再合并。"
    return [Conflict("reminders_scheduled", sentence, number)] if number else []


def _of_departments(session: Session, source: Department, target: Department) -> list[Conflict]:
    """Return what stands against merging a department into another of its school."""
    wanted = select(Campaign.id, Campaign.department_id, Campaign.audience).where(
        Campaign.school_id == source.school_id, Campaign.state == CampaignState.SCHEDULED
    )
    ids, keys = {source.id, target.id}, {source.key, target.key}
    theirs = [
        row.id
        for row in session.execute(wanted)
        if row.department_id in ids or keys & set(row.audience.get("departments") or [])
    ]
    scheduled = _scheduled(session, Campaign.id.in_(theirs))
    return [*scheduled, *_of_charges(session, source, target)]


def merge_departments(
    session: Session, source: Department, target: Department, decided: Decision
) -> Foreseen:
    """Merge a department into another of its school, for good; return what was moved.

    Raises RuleError `reason_missing`, `reason_too_long`, `same_department`, `import_under_way`
    while a file that names the department may be coming in, or `merge_conflicts` with the first of
    what stands against it.
    """
    reason = written_reason(decided.reason, "请填写合并原因。")
    if source.school_id != target.school_id or source.id == target.id:
        raise RuleError("same_department", "请选择要并入的另一个院系。", "into")
    merge.lock_schools(session, source.school_id)
    if roster_import.is_coming_in(session, source.school_id):
        raise RuleError("import_under_way", "有名单正在导入，请等待导入完成后再合并。")
    if found := _of_departments(session, source, target):
        raise RuleError("merge_conflicts", found[0].sentence)
    said = {"name": source.name, "into": target.name, "reason": reason}
    subject, school_id = f"department:{target.key}", target.school_id
    moved = foresee_departments(session, source)
    _join_departments(session, source, target)
    details = {**said, "people": moved.people + moved.ended}
    record = AuditRecord(decided.by, "department_merge", subject, school_id, details)
    audit.note(session, record, decided.at)
    return moved


def merge_schools(session: Session, source: School, target: School, decided: Decision) -> Foreseen:
    """Merge the first school into the other, for good; return what was moved.

    Raises RuleError `reason_missing`, `reason_too_long`, or `merge_conflicts` with the first of
    what `conflicts` finds.
    """
    reason = written_reason(decided.reason, "请填写合并原因。")
    merge.lock_schools(session, source.id, target.id)
    if found := conflicts(session, source, target):
        raise RuleError("merge_conflicts", found[0].sentence)
    moved = foresee_schools(session, source, target, decided.at)
    details = {"name": source.name, "code": source.code, "into": target.code, "reason": reason}
    subject, target_id = f"school:{target.key}", target.id
    own = _joined_departments(session, source, target)
    _settle_reminders(session, source, target, own)
    signing = agreement_ends.under_way(session, source.id)
    both = _in_both_schools(session, source.id, target.id)
    merge.merge_schools(session, source.id, target.id, SCHOOL_COLUMNS)
    agreement_ends.leave(session, signing, decided.at, agreement_ends.MERGED)
    ids = [each.graduate_id for each in both]
    events.announce(session, PeopleChanged(target_id, ids, decided.at, decided.by, both))
    said = {**details, **numbers(moved)}
    audit.note(
        session, AuditRecord(decided.by, "school_merge", subject, target_id, said), decided.at
    )
    return moved


def _in_both_schools(session: Session, source: int, target: int) -> list[ChangedPerson]:
    """Return the records of the first school whose person has one in the other, too.

    They become one person's by the merge: until then, only a phone in common made them so.
    """
    other = aliased(Graduate)
    rows = session.execute(
        select(Graduate.id, Graduate.phone_sealed, Graduate.phone_index)
        .where(
            *(Graduate.school_id == source, Graduate.identity_index != ""),
            exists().where(
                other.school_id == target, other.identity_index == Graduate.identity_index
            ),
        )
        .order_by(Graduate.id)
    )
    return [
        ChangedPerson(ident, renamed=True, phone_sealed=sealed, phone_index=index)
        for ident, sealed, index in rows
    ]


def numbers(moved: Foreseen) -> dict[str, int]:
    """Return what was moved, in numbers."""
    return {name: each for name, each in asdict(moved).items() if isinstance(each, int)}


def _join_departments(session: Session, source: Department, target: Department) -> None:
    _rename_in_audiences(session, source.school_id, {source.key: target.key})
    list_views.rename_department(session, source.school_id, source.key, target.key)
    merge.merge_departments(session, source.id, target.id, DEPARTMENT_COLUMNS)


def _joined_departments(session: Session, source: School, target: School) -> list[str]:
    """Join the departments of one name; return the keys of all where a school's people are then."""
    kept = []
    for mine, theirs in merge.same_named(session, source.id, target.id):
        kept.append(theirs.key)
        _join_departments(session, mine, theirs)
    own = session.scalars(select(Department.key).where(Department.school_id == source.id))
    return [*own, *kept]


def _rename_in_audiences(session: Session, school_id: int, keys: Mapping[str, str]) -> None:
    """Have the reminders of a school name other departments where they name these."""
    for campaign in session.scalars(select(Campaign).where(Campaign.school_id == school_id)):
        named = campaign.audience.get("departments") or []
        if keys.keys() & set(named):
            campaign.audience = {**campaign.audience, "departments": _renamed(named, keys)}
    session.flush()


def _renamed(named: list[str], keys: Mapping[str, str]) -> list[str]:
    return list(dict.fromkeys(keys.get(each, each) for each in named))


def _settle_reminders(session: Session, source: School, target: School, own: Sequence[str]) -> None:
    """Keep the reminders of a school for the people of its `own` departments."""
    _join_reminders_of_province(session, source.id, target.id)
    whole_school = select(Campaign).where(
        Campaign.school_id == source.id, Campaign.department_id.is_(None), _unsent()
    )
    for campaign in session.scalars(whole_school):
        if not campaign.audience.get("departments"):
            to = list(own) or [source.key]  # of a school without people: to nobody
            campaign.audience = {**campaign.audience, "departments": to}
    session.flush()
    session.execute(
        update(Campaign)
        .where(Campaign.school_id == source.id, Campaign.occasion.is_not(None))
        .values(occasion=Campaign.occasion.concat(f":{source.code}"))
        .execution_options(synchronize_session=False)
    )
    for reminder in session.scalars(select(ProvinceReminder)):
        if source.key in reminder.schools:
            reminder.schools = _renamed(reminder.schools, {source.key: target.key})


def _join_reminders_of_province(session: Session, source: int, target: int) -> None:
    """Make one campaign of two that are of one reminder of the province, with all messages."""
    for mine, theirs, _ in session.execute(_in_both(source, target)).all():
        session.execute(
            update(Message)
            .where(Message.campaign_id == mine)
            .values(campaign_id=theirs)
            .execution_options(synchronize_session=False)
        )
        session.execute(
            delete(Campaign).where(Campaign.id == mine).execution_options(synchronize_session=False)
        )


def _in_both(source: int, target: int) -> Select[int, int, bool]:
    """Return the query of the campaigns of two schools that are of one reminder of the province.

    And whether both are over: one that is still to begin would go to those who had the other's.
    """
    theirs = aliased(Campaign)
    over = (CampaignState.FINISHED, CampaignState.CANCELLED)
    both_over = and_(Campaign.state.in_(over), theirs.state.in_(over))
    return (
        select(Campaign.id, theirs.id, both_over)
        .join(theirs, theirs.drive_id == Campaign.drive_id)
        .where(Campaign.school_id == source, theirs.school_id == target)
    )


def _unsent() -> ColumnElement[bool]:
    return Campaign.started_at.is_(None) & Campaign.state.not_in(sorted(CAMPAIGN.ends))


def _count(session: Session, *those: ColumnElement[bool]) -> int:
    return session.scalars(select(func.count()).where(*those)).one()
