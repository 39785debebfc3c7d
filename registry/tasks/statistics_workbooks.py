"""The workbooks of 统计: all tables of a school or a part of it, and of a province."""

from typing import IO

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.accounts.audit import AuditRecord
from registry.accounts.tables import Role, Staff
from registry.base import workbook
from registry.base.errors import RuleError
from registry.base.stamp import OF_FIGURES
from registry.record.graduate_filter import GraduateFilter
from registry.record.scope import school_of
from registry.statistics import report
from registry.statistics.province_table import province_levels, province_table
from registry.statistics.rate_table import rate_tables
from registry.statistics.report import ReportFacts
from registry.statistics.report_facts import facts_of, is_public
from registry.statistics.structure import structure, structure_of_province
from registry.tasks.claims import Claim
from registry.tasks.people import Building
from registry.tasks.states import TaskState
from registry.tasks.tables import Task

WIDTH = 14


def write_of_school(building: Building, file: IO[bytes]) -> None:
    """Write the tables of the cohort that a task narrows, as far as who asked sees."""
    session, task = building.session, building.task
    scope, wanted = task.scope, read_filter(task)
    facts = facts_of(session, scope, wanted, task.by_name, building.at)
    tables = list(rate_tables(session, scope, wanted).values())
    parts = structure(session, scope, wanted, school_of(session, scope).province).parts
    sheets = report.sheets(facts, tables, parts, public=is_public(scope, wanted))
    _write(building, file, sheets)


def read_filter(task: Claim) -> GraduateFilter:
    """Return whom the statistics of a task count."""
    asked = task.asked
    return GraduateFilter(task.year or 0, department=asked["department"], level=asked["level"])


def write_of_province(building: Building, file: IO[bytes]) -> None:
    """Write the tables of a province's cohort; raise RuleError `no_reader` for who reads none."""
    session, province = building.session, _province(building.session, building.task)
    tables = [make(session, province, building.year) for make in (province_table, province_levels)]
    parts = structure_of_province(session, province, building.year).parts
    place = building.task.place_name
    facts = ReportFacts(place, "", building.year, building.task.by_name, building.at)
    _write(building, file, report.sheets(facts, tables, parts, public=True))


def _province(session: Session, task: Claim) -> str:
    key = task.by.removeprefix("staff:")
    mine = (Staff.key == key, Staff.active, Staff.role == Role.PROVINCE)
    province = session.scalar(select(Staff.province).where(*mine))
    if province is None:
        raise RuleError("no_reader", "您的账号已不能查看全省统计。")
    return province


def _write(building: Building, file: IO[bytes], sheets: report.Sheets) -> None:
    stamp = building.task.stamp(building.at, OF_FIGURES)
    workbook.write_sheets(file, sheets, stamp=stamp, width=WIDTH)
    building.advance(building.task.total)


def audited_of_province(claim: Claim, task: Task) -> AuditRecord | None:
    """Return that the tables were made; nothing of what was refused."""
    if task.state != TaskState.FINISHED:
        return None
    said = {"year": claim.year}
    return AuditRecord(
        claim.by, "export_statistics", "province_statistics", None, said, province=claim.province
    )
