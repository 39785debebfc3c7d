"""Whatever a file is like, each of its rows is read, refused or skipped, or the file is refused."""

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from registry.base.errors import RuleError
from registry.roster.assessing import Assessment, assess, refuse_lost_rows
from registry.roster.layouts import find_header
from registry.roster.opened import OpenRoster
from registry.roster.reading import OpenFile
from tests.profiles import examples
from tests.registry.sheets import a_person, as_xlsx

AT = datetime(2026, 6, 10, 2, 0, tzinfo=UTC)
TITLES = ["学号", "姓名", "身份证号", "毕业时间", "家庭住址", "所在院系"]
ADDRESSES = [
    "青禾路1号",
    '"青禾路',
    '青禾路"',
    '"青禾路 1 号"',
    '"青禾路\n2 单元"',
    'a "b" c',
    "",
    "x,y",
]
DIRT = [
    "",
    "#N/A",
    "nan",
    "'0012",
    "202606.0",
    "2026.1",
    "张\u3000三",
    "1.1E+17",
    "无",
    "\u200b",
    "0",
]
FILLED_IN_BEFORE = ["", "", "", "202606", "", "文学院"]


def assessed(content: bytes) -> Assessment | None:
    """Return what comes of a file; None where it is refused as a whole."""
    try:
        return assess(content, "10001", AT, lambda _found, _good, _height: None)
    except RuleError:
        return None


def outcome(found: Assessment) -> tuple[int, int, int]:
    good = sum(len(chunk) for chunk in found.good())
    return good, len(found.refused), len(found.skipped)


def a_line(number: int) -> list[str]:
    person = {**a_person(number), "家庭住址": "青禾路1号"}
    return [person[title] for title in TITLES]


@settings(max_examples=examples(20, thorough=400))
@given(some.lists(some.sampled_from(ADDRESSES), min_size=1, max_size=6))
def test_no_line_of_a_csv_file_is_lost_in_quotes(addresses: list[str]) -> None:
    people = [a_line(number) for number, _ in enumerate(addresses)]
    lines = [
        ",".join([*cells[:4], address, *cells[5:]])
        for cells, address in zip(people, addresses, strict=True)
    ]
    found = assessed("\n".join([",".join(TITLES), *lines]).encode())
    if found is not None:
        assert sum(outcome(found)) == found.rows == len(people)
    elif not any(each.count('"') == 1 for each in addresses):
        pytest.fail("a file without a stray quote was refused")


def test_a_line_whose_cells_a_comma_has_shifted_is_refused() -> None:
    whole, shifted, quoted = (a_line(number) for number in range(3))
    shifted[5], quoted[5] = "文学院,新闻系", '"文学院,新闻系"'
    found = assessed("\n".join(map(",".join, [TITLES, whole, shifted, quoted])).encode())
    assert found is not None
    assert outcome(found) == (2, 1, 0)
    assert [each.code for each in found.refused[3]] == ["cells_shifted"]


@settings(max_examples=examples(20, thorough=400))
@given(
    some.lists(
        some.lists(some.sampled_from([None, *DIRT]), min_size=len(TITLES), max_size=len(TITLES)),
        min_size=1,
        max_size=8,
    ),
    some.integers(0, 3),
    some.integers(0, 3),
)
def test_no_row_of_a_workbook_is_lost_whatever_its_cells_say(
    dirt: list[list[str | None]], blank: int, filled_in_before: int
) -> None:
    rows = [
        [cell if dirty is None else dirty for cell, dirty in zip(a_line(number), line, strict=True)]
        for number, line in enumerate(dirt)
    ]
    with_content = [row for row in rows if any(cell.strip() for cell in row)]
    before = [FILLED_IN_BEFORE] * filled_in_before
    found = assessed(as_xlsx([["名单"], TITLES, *rows, *[[""]] * blank, *before]))
    if found is None:
        assert not with_content + before
        return
    good, refused, skipped = outcome(found)
    assert good + refused + skipped == found.rows == len(with_content) + len(before)
    assert skipped >= len(before)
    clean = sum(all(dirty is None for dirty in line) for line in dirt)
    assert good >= clean


def test_rows_that_do_not_add_up_refuse_the_file() -> None:
    roster = OpenRoster(OpenFile(["名单"], [], 9, content_rows=9), above=1, left_out={1: 2})
    header = find_header([TITLES])
    refuse_lost_rows(Assessment(header, [], rows=6), roster)
    with pytest.raises(RuleError, match="rows_lost") as refusal:
        refuse_lost_rows(Assessment(header, [], rows=5), roster)
    assert "文件有 9 行，核对的结果却是 8 行，没有导入任何内容" in refusal.value.sentence


def test_a_phone_filled_in_for_many_is_told_of_once_with_its_rows() -> None:
    numbers = [13800000000] * 4 + [13900000001] * 2 + [13900000002]
    people = [a_person(place, 手机号码=str(each)) for place, each in enumerate(numbers)]
    titles = [*TITLES, "手机号码"]
    rows = [[person.get(title, "") for title in titles] for person in people]
    found = assessed(as_xlsx([titles, *rows]))
    assert found is not None
    told = [each for each in found.notes if each.code == "phone_shared"]
    assert [each.sentence.partition("，")[0] for each in told] == ["第 2–5 行共 4 人的手机号码相同"]
    assert "138" not in told[0].sentence
    assert found.warned["phone_shared"] == 1
    assert outcome(found) == (7, 0, 0)
