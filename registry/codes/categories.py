"""What the codes mean that rules and pages ask for: categories and their groups, plain levels."""

from enum import StrEnum
from functools import lru_cache

from registry.codes.code_tables import CATEGORY, LEVEL


class Group(StrEnum):
    """What a category asks for: the groups of categories with the same fields."""

    EMPLOYED = "employed"
    GRASSROOTS = "grassroots"
    CONSCRIPT = "conscript"
    OWN_BUSINESS = "own_business"
    FREELANCE = "freelance"
    STUDY = "study"
    STUDY_ABROAD = "study_abroad"
    UNPLACED = "unplaced"


GROUPS: dict[str, Group] = {
    **dict.fromkeys(("10", "11", "12", "27"), Group.EMPLOYED),
    **dict.fromkeys(("50", "51"), Group.GRASSROOTS),
    "46": Group.CONSCRIPT,
    "75": Group.OWN_BUSINESS,
    "76": Group.FREELANCE,
    "80": Group.STUDY,
    "85": Group.STUDY_ABROAD,
    **dict.fromkeys(("70", "71", "72"), Group.UNPLACED),
}
"""By the first two digits of the category."""

PLAIN_LEVELS = {
    "0": "博士",
    "1": "硕士",
    "2": "第二学士学位",
    "3": "本科",
    "4": "专科",
    "6": "高职",
}

BOUND_TRAINING = frozenset({"2", "4"})
"""Directed and commissioned training: the unit must be known."""

_FURTHER_STUDY = frozenset({"801", "802"})


def category_title(code: str) -> str:
    """Return the name of a destination category (毕业去向), or the code itself if unknown.

    What one studies on as says so: 升学（研究生） for 801, whose own name is 研究生.
    """
    title = CATEGORY.title_of(code) or code
    further = CATEGORY.title_of("80")
    return f"{further}（{title}）" if title != further and code in _FURTHER_STUDY else title


def category_group(code: str) -> Group | None:
    """Return what kind of destination a category is, by its first two digits."""
    return GROUPS.get(code[:2])


def level_title(code: str) -> str:
    """Return the plain level a report prints (本科), without how it ended."""
    return PLAIN_LEVELS.get(code[:1], "") if code in LEVEL.codes else code


@lru_cache
def ending(code: str) -> str:
    """Return how a level ended that did not end with graduation (结业, 肄业); else nothing."""
    return next((each for each in ("结业", "肄业") if LEVEL.title_of(code).endswith(each)), "")


def level_and_ending(code: str) -> str:
    """Return the plain level, and how it ended where she did not graduate: 本科（结业）."""
    how = ending(code)
    return f"{level_title(code)}（{how}）" if how else level_title(code)


def programme_length_title(value: str) -> str:
    """Return how long a programme takes as people read it: 4 and 2.5 are years."""
    return f"{value}年" if value.replace(".", "", 1).isdigit() else value
