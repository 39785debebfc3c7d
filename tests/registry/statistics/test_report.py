"""What leaves the house: asterisks for small groups, parts added up, what is to be done."""

from collections import Counter
from datetime import UTC, datetime

from registry.province.rates import formula
from registry.record.confirmation.states import ConfirmationState
from registry.record.graduate_filter import GraduateFilter
from registry.statistics import report
from registry.statistics.rate_table import Numbers, RateLine, RateTable
from registry.statistics.structure import Share, StructurePart

ALL = GraduateFilter(2026)
_AT = datetime(2026, 6, 10, 2, 0, tzinfo=UTC)
CONFIRMED, NOT_REPORTED = ConfirmationState.CONFIRMED, ConfirmationState.NOT_REPORTED


def line(title: str, *, confirmed: int, **categories: int) -> RateLine:
    """Return a line; categories by `c10`, nobody registered by `none`."""
    codes = Counter({name.removeprefix("c"): number for name, number in categories.items()})
    codes[""] = codes.pop("none", 0)
    states = Counter({CONFIRMED: confirmed, NOT_REPORTED: codes[""]})
    states[ConfirmationState.UNCONFIRMED] = codes.total() - states.total()
    return RateLine(title, ALL, Numbers(codes, states))


def table(*lines: RateLine) -> RateTable:
    whole = Numbers()
    for each in lines:
        whole.categories.update(each.numbers.categories)
        whole.states.update(each.numbers.states)
    return RateTable("院系", list(lines), RateLine("合计", ALL, whole), formula(2026))


def part(*numbers: int, total: int = 0) -> StructurePart:
    shares = [Share(f"单位{number}", number, ALL) for number in numbers]
    return StructurePart("unit", "用人单位", shares, total or sum(numbers), "已就业")


LARGE = line("文学院", confirmed=60, c10=60, c80=30, c70=20, none=10)
SMALL = line("化工学院", confirmed=2, c10=2, c76=1)


def test_a_line_of_few_shows_nothing_and_takes_another_along() -> None:
    large, small, whole = report.rows(table(LARGE, SMALL), whole_is_public=True)
    assert small == ["化工学院", *["*"] * 10]
    assert large == ["文学院", *["*"] * 10]
    assert whole == ["合计", 123, "75.61%", 62, 0, 1, 30, 20, 0, 10, 62]


def test_the_sum_of_a_part_of_a_school_hides_what_is_small_as_well() -> None:
    (*_, whole) = report.rows(table(LARGE, SMALL), whole_is_public=False)
    assert whole == ["合计", 123, "75.61%", 62, 0, "*", "*", 20, 0, 10, 62]


def test_the_page_says_what_is_to_be_done() -> None:
    facts = report.ReportFacts("某大学", "", 2026, "王老师", _AT)
    shown = report.rows(table(LARGE), whole_is_public=True)
    said = report.content(facts, table(LARGE), shown, "没有同期数据。")
    assert said["missing"] == "待办：未登记 10 人，待就业 20 人，已登记、尚未完成确认 50 人。"
    assert said["title"] == "某大学 2026 届毕业去向统计"


def test_parts_of_few_people_are_added_up() -> None:
    assert report.structure_rows(part(40, 9, 2, 1)) == [
        ["单位40", 40, "76.92%"],
        [report.MERGED, 12, "23.08%"],
    ]


def test_of_the_largest_only_those_of_enough_people_are_named() -> None:
    assert report.structure_rows(part(40, 2, total=90)) == [["单位40", 40, "44.44%"]]
