"""The structure of destinations: categories, kinds of units, industries, regions, posts, units."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, SQLColumnExpression, and_, func, select
from sqlalchemy.orm import Session

from registry.accounts.school_tables import School
from registry.codes import regions
from registry.codes.categories import category_title
from registry.codes.code_tables import JOB_CLASS, UNIT_INDUSTRY, UNIT_NATURE
from registry.record.destination_filter import UNFILLED, DestinationFilter, unit_province
from registry.record.graduate_filter import GraduateFilter, matching
from registry.record.scope import Scope
from registry.record.tables import Graduate, Registration
from registry.statistics.groups import EMPLOYED, STUDYING
from registry.statistics.tally import category_digits

MOST_UNITS = 20
"""How many units are named, those with most people first."""


@dataclass(frozen=True)
class Share:
    """Some of the people whom a part is about."""

    title: str
    number: int
    meant: GraduateFilter
    """Whom it counts."""


@dataclass(frozen=True)
class StructurePart:
    """How people are spread over one thing that is told apart."""

    name: str
    title: str
    shares: list[Share]
    total: int
    """All of whom it is told; more than the shares' where only the largest are named."""
    whose: str
    """Who they are."""


@dataclass(frozen=True)
class Structure:
    """All parts, and how many stay in the province of their school."""

    parts: list[StructurePart]
    staying: Share
    employed: int


class _Combination(NamedTuple):
    category: str
    nature: str
    industry: str
    province: str
    post: str
    number: int


class _Told(NamedTuple):
    name: str
    title: str
    column: str
    field: str
    said: Callable[[str], str]


def _region(code: str) -> str:
    return regions.provinces().get(code, code)


_OF_UNITS = (
    _Told("nature", "单位性质", "nature", "unit_nature", UNIT_NATURE.title_of),
    _Told("industry", "单位行业", "industry", "unit_industry", UNIT_INDUSTRY.title_of),
    _Told("region", "就业地区", "province", "unit_province", _region),
    _Told("post", "工作职位类别", "post", "job_class", JOB_CLASS.title_of),
)
CATEGORY = "category"
REGISTERED = "已登记去向"
WORKING = "已就业"


class _ToldOfUnits(NamedTuple):
    name: str
    title: str
    whose: str
    categories: tuple[str, ...]


_UNITS = (
    _ToldOfUnits("unit", "用人单位", f"{WORKING}并填写单位", EMPLOYED),
    _ToldOfUnits("school", "升学院校", "升学并填写院校", STUDYING),
)


def structure(session: Session, scope: Scope, wanted: GraduateFilter, province: str) -> Structure:
    """Return the structure of a scope and cohort; `province` is the school's GB/T 2260 code."""
    return structure_of(session, matching(scope, wanted), wanted, province)


def structure_of_province(session: Session, province: str, year: int) -> Structure:
    """Return the structure of a cohort of all schools of a province."""
    schools = select(School.id).where(School.province == province)
    people = and_(Graduate.school_id.in_(schools), Graduate.year == year)
    return structure_of(session, people, GraduateFilter(year), province)


def structure_of(
    session: Session, people: ColumnElement[bool], wanted: GraduateFilter, province: str
) -> Structure:
    """Return the structure of some people, whom the filter names to lists."""
    found = _combinations(session, people)
    employed = [each for each in found if each.category in EMPLOYED]
    working = replace(wanted, destination=DestinationFilter(categories=EMPLOYED))
    total = sum(each.number for each in employed)
    parts = [_categories(wanted, found)]
    parts += [_of_units(working, employed, told, total) for told in _OF_UNITS]
    parts += _units(session, people, wanted, _UNITS)
    return Structure(parts, _staying(working, employed, province), total)


def _of(wanted: GraduateFilter, categories: tuple[str, ...]) -> GraduateFilter:
    return replace(wanted, destination=DestinationFilter(categories=categories))


def _combinations(session: Session, people: ColumnElement[bool]) -> list[_Combination]:
    columns: Sequence[SQLColumnExpression[str]] = (
        category_digits(),
        *(Registration.unit_nature, Registration.unit_industry, unit_province()),
        Registration.job_class,
    )
    rows = session.execute(
        select(*columns, func.count())
        .select_from(Graduate)
        .join(Registration, Registration.id == Graduate.registration_id)
        .where(people)
        .group_by(*columns)
    )
    return [_Combination._make(row) for row in rows]


def _categories(wanted: GraduateFilter, found: Iterable[_Combination]) -> StructurePart:
    numbers = Counter[str]()
    for each in found:
        numbers[each.category] += each.number
    shares = [
        Share(category_title(code), number, _of(wanted, (code,)))
        for code, number in numbers.most_common()
    ]
    return StructurePart(CATEGORY, "毕业去向", shares, numbers.total(), REGISTERED)


def _of_units(
    working: GraduateFilter, employed: Iterable[_Combination], told: _Told, total: int
) -> StructurePart:
    numbers = Counter[str]()
    for each in employed:
        numbers[getattr(each, told.column) or UNFILLED] += each.number
    shares = [
        Share(_said(told, code), number, _narrowed(working, told.field, code))
        for code, number in sorted(
            numbers.items(), key=lambda item: (item[0] == UNFILLED, -item[1])
        )
    ]
    return StructurePart(told.name, told.title, shares, total, WORKING)


def _said(told: _Told, code: str) -> str:
    return code if code == UNFILLED else told.said(code) or code


def _narrowed(working: GraduateFilter, field: str, value: str) -> GraduateFilter:
    said: dict[str, Any] = {field: value}
    return replace(working, destination=replace(working.destination, **said))


def _units(
    session: Session,
    those: ColumnElement[bool],
    wanted: GraduateFilter,
    told: Sequence[_ToldOfUnits],
) -> Iterator[StructurePart]:
    """Yield for each kind of people the units with most of them, and how many all units have."""
    columns = (category_digits(), Registration.unit_name)
    rows = session.execute(
        select(*columns, func.count())
        .select_from(Graduate)
        .join(Registration, Registration.id == Graduate.registration_id)
        .where(those, Registration.unit_name != "")
        .group_by(*columns)
    ).all()
    for name, title, whose, categories in told:
        numbers, people = Counter[str](), _of(wanted, categories)
        for code, unit, number in rows:
            if code in categories:
                numbers[unit] += number
        most = sorted(numbers.items(), key=lambda each: (-each[1], each[0]))[:MOST_UNITS]
        shares = [Share(unit, each, _narrowed(people, "unit_name", unit)) for unit, each in most]
        yield StructurePart(name, title, shares, numbers.total(), whose)


def _staying(working: GraduateFilter, employed: Iterable[_Combination], province: str) -> Share:
    code = province[:2]
    number = sum(each.number for each in employed if each.province == code)
    return Share(_region(code), number, _narrowed(working, "unit_province", code))
