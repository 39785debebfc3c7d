"""Whose statistics a report is about, as its title says it, and whether their sum is published."""

from datetime import datetime

from sqlalchemy.orm import Session

from registry.accounts.school_tables import Department
from registry.codes.categories import level_and_ending
from registry.record import filter_choices
from registry.record.graduate_filter import GraduateFilter
from registry.record.scope import Scope, school_of
from registry.statistics.report import ReportFacts


def facts_of(
    session: Session, scope: Scope, wanted: GraduateFilter, made_by: str, at: datetime
) -> ReportFacts:
    """Return what a report of a scope says of itself; `made_by` as people read it."""
    departments = dict(filter_choices.departments(session, scope))
    narrowed = departments.get(wanted.department, "") + level_and_ending(wanted.level)
    whose = _part(session, scope, made_by) + narrowed
    return ReportFacts(school_of(session, scope).name, whose, wanted.year, made_by, at)


def _part(session: Session, scope: Scope, made_by: str) -> str:
    """Return the part of the school that is seen; nothing for all of it."""
    if scope.counsellor_id is not None:
        return f"（{made_by}分管）"
    if scope.department_id is not None:
        return session.get_one(Department, scope.department_id).name
    return ""


def is_public(scope: Scope, wanted: GraduateFilter) -> bool:
    """Say whether it is the whole school's cohort, whose sum is published anyway."""
    return scope.whole_school and wanted == GraduateFilter(wanted.year)
