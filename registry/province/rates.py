"""The destination rate (毕业去向落实率) by the formula in force for a year: counts in, rates out.

Sources: 教学厅函〔2021〕19号 for the graduates up to 2023, 教就业厅函〔2024〕11号 from 2024. The
full text of the latter is not public: where it puts a category is inferred from its group names.
"""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Formula:
    """Which categories, by their first two digits, count in which rate."""

    name: str
    source: str
    groups: Mapping[str, frozenset[str]]


_2021 = Formula(
    "2021",
    "教学厅函〔2021〕19号",
    {
        "协议和合同就业率": frozenset({"10", "11", "27", "46", "50", "51"}),
        "创业率": frozenset({"75"}),
        "灵活就业率": frozenset({"12", "76"}),
        "升学率": frozenset({"80", "85"}),
    },
)
_2024 = Formula(
    "2024",
    "教就业厅函〔2024〕11号",
    {
        "单位就业率": frozenset({"10", "11", "12", "27", "46", "50", "51"}),
        "自主创业率": frozenset({"75"}),
        "自由职业率": frozenset({"76"}),
        "升学率": frozenset({"80", "85"}),
    },
)
FORMULAS: Mapping[int, Formula] = {2021: _2021, 2024: _2024}
"""By the first graduation year they are for."""

TOTAL = "毕业去向落实率"


@dataclass(frozen=True)
class Rate:
    """Some of all graduates."""

    title: str
    number: int
    graduates: int

    @property
    def share(self) -> float | None:
        """Return the share, 0 to 1; None where there is nobody to count."""
        return self.number / self.graduates if self.graduates else None

    @property
    def percent(self) -> str:
        """Return the share as it is published: two decimals, or a dash."""
        return "—" if self.share is None else f"{self.share:.2%}"


def formula(year: int) -> Formula:
    """Return the formula in force for a graduation year; before 2021 the first one."""
    known = [first for first in FORMULAS if first <= year]
    return FORMULAS[max(known, default=min(FORMULAS))]


def rates(by_category: Mapping[str, int], graduates: int, used: Formula) -> list[Rate]:
    """Return the rate of each group and, last, their sum; all graduates are the denominator.

    `by_category` counts the registrations in force by category code, two digits or three.
    """
    groups = [
        Rate(title, _sum(by_category, categories), graduates)
        for title, categories in used.groups.items()
    ]
    return [*groups, Rate(TOTAL, sum(each.number for each in groups), graduates)]


def _sum(by_category: Mapping[str, int], categories: frozenset[str]) -> int:
    return sum(number for code, number in by_category.items() if code[:2] in categories)
