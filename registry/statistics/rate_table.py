"""Rates and confirmations line by line (按院系、专业 …), each figure with whom it counts."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.accounts.school_tables import Department
from registry.accounts.tables import Role, Staff, StaffCharge
from registry.codes.categories import level_and_ending
from registry.codes.code_tables import SEX
from registry.province.rates import TOTAL, Formula, Rate, formula
from registry.record.confirmation.states import ConfirmationState
from registry.record.destination_filter import UNFILLED, DestinationFilter
from registry.record.graduate_filter import GraduateFilter
from registry.record.scope import Scope
from registry.statistics.groups import (
    DestinationGroup,
    groups,
    placed_categories,
)
from registry.statistics.tally import Atom, By, Cell, tallied, tallied_at_once

TITLES = {
    By.DEPARTMENT: "院系",
    By.MAJOR: "专业",
    By.LEVEL: "学历",
    By.CLASS: "班级",
    By.SEX: "性别",
    By.COUNSELLOR: "辅导员",
}
UNASSIGNED = "未分配辅导员"


@dataclass
class Numbers:
    """How many of some graduates have which destination, and answered what."""

    categories: Counter[str] = field(default_factory=Counter)
    """By the first two digits; empty: none is in force."""
    states: Counter[ConfirmationState] = field(default_factory=Counter)
    atoms: set[Atom] = field(default_factory=set)
    """Of whom they are, where tables are counted together."""

    @property
    def graduates(self) -> int:
        """Return how many there are."""
        return self.states.total()

    def of(self, categories: Iterable[str]) -> int:
        """Return how many have one of these categories, two digits each."""
        return sum(self.categories[code] for code in categories)

    def add(self, cell: Cell) -> None:
        """Count those of a cell."""
        self.categories[cell.category] += cell.number
        self.states[cell.state] += cell.number
        if cell.atom:
            self.atoms.add(cell.atom)


@dataclass(frozen=True)
class RateLine:
    """One line of the table."""

    title: str
    meant: GraduateFilter
    """Whom it counts."""
    numbers: Numbers

    def rate(self, placed: Iterable[str]) -> Rate:
        """Return the share with these categories: 毕业去向落实率 of those that count."""
        return Rate(TOTAL, self.numbers.of(placed), self.numbers.graduates)

    def registered_as(self, categories: tuple[str, ...]) -> GraduateFilter:
        """Return whom a figure by category counts."""
        return replace(self.meant, destination=DestinationFilter(categories=categories))

    def standing(self, state: ConfirmationState) -> GraduateFilter:
        """Return whom a figure by the state of the confirmation counts."""
        return replace(self.meant, state=state)


@dataclass(frozen=True)
class RateTable:
    """A table of rates, and by which formula they are."""

    title: str
    """What a line is."""
    lines: list[RateLine]
    whole: RateLine
    """All graduates once: a graduate may have two counsellors."""
    used: Formula

    @property
    def groups(self) -> list[DestinationGroup]:
        """Return the columns by category."""
        return groups(self.used)

    @property
    def placed(self) -> tuple[str, ...]:
        """Return the categories that count in the rate."""
        return placed_categories(self.groups)


_Key = tuple[str | int, ...]
_Told = tuple[str, GraduateFilter]
"""What a line is called, and whom it counts."""


def rate_table(session: Session, scope: Scope, wanted: GraduateFilter, by: By) -> RateTable:
    """Return the table of a scope and cohort, by the formula in force for the cohort."""
    return _table(session, scope, wanted, by, tallied(session, scope, wanted, by))


def rate_tables(session: Session, scope: Scope, wanted: GraduateFilter) -> dict[By, RateTable]:
    """Return all tables of a scope and cohort, counted together."""
    told = tallied_at_once(session, scope, wanted)
    return {by: _table(session, scope, wanted, by, cells) for by, cells in told.items()}


def _table(
    session: Session, scope: Scope, wanted: GraduateFilter, by: By, cells: Sequence[Cell]
) -> RateTable:
    whole = RateLine("合计", wanted, Numbers())
    for cell in cells:
        whole.numbers.add(cell)
    lines = _LINES[by](session, scope, wanted, cells)
    return RateTable(TITLES[by], lines, whole, formula(wanted.year))


def _added(cells: Iterable[Cell], keys: Callable[[_Key], Iterable[_Key]]) -> dict[_Key, Numbers]:
    found: defaultdict[_Key, Numbers] = defaultdict(Numbers)
    for cell in cells:
        for key in keys(cell.key):
            found[key].add(cell)
    return dict(found)


def _lines(found: Mapping[_Key, Numbers], told: Callable[[_Key], _Told]) -> list[RateLine]:
    lines = [RateLine(*told(key), numbers) for key, numbers in found.items()]
    return sorted(lines, key=lambda line: (line.title == UNASSIGNED, line.title))


def _said(value: str | int) -> str:
    return str(value) or UNFILLED


def _departments(session: Session, scope: Scope) -> dict[int, tuple[str, str]]:
    wanted = select(Department.id, Department.key, Department.name)
    rows = session.execute(wanted.where(Department.school_id == scope.school_id))
    return {ident: (key, name) for ident, key, name in rows}


def _by_department(
    session: Session, scope: Scope, wanted: GraduateFilter, cells: Iterable[Cell]
) -> list[RateLine]:
    names = _departments(session, scope)

    def told(key: _Key) -> _Told:
        department, name = names[int(key[0])]
        return name, replace(wanted, department=department)

    return _lines(_added(cells, lambda key: [key]), told)


def _by_class(
    session: Session, scope: Scope, wanted: GraduateFilter, cells: Iterable[Cell]
) -> list[RateLine]:
    names = _departments(session, scope)

    def told(key: _Key) -> _Told:
        department, name = names[int(key[0])]
        narrowed = replace(wanted, department=department, class_name=str(key[1]))
        return f"{name} · {key[1]}", narrowed

    return _lines(_added(cells, lambda key: [(key[0], _said(key[1]))]), told)


def _by_major(
    _session: Session, _scope: Scope, wanted: GraduateFilter, cells: Iterable[Cell]
) -> list[RateLine]:
    found = _added(cells, lambda key: [(_said(key[0]),)])
    return _lines(found, lambda key: (str(key[0]), replace(wanted, major=str(key[0]))))


def _by_level(
    _session: Session, _scope: Scope, wanted: GraduateFilter, cells: Iterable[Cell]
) -> list[RateLine]:
    found = _added(cells, lambda key: [(_said(key[0]),)])
    titles = {key: level_and_ending(str(key[0])) for key in found}
    several = {each for each, number in Counter(titles.values()).items() if number > 1}

    def told(key: _Key) -> _Told:
        title = f"{titles[key]}（{key[0]}）" if titles[key] in several else titles[key]
        return title, replace(wanted, level=str(key[0]))

    return [line for _, line in sorted((line.meant.level, line) for line in _lines(found, told))]


def _by_sex(
    _session: Session, _scope: Scope, wanted: GraduateFilter, cells: Iterable[Cell]
) -> list[RateLine]:
    found = _added(cells, lambda key: [(_said(key[0]),)])
    return _lines(
        found,
        lambda key: (SEX.title_of(str(key[0])) or str(key[0]), replace(wanted, sex=str(key[0]))),
    )


def _by_counsellor(
    session: Session, scope: Scope, wanted: GraduateFilter, cells: Iterable[Cell]
) -> list[RateLine]:
    """Return a line for each counsellor, and one for those whom none looks after."""
    rows = session.execute(
        select(Staff.key, Staff.name, *_CHARGE)
        .join(StaffCharge, StaffCharge.staff_id == Staff.id)
        .where(Staff.school_id == scope.school_id, Staff.role == Role.COUNSELLOR, Staff.active)
    )
    names, charges = {UNFILLED: UNASSIGNED}, defaultdict[_Key, set[str]](set)
    for key, name, department, class_name, major in rows:
        names[key] = name
        if class_name:
            charges[department, "class", class_name].add(key)
        if major:
            charges[department, "major", major].add(key)

    def whose(key: _Key) -> list[_Key]:
        department, class_name, major = key
        of_class = charges.get((department, "class", class_name), set())
        of_major = charges.get((department, "major", major), set())
        return [(each,) for each in of_class | of_major] or [(UNFILLED,)]

    found = _added(cells, whose)
    return _lines(found, lambda key: (names[str(key[0])], replace(wanted, counsellor=str(key[0]))))


_CHARGE = (StaffCharge.department_id, StaffCharge.class_name, StaffCharge.major)
_LINES = {
    By.DEPARTMENT: _by_department,
    By.MAJOR: _by_major,
    By.LEVEL: _by_level,
    By.CLASS: _by_class,
    By.SEX: _by_sex,
    By.COUNSELLOR: _by_counsellor,
}
