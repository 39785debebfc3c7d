"""The official code tables."""

import pytest

from registry.codes import categories, code_tables
from registry.codes.code_tables import CATEGORY, ETHNICITY, LEVEL, POLITICAL_STATUS, CodeTable

TABLES = [each for each in vars(code_tables).values() if isinstance(each, CodeTable)]


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.title)
def test_every_other_name_stands_for_a_code_of_the_table(table: CodeTable) -> None:
    assert set(table.also.values()) <= table.codes.keys()
    for code, title in table.codes.items():
        assert table.title_of(table.code_of(title) or "") == title
        assert table.known(code) == code


def test_a_category_has_a_group_and_a_title() -> None:
    assert all(categories.category_group(code) for code in CATEGORY.codes)
    assert categories.category_group("801") is categories.Group.STUDY
    assert categories.category_title("271") == "科研助理、管理助理"
    assert categories.category_title("65") == "65"
    assert categories.category_title("80") == "升学"
    for code in ("801", "802"):
        title = categories.category_title(code)
        assert title.startswith("升学（"), "研究生 alone is no destination"
        assert CATEGORY.code_of(title) == code, "a workbook of ours can be read again"


def test_the_finer_code_does_not_take_the_name_from_the_coarser() -> None:
    assert CATEGORY.code_of("科研助理、管理助理") == "27"
    assert CATEGORY.code_of("求职中") == "70"


@pytest.mark.parametrize(
    ("code", "title"), [("31", "本科"), ("01", "博士"), ("13", "硕士"), ("xx", "xx")]
)
def test_a_level_is_said_plainly(code: str, title: str) -> None:
    assert categories.level_title(code) == title


def test_a_lost_zero_is_put_back_only_where_codes_have_two_digits() -> None:
    assert LEVEL.known("1") == "01"
    assert POLITICAL_STATUS.known("3") == "03"
    assert CATEGORY.known("9") is None


def test_there_are_56_ethnic_groups_and_two_others() -> None:
    assert len(ETHNICITY.codes) == 58
    assert ETHNICITY.codes["56"] == "基诺族"
    assert ETHNICITY.code_of("汉") == ETHNICITY.code_of("汉族") == "01"


@pytest.mark.parametrize(
    ("value", "read"), [("4", "4年"), ("2.5", "2.5年"), ("四年", "四年"), ("", "")]
)
def test_a_programmes_length_is_read_in_years(value: str, read: str) -> None:
    assert categories.programme_length_title(value) == read
