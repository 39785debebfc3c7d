"""What a list is narrowed by, in words, each with the address that takes it away."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from sqlalchemy.orm import Session

from notifier.ledger.traits import WECHAT
from registry.codes import categories, code_tables, regions
from registry.codes.code_tables import CodeTable
from registry.record import filter_choices, provenance, selections
from registry.record.destination_filter import UNFILLED
from registry.review.traits import EVIDENCE, FLAGS
from registry.statistics.rate_table import UNASSIGNED
from wxapp.core.lists import DAYS
from wxapp.school.door import staff_context
from wxapp.school.filters import SORT

TITLES = {
    "department": "院系",
    "level": "学历",
    "major": "专业",
    "class": "班级",
    "sex": "性别",
    "origin": "生源地",
    "counsellor": "辅导员",
    "source": "信息来源",
    "category": "毕业去向",
    "unit": "单位名称",
    "nature": "单位性质",
    "industry": "单位行业",
    "region": "单位所在地",
    "post": "工作职位类别",
    "wechat": "微信",
    "evidence": "佐证材料",
    "flag": "标记",
    "chosen": "选定",
    "q": "查找",
    **DAYS,
}
"""By the name in the address; of days without its ending."""
_ENDINGS = ("_from", "_to")
GONE = "（已不存在）"
"""What an old address names by a key that nobody can read."""
_NOT_SHOWN = frozenset({"state", SORT})
"""What other parts of the page show."""


@dataclass(frozen=True)
class FilterChip:
    """One condition of a list."""

    title: str
    words: str
    without: dict[str, str]
    """Parameters of the list without it."""


def chips(session: Session, query: Mapping[str, str]) -> list[FilterChip]:
    """Return what parameters of a list say, in the order of `TITLES`."""
    said = dict(_said(session, query))
    return [
        FilterChip(TITLES[name], said[name], _without(query, name))
        for name in TITLES
        if name in said
    ]


def _without(query: Mapping[str, str], name: str) -> dict[str, str]:
    gone = {name, *(f"{name}{ending}" for ending in _ENDINGS)}
    return {each: value for each, value in query.items() if each not in gone}


def _said(session: Session, query: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    spoken = _WORDS | {
        "department": _department(session),
        "counsellor": _counsellor(session),
        "chosen": _chosen(session),
    }
    for name, value in query.items():
        if name.endswith(_ENDINGS):
            stem = name.rpartition("_")[0]
            yield stem, _span(query.get(f"{stem}_from", ""), query.get(f"{stem}_to", ""))
        elif name not in _NOT_SHOWN:
            yield name, spoken.get(name, str)(value)


def _span(first: str, last: str) -> str:
    if first and last:
        return first if first == last else f"{first} 至 {last}"
    return f"{first} 起" if first else f"{last} 止"


def _department(session: Session) -> Callable[[str], str]:
    def words(key: str) -> str:
        found = dict(filter_choices.departments(session, staff_context().scope))
        return found.get(key, GONE)

    return words


def _counsellor(session: Session) -> Callable[[str], str]:
    def words(key: str) -> str:
        found = {UNFILLED: UNASSIGNED}
        found |= dict(filter_choices.counsellors(session, staff_context().scope))
        return found.get(key, GONE)

    return words


def _chosen(session: Session) -> Callable[[str], str]:
    def words(key: str) -> str:
        context = staff_context()
        return f"{selections.find(session, context.scope, context.staff.id, key).size:,} 人"

    return words


def _by(table: CodeTable) -> Callable[[str], str]:
    return lambda code: table.title_of(code) or code


def _categories(codes: str) -> str:
    return "、".join(map(categories.category_title, codes.split(",")))


def _province(digits: str) -> str:
    return regions.region_name(f"{digits}0000") or digits


_SOURCES = {str(each): title for each, title in provenance.TITLES.items()}
_WORDS: dict[str, Callable[[str], str]] = {
    "level": lambda code: categories.level_and_ending(code) or code,
    "sex": _by(code_tables.SEX),
    "origin": lambda code: regions.region_name(code.ljust(6, "0")) or code,
    "source": lambda name: {str(each): said for each, said in provenance.TITLES.items()}.get(
        name, name
    ),
    "category": _categories,
    "nature": _by(code_tables.UNIT_NATURE),
    "industry": _by(code_tables.UNIT_INDUSTRY),
    "region": _province,
    "post": _by(code_tables.JOB_CLASS),
    "wechat": lambda name: WECHAT[name],
    "evidence": lambda name: EVIDENCE[name],
    "flag": lambda name: FLAGS[name],
}
