"""The groups of destinations that statistics tell apart, by the formula of the year.

Sources: those of `registry.province.rates` for who counts as placed; 待就业 and 暂不就业 by the
code table of 毕业去向.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from registry.codes.categories import GROUPS, Group
from registry.province.rates import Formula

NOT_REGISTERED = "未登记"
SEEKING = "待就业"
NOT_SEEKING = "暂不就业"
_UNPLACED = {SEEKING: ("70",), NOT_SEEKING: ("71", "72")}
_ELSEWHERE = frozenset({Group.STUDY, Group.STUDY_ABROAD, Group.UNPLACED})
EMPLOYED = tuple(sorted(code for code, group in GROUPS.items() if group not in _ELSEWHERE))
"""Categories of those who work, whichever way: two digits each."""
STUDYING = tuple(
    sorted(code for code, group in GROUPS.items() if group in _ELSEWHERE - {Group.UNPLACED})
)


@dataclass(frozen=True)
class DestinationGroup:
    """Some categories under one name."""

    title: str
    categories: tuple[str, ...]
    """Their first two digits."""
    placed: bool
    """Whether they count in 毕业去向落实率."""


def groups(used: Formula) -> list[DestinationGroup]:
    """Return the groups of a formula in its order, then those that are not placed."""
    placed = [
        DestinationGroup(title.removesuffix("率"), tuple(sorted(categories)), placed=True)
        for title, categories in used.groups.items()
    ]
    rest = [DestinationGroup(*each, placed=False) for each in _UNPLACED.items()]
    return [*placed, *rest]


def placed_categories(among: Iterable[DestinationGroup]) -> tuple[str, ...]:
    """Return the categories that count in the rate."""
    return tuple(sorted(code for each in among if each.placed for code in each.categories))
