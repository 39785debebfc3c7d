"""Where a member of staff works: how far they see of which school, and the year they look at."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import g
from sqlalchemy.orm import Session

from registry.accounts.audit import AuditRecord
from registry.accounts.tables import ROLE_TITLES, Role, Staff
from registry.record.scope import Scope
from registry.review import seasons
from registry.review.seasons import SeasonRules


@dataclass(frozen=True)
class StaffContext:
    """Who works here, how far they see, and the year they look at."""

    staff: Staff
    scope: Scope
    years: list[int]
    year: int
    school_name: str

    @property
    def whole_school(self) -> bool:
        """Say whether the whole school is seen, not a part of it."""
        return self.scope.whole_school

    @property
    def title(self) -> str:
        """Return the name of what is seen."""
        department = self.staff.department
        if self.staff.role == Role.COUNSELLOR:
            return ROLE_TITLES[Role.COUNSELLOR]
        return "全校" if department is None else department.name

    @property
    def actor(self) -> str:
        """Return how rows name who did it."""
        return self.staff.actor

    def audit_record(
        self, action: str, subject: str, details: Mapping[str, Any] | None = None
    ) -> AuditRecord:
        """Return what the audit log keeps of something done here."""
        return AuditRecord(self.actor, action, subject, self.scope.school_id, details or {})


def staff_context() -> StaffContext:
    """Return the context of the member of staff who is asking; the guard of the door made it."""
    found = g.staff_context
    assert isinstance(found, StaffContext)
    return found


def shown_season(session: Session) -> SeasonRules:
    """Return the rules of the cohort that is shown: of a request one look, until it writes."""
    if "shown_season" not in g:
        context = staff_context()
        g.shown_season = seasons.season(session, context.scope.school_id, context.year)
    found: SeasonRules = g.shown_season
    return found
