"""All that is kept of one graduate, as the detail page of a school or department shows it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any

from sqlalchemy import literal, select
from sqlalchemy.orm import Session

from registry.accounts import audit
from registry.accounts.audit_log.tables import AuditDetail
from registry.accounts.school_tables import Department
from registry.accounts.tables import AuditEntry, Staff
from registry.base.errors import NotFound, RuleError
from registry.codes.identity import IDENTITY, PHONE
from registry.record import important_fields, in_force
from registry.record.confirmation import snapshots
from registry.record.confirmation.states import ConfirmationState
from registry.record.graduates import RecordOfPerson, find_by_identity
from registry.record.important_fields import Difference
from registry.record.scope import Scope, within
from registry.record.tables import Confirmation, Graduate, Registration

MOST_ENTRIES = 200


@dataclass(frozen=True)
class Answered:
    """An answer, and what of its snapshot reads differently today."""

    answer: Confirmation
    changed_since: list[Difference]


@dataclass(frozen=True)
class Version:
    """A version of the registration, and how it differs from the one before."""

    registration: Registration
    changed: list[Difference]


@dataclass(frozen=True)
class GraduateRecord:
    """One graduate with everything the detail page shows."""

    graduate: Graduate
    department: Department
    registration: Registration | None
    answers: list[Answered]
    """Newest first."""
    versions: list[Version]
    """Newest first."""
    others: list[RecordOfPerson]
    """The same person's other records within the scope."""

    @property
    def state(self) -> ConfirmationState:
        """Return where the confirmation stands."""
        return ConfirmationState(self.graduate.confirmation)

    @property
    def dispute(self) -> Confirmation | None:
        """Return the dispute in force: what the graduate says is wrong."""
        return (
            self.answers[0].answer
            if self.state is ConfirmationState.DISPUTED and self.answers
            else None
        )


@dataclass(frozen=True)
class Logged:
    """An entry of the audit log, as a page shows it."""

    at: datetime
    actor: str
    """Name of the member of staff, or 本人, 系统, 平台运维."""
    action: str
    details: dict[str, Any]


def find(session: Session, scope: Scope, key: str) -> Graduate:
    """Return the graduate; raise NotFound for a missing one and one outside the scope alike."""
    graduate = session.scalar(select(Graduate).where(within(scope), Graduate.key == key))
    if graduate is None:
        raise NotFound("毕业生")
    return graduate


def detail(session: Session, scope: Scope, key: str) -> GraduateRecord:
    """Return all that is kept of one graduate; raise NotFound outside the scope."""
    graduate = find(session, scope, key)
    versions = session.scalars(
        select(Registration)
        .where(Registration.graduate_id == graduate.id)
        .order_by(Registration.version)
    ).all()
    current = next((each for each in versions if each.id == graduate.registration_id), None)
    return GraduateRecord(
        graduate=graduate,
        department=session.get_one(Department, graduate.department_id),
        registration=current,
        answers=_answers(session, graduate, current),
        versions=_versions(graduate, versions),
        others=[
            each
            for each in find_by_identity(session, scope, [graduate.identity_index])
            if each.key != key
        ],
    )


def _answers(session: Session, graduate: Graduate, current: Registration | None) -> list[Answered]:
    today = important_fields.snapshot(in_force.values_of(graduate, current))
    return [
        Answered(each.answer, important_fields.differences_since(each.snapshot, today))
        for each in snapshots.given(session, graduate.id, most=None)
    ]


def _versions(graduate: Graduate, versions: Sequence[Registration]) -> list[Version]:
    values = [in_force.values_of(graduate, each) for each in versions]
    changed = [important_fields.differences(*pair) for pair in pairwise(values)]
    return [
        Version(version, differences)
        for version, differences in zip(versions, [[], *changed], strict=bool(versions))
    ][::-1]


def log(session: Session, scope: Scope, key: str) -> list[Logged]:
    """Return what staff did with one graduate's record, newest first."""
    rows = session.execute(
        select(AuditEntry, Staff.name, AuditDetail.content)
        .outerjoin(Staff, literal("staff:") + Staff.key == AuditEntry.actor)
        .outerjoin(AuditDetail, AuditDetail.digest == AuditEntry.detail)
        .where(
            AuditEntry.school_id.in_(audit.schools_of(scope.school_id)),
            AuditEntry.subject == subject(key),
        )
        .order_by(AuditEntry.id.desc())
        .limit(MOST_ENTRIES)
    )
    return [
        Logged(row.at, name or _said_actor(row.actor), row.action, content or row.details)
        for row, name, content in rows
    ]


_ACTORS = {
    "system": "系统",
    "command": "平台运维",
    "staff": "已删除的账号",
    "graduate": "本人",
    "stranger": "未登录",
}


def _said_actor(actor: str) -> str:
    """Return who did it, where it is nobody of the staff; raises KeyError for an unknown kind."""
    return _ACTORS[actor.partition(":")[0]]


def subject(key: str) -> str:
    """Return how the audit log names a graduate."""
    return f"{audit.GRADUATE}{key}"


REVEALED = {IDENTITY: "identity_sealed", PHONE: "phone_sealed"}


def sealed(graduate: Graduate, what: str) -> tuple[str, str]:
    """Return the purpose and the sealed value of one personal field.

    Raises RuleError `nothing_to_show` for another field, or where none is kept.
    """
    value = getattr(graduate, REVEALED[what]) if what in REVEALED else None
    if not value:
        raise RuleError("nothing_to_show", "没有登记这一项，无可显示。")
    return what, value
