"""What a graduate sees of her application: how it stands, who looks at it now, what was said."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from sqlalchemy import and_, bindparam, func, select
from sqlalchemy.orm import Session, aliased

from registry.accounts.school_tables import School
from registry.base import countdown
from registry.base.database import BigId
from registry.base.detached import Detached
from registry.base.errors import RuleError
from registry.record import province_lock
from registry.record.tables import Graduate, Registration
from registry.review import applications
from registry.review import states as review
from registry.review.application_moves import Writer
from registry.review.seasons import OF_YEAR, SeasonRules, rules_of
from registry.review.states import (
    EDITABLE,
    LEVEL_TITLES,
    WAITING,
    ApplicationEvent,
    ApplicationState,
    Level,
    Purpose,
)
from registry.review.tables import Application, ReviewStep, Season

_PASSES = frozenset(
    {ApplicationEvent.PASS_DEPARTMENT, ApplicationEvent.PASS_SCHOOL, ApplicationEvent.PASS_LAST}
)


@dataclass(frozen=True)
class ReviewProgress:
    """One stage of the review: who, how it stands, the word beside the colour, and when."""

    title: str
    mark: str
    """done, mind or unborn: green, orange, grey."""
    word: str
    at: datetime | None = None


@dataclass(frozen=True)
class OwnApplication:
    """A graduate's newest application, open or over, and whether she may write now."""

    graduate: Graduate
    newest: Application | None
    steps: list[ReviewStep]
    """Of the newest, newest first; none of one that was passed."""
    levels: tuple[Level, ...]
    refusal: RuleError | None
    """Why she may change nothing now; None where she may."""
    days_left: int
    """To the season's last day; 0 on the day itself, less than 0 after it."""

    @property
    def open(self) -> Application | None:
        """Return the application that is under way."""
        return self.newest if self.newest and self.newest.closed_at is None else None

    @property
    def draft(self) -> Application | None:
        """Return the registration she may go on writing."""
        found = self.open
        if found is None or found.purpose != Purpose.REGISTER:
            return None
        return found if ApplicationState(found.state) in EDITABLE else None

    @property
    def waiting(self) -> Application | None:
        """Return what somebody has to decide on."""
        found = self.open
        return found if found and ApplicationState(found.state) in WAITING else None

    @property
    def voiding(self) -> bool:
        """Say whether the open application asks to have the destination voided."""
        return self.open is not None and self.open.purpose == Purpose.VOID

    @property
    def signing(self) -> bool:
        """Say whether the open application is the review of an agreement signed online."""
        return self.open is not None and self.open.purpose == Purpose.AGREEMENT

    @property
    def returned(self) -> bool:
        """Say whether the registration she was sending came back with a reason."""
        return self.draft is not None and self.draft.state == ApplicationState.RETURNED

    @property
    def mending(self) -> bool:
        """Say whether the agreement she has signed came back with a reason."""
        return self.signing and not self.waiting

    @property
    def declined(self) -> Application | None:
        """Return a request to void that was not agreed to, as long as nothing came after it."""
        found = self.newest
        if found is None or found.purpose != Purpose.VOID:
            return None
        return found if found.state == ApplicationState.DECLINED else None

    @cached_property
    def decision(self) -> ReviewStep | None:
        """Return who returned it, and why."""
        return next((each for each in self.steps if each.event == ApplicationEvent.RETURN), None)

    @property
    def next_level(self) -> str:
        """Return who decides next, in Chinese; empty where nobody has to."""
        found = self.newest
        level = review.level_of(ApplicationState(found.state), self.levels) if found else None
        return LEVEL_TITLES[level] if level else ""

    @property
    def first_level(self) -> str:
        """Return who decides first on what is sent, in Chinese."""
        return LEVEL_TITLES[self.levels[0]]

    def stages(self) -> list[ReviewProgress]:
        """Return the way from sending to the last review."""
        sent = self.newest.submitted_at if self.newest else None
        return [ReviewProgress("提交", "done", "已提交", sent), *map(self._stage, self.levels)]

    def _stage(self, level: Level) -> ReviewProgress:
        title = LEVEL_TITLES[level] + "审核"
        step = self._since_sent.get(level)
        if step is not None and step.event in _PASSES:
            return ReviewProgress(title, "done", "通过", step.at)
        if step is not None:
            return ReviewProgress(title, "mind", "退回", step.at)
        under_way = LEVEL_TITLES[level] == self.next_level
        return ReviewProgress(title, "unborn", "审核中" if under_way else "未开始")

    @cached_property
    def _since_sent(self) -> dict[Level, ReviewStep]:
        found: dict[Level, ReviewStep] = {}
        for step in self.steps:
            if step.event == ApplicationEvent.SUBMIT:
                break
            if step.level:
                found[Level(step.level)] = step
        return found


_of_hers = aliased(Application)
_READ = Detached(Application, Season, School)
_NEWEST_WITH_RULES = (
    select(*_READ.columns, province_lock.is_locked(bindparam("graduate", type_=BigId)))
    .select_from(School)
    .outerjoin(Season, and_(*OF_YEAR))
    .outerjoin(
        Application,
        Application.id
        == select(func.max(_of_hers.id))
        .where(_of_hers.graduate_id == bindparam("graduate", type_=BigId))
        .scalar_subquery(),
    )
    .where(School.id == bindparam("school", type_=BigId))
)
"""Made once: most of her pages ask."""


def find(session: Session, graduate: Graduate, at: datetime) -> OwnApplication:
    """Return her newest application, and whether she may write now."""
    asked = {"graduate": graduate.id, "school": graduate.school_id, "year": graduate.year}
    [found] = _READ.read(session, _NEWEST_WITH_RULES, asked)
    newest: Application | None = found[0]
    rules = rules_of(found[1], graduate.year)
    return OwnApplication(
        graduate=graduate,
        newest=newest,
        steps=applications.history(session, newest) if newest and _tells(newest) else [],
        levels=rules.levels,
        refusal=_refusal(Writer(graduate, at), found[2], rules, is_locked=found[3]),
        days_left=countdown.days_left(rules.closes_on, at),
    )


def _tells(newest: Application) -> bool:
    """Say whether what was said of an application is still shown: who has passed it is past."""
    return newest.state != ApplicationState.PASSED


def _refusal(
    writer: Writer, school: School, rules: SeasonRules, *, is_locked: bool
) -> RuleError | None:
    try:
        applications.refuse_by(writer, school, rules)
    except RuleError as refusal:
        return refusal
    return province_lock.refusal() if is_locked else None


def earlier(session: Session, found: OwnApplication) -> Mapping[str, object]:
    """Return what the application is compared with: what was last sent, or what is in force."""
    sent = [
        each.values for each in found.steps if each.event == ApplicationEvent.SUBMIT and each.values
    ]
    if found.draft and sent:
        return sent[0]
    if found.waiting and len(sent) > 1:
        return sent[1]
    version = found.graduate.registration_id
    return applications.said(session.get_one(Registration, version)) if version else {}
