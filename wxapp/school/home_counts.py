"""What the first page counts (what waits, what changed, what was set up), in few statements."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from sqlalchemy.orm import Session

from notifier.ledger import binding_counts
from notifier.wechat import posters
from registry.accounts import members
from registry.accounts.tables import Role
from registry.base.clock import SHANGHAI
from registry.base.counting import NOTHING, Counting, MatterCount, read_counts
from registry.breaches import lists as breaches
from registry.record import contact_lists, graduates, privacy_notice
from registry.record.confirmation.states import ConfirmationState
from registry.record.graduate_filter import Days, GraduateFilter
from registry.review import lists, seasons
from registry.review.states import Purpose
from registry.signing import (
    certification_decisions,
    offline_issuing,
    takeovers,
    termination_lists,
    voiding,
)
from wxapp.core.resources import now
from wxapp.core.rights import may
from wxapp.reviews.filters import own_level, own_stage, read_review_filter
from wxapp.school.door import staff_context

LATE_DAYS = 3
"""What was sent so many days ago, or before, has waited for two whole days."""
LATE_TERMINATION = timedelta(days=2)


class Matter(StrEnum):
    """What is counted."""

    REGISTRATIONS = Purpose.REGISTER
    VOIDS = Purpose.VOID
    AGREEMENTS = Purpose.AGREEMENT
    TERMINATIONS = "terminations"
    PAPERS = "papers"
    CERTIFICATIONS = "certifications"
    TAKEOVERS = "takeovers"
    VOIDINGS = "voidings"
    OBJECTIONS = "objections"
    BREACHES = "breaches"
    BREACHES_ASKED = "breaches_asked"
    DISPUTED = "disputed"
    REPORTED_LATELY = "reported_lately"
    CONFIRMED_LATELY = "confirmed_lately"
    DISPUTED_LATELY = "disputed_lately"
    BOUND_LATELY = "bound_lately"
    OTHER_STAFF = "other_staff"
    SETTINGS = "settings"
    PRIVACY_NOTICE = "privacy_notice"
    POSTERS = "posters"


class HomeCounts(dict[Matter, MatterCount]):
    """What was counted for who is asking: nothing of a matter that is not theirs."""

    def __missing__(self, matter: Matter) -> MatterCount:
        """Return that there is nothing."""
        return NOTHING


def read_home_counts(session: Session) -> HomeCounts:
    """Count what the first page shows to who is asking.

    By days PostgreSQL plans anew each time. What is counted without them stands in statements of
    its own, so that their plans are made once.
    """
    by_days = {**_reviews(session), **_of_people()}
    others = {**dict(_of_whole_school()), **_of_office()}
    found = {**read_counts(session, by_days), **read_counts(session, others)}
    return HomeCounts(found)


def yesterday() -> date:
    """Return the day before today in Asia/Shanghai."""
    return now().astimezone(SHANGHAI).date() - timedelta(days=1)


def late_day() -> date:
    """Return the last day of which an application that still waits is late."""
    return (now().astimezone(SHANGHAI) - timedelta(days=LATE_DAYS)).date()


def _reviews(session: Session) -> Mapping[Matter, Counting]:
    if not may("school.reviews"):
        return {}
    wanted = read_review_filter(session, {})
    if own_level() not in wanted.levels:
        return {}
    scope, stage = staff_context().scope, own_stage(wanted.levels)
    return {
        Matter(purpose): lists.waiting(
            scope, replace(wanted, purpose=purpose, stage=stage), late_day()
        )
        for purpose in Purpose
    }


def _of_whole_school() -> Iterator[tuple[Matter, Counting]]:
    scope = staff_context().scope
    if may("school.objections"):
        yield Matter.OBJECTIONS, contact_lists.waiting_objections(scope)
    if staff_context().whole_school:
        before = now() - LATE_TERMINATION
        yield Matter.TERMINATIONS, termination_lists.waiting_for_school(scope, before)
        yield Matter.PAPERS, offline_issuing.waiting(scope)
        yield Matter.POSTERS, posters.made(scope, staff_context().year, now())


def _of_people() -> Mapping[Matter, Counting]:
    scope, people = staff_context().scope, GraduateFilter(staff_context().year)
    disputed = replace(people, state=ConfirmationState.DISPUTED)
    confirmed = replace(people, state=ConfirmationState.CONFIRMED)
    days, begun = Days(first=yesterday()), datetime.combine(yesterday(), time.min, SHANGHAI)
    return {
        Matter.DISPUTED: graduates.counting(scope, disputed),
        Matter.REPORTED_LATELY: graduates.counting(scope, replace(people, reported=days)),
        Matter.CONFIRMED_LATELY: graduates.counting(scope, replace(confirmed, answered=days)),
        Matter.DISPUTED_LATELY: graduates.counting(scope, replace(disputed, answered=days)),
        Matter.BOUND_LATELY: binding_counts.bound_since(scope, people.year, begun),
    }


def _of_office() -> Mapping[Matter, Counting]:
    """Return what the school's administrators alone look after."""
    staff, school = staff_context().staff, staff_context().scope.school_id
    if staff.role != Role.SCHOOL:
        return {}
    return {
        Matter.CERTIFICATIONS: certification_decisions.waiting_for_school(school),
        Matter.TAKEOVERS: takeovers.waiting_for_school(school),
        Matter.VOIDINGS: voiding.waiting_for(staff, now()),
        Matter.BREACHES: breaches.owed_by_school(school, now()),
        Matter.BREACHES_ASKED: breaches.asked_of_school(school),
        Matter.OTHER_STAFF: members.others(staff),
        Matter.SETTINGS: seasons.settings_of(school, staff_context().year),
        Matter.PRIVACY_NOTICE: privacy_notice.published(school),
    }
