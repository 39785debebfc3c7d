"""One person by page: added, or her data corrected, by the rules that a roster's row is held to."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from registry.accounts import audit
from registry.accounts.school_tables import Department
from registry.accounts.tables import Staff
from registry.base.crypto import Vault
from registry.base.errors import RuleError
from registry.base.written_reason import written_reason
from registry.codes import identity
from registry.codes.code_tables import LEVEL, SEX, TRAINING_MODE, CodeTable
from registry.record import graduate_page, shown
from registry.record.cohort import cohort_of
from registry.record.graduates import same_person_in
from registry.record.scope import Scope, lock_school, school_of
from registry.record.shown import FormOutdated
from registry.record.tables import Graduate
from registry.roster import applying
from registry.roster.applying import Work
from registry.roster.checking import Checker, Record
from registry.roster.layouts import TITLES, Header, Layout
from registry.roster.matching import Known, Matching, Roll
from registry.roster.problems import RowProblem, RowSeverity, refuses

ROW = 1
COLUMNS = {
    "student_number": "student_number",
    "candidate_number": "candidate_number",
    "name": "name",
    "identity": "identity_index",
    "phone": "phone_index",
    "sex_code": "sex",
    "department": "department_id",
    "class_name": "class_name",
    "level_code": "level",
    "major_code": "major_code",
    "major": "major",
    "programme_length": "programme_length",
    "graduation_month": "graduation_month",
    "cohort": "year",
    "origin_code": "origin",
    "training_code": "training_mode",
    "training_unit": "training_unit",
}
"""The fields of the page, by their names in rosters, and the columns of Graduate they change."""

TABLES: dict[str, CodeTable] = {
    "sex_code": SEX,
    "level_code": LEVEL,
    "training_code": TRAINING_MODE,
}
KEPT_IF_EMPTY = frozenset({"identity", "phone", "department", "origin_code", "cohort"})
"""Fields that say nothing where they are empty; the others are emptied."""
_SECRET = frozenset({"identity", "phone"})
OCCASIONS = {
    "corrected": "信息有误",
    "renamed": "改名",
    "major_changed": "转专业",
    "department_changed": "转院系",
    "postponed": "延期毕业",
    "brought_forward": "提前毕业",
    "other": "其他",
}
"""Why her data is changed, by code."""


class PersonRefused(RuleError):
    """What was typed cannot be kept: a sentence for each field."""

    def __init__(self, problems: list[RowProblem]) -> None:
        """Keep the first sentence of each field, by its name in rosters."""
        named = {TITLES[name]: name for name in COLUMNS}
        self.problems = {named.get(each.column, ""): each.sentence for each in reversed(problems)}
        super().__init__("person_refused", f"还有 {len(self.problems)} 处需要补充或修改。")


@dataclass(frozen=True)
class Clerk:
    """Who of a school writes, and with what."""

    staff: Staff
    scope: Scope
    vault: Vault
    at: datetime


@dataclass(frozen=True)
class PersonChange:
    """What was typed, by the names of rosters' fields, and why."""

    typed: Mapping[str, str]
    reason: str
    occasion: str = "corrected"
    seen: str | None = None
    """The digest of what the page began with (`seen_of`); None where nothing was shown."""


def first_values(graduate: Graduate, department: str) -> dict[str, str]:
    """Return what the page begins with; identity number and phone are not shown."""
    values = {name: str(getattr(graduate, column) or "") for name, column in COLUMNS.items()}
    own_cohort = graduate.cohort == cohort_of(graduate.graduation_month)
    return values | {
        "identity": "",
        "phone": "",
        "department": department,
        "origin_code": graduate.origin_code,
        "cohort": "" if own_cohort else str(graduate.cohort),
    }


def add(session: Session, clerk: Clerk, change: PersonChange) -> str:
    """Add a graduate; return her key.

    Raises PersonRefused, or RuleError `school_only`, `reason_missing`, `reason_too_long`.
    """
    reason, work = _begun(session, clerk, change)
    record = _checked(session, clerk, work, change.typed)
    matching = Roll(clerk.vault, work.school_id).match(session, [record])
    if ROW in matching.known:
        known = matching.known[ROW]
        sentence = (
            f"本校 {abs(known.year)} 届已有这位毕业生（学号 {known.student_number}），"
            "请在其页面更正，不要重复添加。"
        )
        raise PersonRefused([RowProblem(ROW, TITLES["student_number"], "known", sentence)])
    if refuses(matching.problems):
        raise PersonRefused(_errors(matching.problems))
    applying.apply(session, work, [record], matching)
    key = session.scalars(
        select(Graduate.key).where(
            Graduate.school_id == work.school_id,
            Graduate.year == record.year,
            Graduate.student_number == record.student_number,
        )
    ).one()
    _note(session, clerk, key, "graduate_added", {"reason": reason})
    return key


def correct(session: Session, clerk: Clerk, key: str, change: PersonChange) -> None:
    """Change a graduate's data; her important fields reset and end what a roster's would.

    Raises NotFound outside the scope, PersonRefused, FormOutdated, or RuleError `school_only`,
    `occasion_unknown`, `reason_missing`, `reason_too_long`, `record_ended`, `nothing_changed` or
    `locked_by_province`.
    """
    reason, work = _begun(session, clerk, change)
    if change.occasion not in OCCASIONS:
        raise RuleError("occasion_unknown", "请选择更正的原因。", "occasion")
    graduate = graduate_page.find(session, clerk.scope, key)
    if graduate.is_ended:
        raise RuleError("record_ended", "这条记录已停用，请先恢复再更正。")
    _refuse_changed(session, graduate, change)
    record = _checked(session, clerk, work, _said(change.typed))
    _refuse_taken(session, clerk, graduate, record)
    _refuse_a_second(session, graduate, record)
    record.basics.update(_emptied(change.typed))
    known = Known(*(getattr(graduate, name) for name in Known._fields))
    stood, before = _stored(graduate), _shown(session, clerk.vault, graduate)
    if applying.apply(session, work, [record], Matching({ROW: known})).unchanged:
        raise RuleError("nothing_changed", "内容与现在登记的完全一样，没有更改。")
    graduate = session.get_one(Graduate, known.id)  # applying let go of the one before
    stands, after = _stored(graduate), _shown(session, clerk.vault, graduate)
    details = {
        "occasion": OCCASIONS[change.occasion],
        "reason": reason,
        "changes": [
            {"title": title_of(name), "before": before[name], "after": after[name]}
            for name in COLUMNS
            if stood[name] != stands[name]
        ],
    }
    _note(session, clerk, key, "graduate_corrected", details)


def seen_of(graduate: Graduate) -> str:
    """Return the digest of what the page of her data begins with."""
    return shown.digest(_stored(graduate))


def _refuse_changed(session: Session, graduate: Graduate, change: PersonChange) -> None:
    if change.seen in (None, seen_of(graduate)):
        return
    department = session.get_one(Department, graduate.department_id).name
    stands, typed = first_values(graduate, department), _said(change.typed)
    differ = [name for name in COLUMNS if name in typed and stands[name] != typed[name].strip()]
    titles = {name: table.title_of(stands[name]) for name, table in TABLES.items()}
    raise FormOutdated(
        {title_of(name): titles.get(name, stands[name]) for name in differ if name not in _SECRET}
    )


def _begun(session: Session, clerk: Clerk, change: PersonChange) -> tuple[str, Work]:
    """Return the reason and what an import works with; imports of the school wait meanwhile."""
    if not clerk.scope.whole_school:
        raise RuleError("school_only", "基本信息由学校维护，请联系学校就业指导中心。")
    reason = written_reason(change.reason, "请写明原因，会留在操作记录里。")
    lock_school(session, clerk.scope.school_id)
    work = Work(clerk.scope.school_id, clerk.vault, clerk.staff.actor, clerk.at)
    applying.load_departments(session, work)
    return reason, work


def _said(typed: Mapping[str, str]) -> dict[str, str]:
    """Leave out what is kept where nothing is typed, as a row without the column does."""
    return {
        name: value for name, value in typed.items() if value.strip() or name not in KEPT_IF_EMPTY
    }


def _checked(session: Session, clerk: Clerk, work: Work, typed: Mapping[str, str]) -> Record:
    """Check what was typed as a roster's row of these columns."""
    names = [name for name in COLUMNS if name in typed]
    titles = [TITLES[name] for name in names]
    columns = {name: position for position, name in enumerate(names)}
    header = Header(Layout.NATIONAL, columns, titles, ROW, ())
    school = school_of(session, clerk.scope)
    record, problems = Checker(header, school.code, clerk.at).check(
        ROW, [typed[name] for name in names]
    )
    if record is None:
        problems = [RowProblem(ROW, TITLES["name"], "missing", "请填写姓名。")]
    elif record.department and record.department not in work.departments:
        sentence = "没有这个院系，请从列表中选择。"
        problems.append(RowProblem(ROW, TITLES["department"], "department_unknown", sentence))
    if record is None or refuses(problems):
        raise PersonRefused(_errors(problems))
    return record


def _errors(problems: list[RowProblem]) -> list[RowProblem]:
    return [each for each in problems if each.severity is RowSeverity.ERROR]


def _refuse_taken(session: Session, clerk: Clerk, graduate: Graduate, record: Record) -> None:
    """Raise PersonRefused where a number is another graduate's of the cohort."""
    number = record.candidate_number
    indexes = identity.identity_indexes(clerk.vault, record.identity)
    numbers = (
        ("student_number", Graduate.student_number, [record.student_number]),
        ("candidate_number", Graduate.candidate_number, [number] if number else []),
        ("identity", Graduate.identity_index, indexes),
    )
    given = [column.in_(values) for _, column, values in numbers if values]
    others = session.scalars(
        select(Graduate).where(
            Graduate.school_id == graduate.school_id,
            Graduate.year == record.year,
            Graduate.id != graduate.id,
            or_(*given),
        )
    ).all()
    taken = [
        RowProblem(
            ROW, TITLES[name], "number_taken", f"本届学号 {each.student_number} 的毕业生已使用。"
        )
        for each in others
        for name, column, values in numbers
        if getattr(each, column.key) in values
    ]
    if taken:
        raise PersonRefused(taken)


def _refuse_a_second(session: Session, graduate: Graduate, record: Record) -> None:
    """Raise PersonRefused where she has another record in the cohort that she would move to."""
    if record.year == graduate.year:
        return
    other = session.scalar(same_person_in(graduate, record.year))
    if other is not None:
        sentence = f"{record.year} 届已有这位毕业生的另一条记录（学号 {other}），请先核对。"
        title = TITLES["graduation_month"]
        raise PersonRefused([RowProblem(ROW, title, "second_record", sentence)])


def _emptied(typed: Mapping[str, str]) -> dict[str, Any]:
    """Return the columns that are emptied; what may not be empty was refused before."""
    return {
        COLUMNS[name]: None if name == "candidate_number" else ""
        for name, value in typed.items()
        if name in COLUMNS and name not in KEPT_IF_EMPTY and not value.strip()
    }


def _stored(graduate: Graduate) -> dict[str, Any]:
    """Return what stands of each field: two numbers may look alike once they are masked."""
    return {name: getattr(graduate, column) for name, column in COLUMNS.items()}


def _shown(session: Session, vault: Vault, graduate: Graduate) -> dict[str, str]:
    """Return what the log says of each field: codes by their titles, numbers masked."""
    values = {name: str(getattr(graduate, column) or "") for name, column in COLUMNS.items()}
    for name, table in TABLES.items():
        values[name] = table.title_of(values[name])
    number = vault.open(identity.IDENTITY, graduate.id, graduate.identity_sealed)
    phone = graduate.phone_sealed
    return values | {
        "department": session.get_one(Department, graduate.department_id).name,
        "identity": identity.masked(number),
        "phone": identity.masked_phone(vault.open(identity.PHONE, graduate.id, phone))
        if phone
        else "",
    }


def title_of(name: str) -> str:
    """Return the title of a field of the page."""
    return TITLES[name].removesuffix("代码") if name != "major_code" else TITLES[name]


def _note(
    session: Session, clerk: Clerk, key: str, action: str, details: Mapping[str, Any]
) -> None:
    record = audit.by_staff(clerk.staff, action, graduate_page.subject(key), details)
    audit.note(session, record, clerk.at)
