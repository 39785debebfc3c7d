"""Graduates of a province as rows of the national layouts, a thousand in memory at a time.

Identity numbers, phones and what is sealed besides are opened here, row by row: who calls keeps in
the audit log that a file with them was made.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, RowMapping, Select, and_, func, select
from sqlalchemy.orm import Session

from registry.accounts.school_tables import Department, School
from registry.base.crypto import Vault
from registry.codes import categories, identity
from registry.codes.code_tables import (
    ETHNICITY,
    HARDSHIP,
    LEVEL,
    POLITICAL_STATUS,
    SEX,
    TEACHER_TRAINEE,
    TRAINING_MODE,
    CodeTable,
)
from registry.province.forwarding_tables import ForwardedEntry, Forwarding
from registry.province.national_layouts import NationalLayout
from registry.record.fields import REGISTRATION
from registry.record.province_tables import ProvinceBatch, ProvinceEntry
from registry.record.tables import Graduate, Registration

CHUNK = 1000
Found = RowMapping
_PARTICULARS: Mapping[str, CodeTable] = {
    "ethnicity": ETHNICITY,
    "political": POLITICAL_STATUS,
    "teacher": TEACHER_TRAINEE,
    "hardship": HARDSHIP,
}
"""What is kept by its title, and the table of its codes."""


@dataclass(frozen=True)
class ProvinceExport:
    """Which graduates of a province are meant; what is empty does not narrow."""

    province: str
    """GB/T 2260 code, six digits."""
    year: int
    school: str = ""
    """Key of a school."""
    batch: str = ""
    """Key of a batch: those in it, with the version that was reported."""
    filed: bool = False
    """Only who is filed, with the version that was."""
    forwarding: str = ""
    """Key of a forwarding to the Ministry: those in it, with the version that it froze."""


@dataclass(frozen=True)
class WrittenSchool:
    """A school as its graduates' rows name it."""

    id: int
    code: str
    name: str


def count(session: Session, wanted: ProvinceExport) -> int:
    """Return how many graduates are meant, of whichever school of the province."""
    here = select(School.id).where(*_schools(wanted))
    counted = _joined(wanted, func.count()).where(
        *_conditions(wanted), Graduate.school_id.in_(here)
    )
    return session.scalar(counted) or 0


def rows(session: Session, wanted: ProvinceExport) -> Iterator[tuple[WrittenSchool, Found]]:
    """Yield them by the code of their school, in the order of the record."""
    schools = session.execute(
        select(School.id, School.code, School.name).where(*_schools(wanted)).order_by(School.code)
    )
    for school in [WrittenSchool(*row) for row in schools]:
        asked = _joined(wanted, *COLUMNS).where(
            *_conditions(wanted), Graduate.school_id == school.id
        )
        for row in _each(session, asked):
            yield school, row


def _each(session: Session, asked: Select[*tuple[Any, ...]]) -> Iterator[Found]:
    """Yield the rows of a query by the graduate's number, some at a time."""
    after, ordered = 0, asked.order_by(Graduate.id).limit(CHUNK)
    while found := session.execute(ordered.where(Graduate.id > after)).mappings().all():
        yield from found
        after = found[-1]["id"]


def _schools(wanted: ProvinceExport) -> tuple[ColumnElement[bool], ...]:
    here = School.province == wanted.province
    return (here, School.key == wanted.school) if wanted.school else (here,)


def _conditions(wanted: ProvinceExport) -> Iterator[ColumnElement[bool]]:
    if not wanted.forwarding:  # that is settled by the batch, wherever she belongs since
        yield Graduate.year == wanted.year
    else:
        meant = select(Forwarding.id).where(Forwarding.key == wanted.forwarding)
        yield ForwardedEntry.forwarding_id == meant.scalar_subquery()
    if wanted.batch:
        named = select(ProvinceBatch.id).where(ProvinceBatch.key == wanted.batch)
        yield ProvinceEntry.batch_id == named.scalar_subquery()
    if wanted.filed:
        yield ProvinceEntry.locked.is_(True)


def _joined(
    wanted: ProvinceExport,
    *columns: Any,  # noqa: ANN401 - whatever a query wants
) -> Select[*tuple[Any, ...]]:
    found = select(*columns).select_from(Graduate)
    found = found.join(Department, Department.id == Graduate.department_id)
    if wanted.forwarding:
        found = found.join(ForwardedEntry, ForwardedEntry.graduate_id == Graduate.id)
        return found.join(Registration, Registration.id == ForwardedEntry.registration_id)
    if wanted.filed or wanted.batch:
        entry = and_(ProvinceEntry.graduate_id == Graduate.id, ProvinceEntry.standing)
        found = found.join(ProvinceEntry, entry)
        return found.join(Registration, Registration.id == ProvinceEntry.registration_id)
    return found.outerjoin(Registration, Registration.id == Graduate.registration_id)


COLUMNS = (
    *(Graduate.id, Graduate.year, Graduate.student_number, Graduate.candidate_number),
    *(Graduate.name, Graduate.identity_sealed, Graduate.phone_sealed, Graduate.sex),
    *(Graduate.level, Graduate.major_code, Graduate.major, Graduate.class_name),
    *(Graduate.graduation_month, Graduate.programme_length, Graduate.origin_code),
    *(Graduate.origin, Graduate.training_mode, Graduate.training_unit),
    Graduate.particulars_sealed,
    Department.name.label("department"),
    *(getattr(Registration, name) for name in REGISTRATION),
)
"""What a row is made of."""


def cells(vault: Vault, layout: NationalLayout, school: WrittenSchool, row: Found) -> list[str]:
    """Return a graduate's row in a layout, each cell a text."""
    texts = _texts(vault, school, row)
    return [texts.get(each.field or "", "") for each in layout.columns]


def _texts(vault: Vault, school: WrittenSchool, row: Found) -> dict[str, str]:
    """Return what is known of a graduate, by the fields of rosters."""
    opened = _opener(vault, row)
    particulars: dict[str, str] = json.loads(opened(identity.PARTICULARS) or "{}")
    number = opened(identity.IDENTITY)
    return {
        **particulars,
        **{f"{name}_code": _code(table, particulars, name) for name, table in _PARTICULARS.items()},
        **_basics(row),
        "school_code": school.code,
        "school": school.name,
        "identity": number,
        "birth_date": _birth_date(number),
        "phone": opened(identity.PHONE),
        **_destination(row),
    }


def _opener(vault: Vault, row: Found) -> Callable[[str], str]:
    sealed = {
        identity.IDENTITY: row["identity_sealed"],
        identity.PHONE: row["phone_sealed"],
        identity.PARTICULARS: row["particulars_sealed"],
    }

    def opened(purpose: str) -> str:
        kept = sealed[purpose]
        return vault.open(purpose, row["id"], kept) if kept else ""

    return opened


def _code(table: CodeTable, particulars: Mapping[str, str], name: str) -> str:
    return table.code_of(particulars.get(name, "")) or ""


def _birth_date(number: str) -> str:
    born = identity.birth_date(number) if identity.is_resident(number) else None
    return f"{born:%Y%m%d}" if born else ""


def _basics(row: Found) -> dict[str, str]:
    same = (
        *("student_number", "name", "major_code", "major", "class_name", "graduation_month"),
        *("programme_length", "origin_code", "origin", "training_unit", "department"),
    )
    return {
        **{name: row[name] for name in same},
        "candidate_number": row["candidate_number"] or "",
        "cohort": str(row["year"]),
        "graduation_year": row["graduation_month"][:4],
        "sex_code": row["sex"],
        "sex": SEX.title_of(row["sex"]),
        "level_code": row["level"],
        "level": LEVEL.title_of(row["level"]),
        "training_code": row["training_mode"],
        "training": TRAINING_MODE.title_of(row["training_mode"]),
    }


def _destination(row: Found) -> dict[str, str]:
    """Return what is registered; a field of a code table under its code and its title."""
    texts = {name: _plain(row[name]) for name in REGISTRATION}
    coded = {name: each.table for name, each in REGISTRATION.items() if each.table}
    codes = {f"{name}_code": texts[name] for name in coded}
    titles = {name: table.title_of(texts[name]) for name, table in coded.items()}
    category = texts["category"]
    titles["category"] = categories.category_title(category) if category else ""
    return {**texts, **codes, **titles, **_phones(texts["unit_phone"])}


def _phones(number: str) -> dict[str, str]:
    """Return a unit's phone in the column it belongs into: there is one for mobile phones."""
    is_mobile = identity.is_mobile(number)
    return {"unit_phone": "" if is_mobile else number, "unit_mobile": number if is_mobile else ""}


def _plain(value: Any) -> str:  # noqa: ANN401 - a day, a text or nothing, as the column has it
    return f"{value:%Y%m%d}" if isinstance(value, date) else (value or "")


def lines(
    vault: Vault, layout: NationalLayout, found: Iterator[tuple[WrittenSchool, Found]]
) -> Iterator[Sequence[str]]:
    """Yield the headings of a layout and a row for each graduate."""
    yield from layout.headings
    for school, row in found:
        yield cells(vault, layout, school, row)
