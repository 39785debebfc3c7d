"""The school's own correction of one registration, with a reason that is kept.

Source: the registration notice of 2023, clause 1.3, and the reading that after 31 August only the
school changes a registration, with a reason.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from registry.accounts import audit
from registry.accounts.audit import AuditRecord
from registry.accounts.tables import Staff
from registry.base.errors import RuleError
from registry.base.text import compared
from registry.base.written_reason import written_reason
from registry.record import (
    graduate_page,
    in_force,
    logged_changes,
    province_lock,
    registration,
    shown,
    validation,
)
from registry.record.fields import PLACES
from registry.record.registration import Origin, Proposal
from registry.record.scope import Scope
from registry.record.shown import FormOutdated
from registry.record.tables import SCHOOL_CORRECTION, Graduate, Source
from registry.record.validation import Refused
from registry.review.applications import first_values
from registry.review.case import person

BY = "学校"


@dataclass(frozen=True)
class CorrectionForm:
    """A whole form of a registration, and why it is corrected."""

    typed: Mapping[str, object]
    reason: str
    seen: str | None = None
    """The digest of what the form began with (`seen_of`); None where nothing was shown."""


def correct(
    session: Session,
    scope: Scope,
    staff: Staff,
    graduate_key: str,
    change: CorrectionForm,
    at: datetime,
) -> Graduate:
    """Put new values in force for a graduate.

    What was lacking or wrong before, and is left as it is, keeps nothing else from being corrected.
    Raises NotFound outside the scope,
    validation.Refused with every problem, FormOutdated, RuleError `school_only`,
    `registered_elsewhere`, `reason_missing`, `reason_too_long`, `record_ended`, `nothing_changed`
    or `locked_by_province`.
    """
    reason = _reason(scope, change.reason)
    province_lock.refuse_elsewhere(session, scope.school_id)
    graduate = _not_ended(_locked(session, scope, graduate_key))
    _refuse_changed(session, graduate, change)
    values, stood = _values(session, graduate, change.typed), graduate.registration_id
    origin = _origin(scope, staff, at)
    proposal = Proposal(graduate.id, values)
    if registration.record(session, origin, [proposal]).unchanged:
        raise RuleError("nothing_changed", "内容与现在登记的完全一样，没有更改。")
    before = logged_changes.in_force(session, [stood]).get(stood or 0, {})
    details = {"reason": reason, "changes": logged_changes.changes(before, values)}
    subject = graduate_page.subject(graduate_key)
    audited = AuditRecord(
        origin.recorded_by, "registration_corrected", subject, scope.school_id, details
    )
    audit.note(session, audited, at)
    session.flush()
    return session.get_one(Graduate, graduate.id, populate_existing=True)


def _locked(session: Session, scope: Scope, key: str) -> Graduate:
    """Return the graduate as she stands once nobody else is changing her."""
    graduate = graduate_page.find(session, scope, key)
    in_force.lock(session, scope.school_id, [graduate.id])
    session.refresh(graduate)
    return graduate


def seen_of(session: Session, graduate: Graduate) -> str:
    """Return the digest of what a correction begins with."""
    return shown.digest(first_values(session, graduate))


def _refuse_changed(session: Session, graduate: Graduate, change: CorrectionForm) -> None:
    if change.seen in {None, seen_of(session, graduate)}:
        return
    stands, wanted = first_values(session, graduate), validation.cleaned(change.typed)
    differ = logged_changes.changes(wanted, {name: stands.get(name, "") for name in wanted})
    raise FormOutdated({each["title"]: each["after"] for each in differ})


def _values(session: Session, graduate: Graduate, typed: Mapping[str, object]) -> dict[str, object]:
    """Return what is registered from now on; raise Refused for what the correction gets wrong."""
    before, after = first_values(session, graduate), validation.cleaned(typed)
    found = validation.problems_of(after, person(graduate))
    stood = set(validation.problems_of(before, person(graduate)))
    left = {each.field for each in stood & set(found) if _is_left(each.field, before, after)}
    found = [each for each in found if each.field not in left]
    if validation.refused(found):
        raise Refused(found)
    left |= {PLACES[name] for name in left & PLACES.keys()}
    asked = {name: text for name, text in after.items() if name not in left}
    values = validation.as_registration(asked)
    return {name: value for name, value in values.items() if name not in left}


def _is_left(name: str, before: Mapping[str, str], after: Mapping[str, str]) -> bool:
    return all(
        compared(before.get(each)) == compared(after.get(each)) for each in (name, "category")
    )


def _origin(scope: Scope, staff: Staff, at: datetime) -> Origin:
    return Origin(
        school_id=scope.school_id,
        source=Source.NATIONAL,
        source_name=f"{SCHOOL_CORRECTION}：{staff.name}",
        by=BY,
        recorded_by=staff.actor,
        at=at,
    )


def _not_ended(graduate: Graduate) -> Graduate:
    if graduate.is_ended:
        raise RuleError("record_ended", "这条记录已停用，请先恢复再更正。")
    return graduate


def _reason(scope: Scope, why: str) -> str:
    if not scope.whole_school:
        raise RuleError("school_only", "直接更改登记由学校办理，请联系学校就业指导中心。")
    return written_reason(why, "请写明更改的原因，会留在操作记录里。")
