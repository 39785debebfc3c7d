"""One application as its reviewer sees it: what changed, the proofs, what is odd, the history."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import literal, select
from sqlalchemy.orm import Session

from registry.accounts.school_tables import Department
from registry.accounts.tables import Staff
from registry.base.errors import NotFound
from registry.record import comparison, validation
from registry.record.comparison import Compared
from registry.record.scope import Scope, within
from registry.record.tables import Graduate, Registration
from registry.record.validation import GraduateFacts, Problem
from registry.review import evidence, kept_evidence, sent
from registry.review import states as review
from registry.review.applications import said
from registry.review.seasons import season
from registry.review.states import ApplicationEvent, ApplicationState, Level, Purpose
from registry.review.tables import Application, Evidence, ReviewStep


@dataclass(frozen=True)
class Step:
    """One step of the history."""

    event: ApplicationEvent
    level: str
    by: str
    """Name of the member of staff; empty for the graduate herself."""
    reason: str
    at: datetime


@dataclass(frozen=True)
class Case:
    """All a reviewer looks at."""

    application: Application
    graduate: Graduate
    department: Department
    due: Level | None
    """Who decides now."""
    against_record: list[Compared]
    """The version in force now, and what is applied for."""
    since_last: list[Compared]
    """What was sent the time before, and what is sent now; empty where it was sent once."""
    problems: list[Problem]
    """What is odd about it."""
    evidence: list[Evidence]
    carried: frozenset[int]
    """Those that lay with an earlier application already, by id."""
    steps: list[Step]
    """Newest first."""
    levels: tuple[Level, ...]

    @property
    def record_changed(self) -> bool:
        """Say whether something else is in force than when it was sent: it has to be returned."""
        waits = ApplicationState(self.application.state) in review.WAITING
        return waits and self.application.based_on != self.graduate.registration_id

    @property
    def is_last_level(self) -> bool:
        """Say whether who decides now has the last word."""
        return self.due is self.levels[-1]

    def is_too_early(self, at: datetime) -> bool:
        """Say whether she may still take back what waits for a decision."""
        begins = self.application.passable_from
        return self.due is not None and begins is not None and at < begins


def case(session: Session, scope: Scope, key: str) -> Case:
    """Return an application that was ever sent; raise NotFound outside the scope."""
    row = session.execute(
        select(Application, Graduate, Department)
        .join(Graduate, Graduate.id == Application.graduate_id)
        .join(Department, Department.id == Graduate.department_id)
        .where(within(scope), Application.key == key, Application.submitted_at.is_not(None))
    ).one_or_none()
    if row is None:
        raise NotFound("申请")
    application, graduate, department = row
    levels = season(session, graduate.school_id, graduate.cohort).levels
    due = review.level_of(ApplicationState(application.state), levels)
    steps = _steps(session, application)
    submitted = _sent(session, steps)
    documents = evidence.listed(session, application.id)
    return Case(
        application=application,
        graduate=graduate,
        department=department,
        due=None if graduate.is_ended else due,
        against_record=_against_record(session, application, graduate, submitted),
        since_last=_since_last(submitted),
        problems=_problems(application, graduate, submitted),
        evidence=documents,
        carried=kept_evidence.carried(session, documents),
        steps=[_shown(*each) for each in steps],
        levels=levels,
    )


def _steps(session: Session, application: Application) -> Sequence[tuple[ReviewStep, str | None]]:
    rows = session.execute(
        select(ReviewStep, Staff.name)
        .outerjoin(Staff, literal("staff:") + Staff.key == ReviewStep.by)
        .where(ReviewStep.application_id == application.id)
        .order_by(ReviewStep.revision.desc())
    )
    return [(step, name) for step, name in rows]


def _shown(step: ReviewStep, name: str | None) -> Step:
    level = review.LEVEL_TITLES[Level(step.level)] if step.level else ""
    return Step(ApplicationEvent(step.event), level, name or "", step.reason, step.at)


def _sent(
    session: Session, steps: Sequence[tuple[ReviewStep, str | None]]
) -> list[Mapping[str, object]]:
    """Return what was sent each time, the newest first: a draft being rewritten is not shown."""
    submitted = [step for step, _ in steps if step.event == ApplicationEvent.SUBMIT]
    return [sent.recorded(session, step) for step in submitted]


def _against_record(
    session: Session,
    application: Application,
    graduate: Graduate,
    submitted: Sequence[Mapping[str, object]],
) -> list[Compared]:
    """Compare with what is in force; once decided, with what was in force when it was sent."""
    base = graduate.registration_id
    if ApplicationState(application.state) not in review.WAITING:
        base = application.based_on
    before = said(session.get_one(Registration, base)) if base else {}
    if application.purpose == Purpose.VOID:
        return comparison.side_by_side(before, {})
    return comparison.side_by_side(before, submitted[0] if submitted else {})


def _since_last(submitted: Sequence[Mapping[str, object]]) -> list[Compared]:
    return comparison.side_by_side(submitted[1], submitted[0]) if len(submitted) > 1 else []


def _problems(
    application: Application, graduate: Graduate, submitted: Sequence[Mapping[str, object]]
) -> list[Problem]:
    if application.purpose == Purpose.VOID or not submitted:
        return []
    return validation.problems(submitted[0], person(graduate))


def person(graduate: Graduate) -> GraduateFacts:
    """Return what of a graduate the rules look at when others read: all but her phone."""
    return GraduateFacts(
        graduate.name, graduate.cohort, graduate.training_mode, graduate.training_unit
    )
