"""What of a province's destinations is worth a look (去向核查): counted, and never a refusal.

Each rule is one query over a cohort; shares are of counts that are kept. Source: what the
Ministry's checks of data (数据核查) look at:
flexible employment in unusual shares, many graduates at one small firm, one telephone for many
firms, destinations that change once they are filed.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Select,
    and_,
    case,
    cast,
    func,
    literal,
    null,
    select,
)
from sqlalchemy import String as Text
from sqlalchemy.orm import Session

from registry.accounts.school_tables import School
from registry.province.refiled import changed_after_filing
from registry.record import counts
from registry.record.count_tables import GraduateCount
from registry.record.tables import Graduate, Registration

FEWEST, TIMES = 10, 2
"""A school's share is named from so many graduates, and from so many times the province's."""
MANY_AT_ONE_FIRM = 20
MANY_FIRMS = 3
OTHER_FIRM = "39"
"""其他企业: neither state-owned nor foreign; the record says nothing of a firm's size."""
MOST_CASES = 200

Cases = Select[*tuple[Any, ...]]


@dataclass(frozen=True)
class Flag:
    """A rule: what it finds, and what its number counts."""

    key: str
    title: str
    rule: str
    unit: str
    """What the number of a case counts."""
    find: Callable[[str, int], Cases]
    """Returns the query of its cases for a province and cohort: a `FlagCase` each."""
    category: str = ""
    """Of whom the list of people is narrowed to, where the rule is about a destination."""


@dataclass(frozen=True)
class FlagCase:
    """Something that a rule found: a school, or a firm, and how many."""

    school_key: str | None
    school: str | None
    unit_name: str | None
    unit_code: str | None
    number: int
    of: int | None
    """Of how many, where the rule is about a share."""

    @property
    def percent(self) -> str:
        """Return the share with one decimal; empty where the rule is about none."""
        return f"{self.number / self.of:.1%}" if self.of else ""


@dataclass(frozen=True)
class FlagFigure:
    """What a rule finds in a cohort."""

    number: int
    """Of all cases."""
    cases: Sequence[FlagCase]
    """The largest first, `MOST_CASES` at most."""


def look(session: Session, flag: Flag, province: str, year: int) -> FlagFigure:
    """Apply a rule to a cohort, in one query."""
    found = flag.find(province, year).subquery()
    order = (found.c.number.desc(), found.c.name, found.c.code)
    wanted = select(func.count().over(), found).order_by(*order).limit(MOST_CASES)
    rows = [tuple(row) for row in session.execute(wanted)]
    return FlagFigure(rows[0][0] if rows else 0, [FlagCase(*row[1:]) for row in rows])


_NO_TEXT = cast(null(), Text)
_OF_NONE = cast(null(), Graduate.year.type)


def _columns(
    *which: ColumnElement[Any] | Any,  # noqa: ANN401 - columns and attributes of any type
) -> list[ColumnElement[Any]]:
    names = ("school_key", "school", "name", "code", "number", "of")
    return [each.label(name) for name, each in zip(names, which, strict=True)]


def _registered(province: str, year: int, columns: Sequence[ColumnElement[Any]]) -> Cases:
    return (
        select(*columns)
        .select_from(Graduate)
        .join(School, School.id == Graduate.school_id)
        .join(Registration, Registration.id == Graduate.registration_id)
        .where(School.province == province, Graduate.year == year)
    )


def _share_of(category: str) -> Callable[[str, int], Cases]:
    """Return the rule of schools where a destination has an unusual share of the registered."""

    def find(province: str, year: int) -> Cases:
        such = _kept(GraduateCount.category == category)
        registered = _kept(GraduateCount.category != "")
        mine = counts.in_province(province, year)
        everywhere = select(such.label("such"), registered.label("registered")).where(mine)
        whole = everywhere.subquery()
        columns = _columns(School.key, School.name, _NO_TEXT, _NO_TEXT, such, registered)
        # such / registered >= TIMES * whole.such / whole.registered, without a division
        unusual = such * whole.c.registered >= TIMES * whole.c.such * registered
        return (
            select(*columns)
            .select_from(GraduateCount)
            .join(School, School.id == GraduateCount.school_id)
            .join(whole, literal(1) == 1)
            .where(mine)
            .group_by(School.id, School.key, School.name, whole.c.such, whole.c.registered)
            .having(and_(such >= FEWEST, unusual))
        )

    return find


def _kept(condition: ColumnElement[bool]) -> ColumnElement[int]:
    """Return how many the kept counts hold of whom they tell apart so."""
    return cast(func.sum(case((condition, GraduateCount.number), else_=0)), BigInteger)


def _at_one_firm(province: str, year: int) -> Cases:
    columns = _columns(
        *(_NO_TEXT, _NO_TEXT, func.max(Registration.unit_name), Registration.unit_code),
        *(func.count(), _OF_NONE),
    )
    return (
        _registered(province, year, columns)
        .where(Registration.unit_nature == OTHER_FIRM, Registration.unit_code != "")
        .group_by(Registration.unit_code)
        .having(func.count() >= MANY_AT_ONE_FIRM)
    )


def _one_phone(province: str, year: int) -> Cases:
    """Return the telephones that several firms give, by their last four digits."""
    phone, code = Registration.unit_phone, Registration.unit_code
    said = [phone.label("phone"), func.max(Registration.unit_name).label("name")]
    firms = (
        _registered(province, year, said)
        .where(phone != "", code != "")
        .group_by(phone, code)
        .subquery()
    )
    tail = func.substr(firms.c.phone, func.length(firms.c.phone) - 3)
    names = func.aggregate_strings(firms.c.name, "、")
    columns = _columns(
        _NO_TEXT, _NO_TEXT, names, literal("电话尾号 ") + tail, func.count(), _OF_NONE
    )
    return select(*columns).group_by(firms.c.phone).having(func.count() >= MANY_FIRMS)


def _after_filing(province: str, year: int) -> Cases:
    columns = _columns(School.key, School.name, _NO_TEXT, _NO_TEXT, func.count(), _OF_NONE)
    return (
        select(*columns)
        .select_from(Graduate)
        .join(School, School.id == Graduate.school_id)
        .where(School.province == province, Graduate.year == year, changed_after_filing())
        .group_by(School.id, School.key, School.name)
    )


_SHARE = f"占已登记人数的比例达到全省的 {TIMES} 倍，且不少于 {FEWEST} 人的学校"
FLAGS: Mapping[str, Flag] = {
    each.key: each
    for each in (
        Flag("other_hiring", "其他录用形式就业占比偏高", _SHARE, "人", _share_of("12"), "12"),
        Flag("freelance", "自由职业占比偏高", _SHARE, "人", _share_of("76"), "76"),
        Flag("own_business", "自主创业占比偏高", _SHARE, "人", _share_of("75"), "75"),
        Flag(
            *("one_firm", "同一企业录用毕业生较多"),
            f"单位性质为其他企业，本省毕业生不少于 {MANY_AT_ONE_FIRM} 人的单位",
            *("人", _at_one_firm),
        ),
        Flag(
            *("one_phone", "多个单位使用同一联系电话"),
            f"同一联系电话对应 {MANY_FIRMS} 个以上单位",
            *("个单位", _one_phone),
        ),
        Flag(
            *("after_filing", "备案后变更去向"),
            "去向备案后有变更、当前登记与备案内容不一致的毕业生，按学校统计",
            *("人", _after_filing),
        ),
    )
}
"""By key, in the order of the page."""
