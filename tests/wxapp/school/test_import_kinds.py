"""Every kind of roster that schools hand in goes through the door, and its sum is true.

Uploaded, checked and brought in over HTTP by a school's administrator: rows = new + changed +
unchanged + refused + skipped, whatever the file, or the file is refused as a whole with a sentence.
"""

import io
import re
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import pytest
import xlsxwriter
from sqlalchemy import func, select

from registry.record.tables import Graduate, Registration
from registry.tasks import run
from tests.pages import Browser
from tests.registry.sheets import a_person, as_csv, as_xlsx
from tests.wxapp.school.conftest import Console

TITLES = ("学号", "姓名", "身份证号", "毕业时间", "所在院系", "手机号码")
Grid = list[list[str]]


def grid(*people: dict[str, str], more: Sequence[str] = ()) -> Grid:
    """Lay people out under the usual titles and more; one more person a dict of changes."""
    titles = [*TITLES, *more]
    lines = [
        [a_person(number, **{"所在院系": "文学院", **changes}).get(title, "") for title in titles]
        for number, changes in enumerate(people, start=1)
    ]
    return [titles, *lines]


def of_each(title: str, *texts: str) -> bytes:
    """Return a workbook with a person for each text of one column."""
    more = () if title in TITLES else (title,)
    return as_xlsx(grid(*({title: text} for text in texts), more=more))


def with_numbers(title: str, *numbers: float) -> bytes:
    """Return a workbook with a person for each number cell of one column."""
    rows = grid(*({} for _ in numbers), more=() if title in TITLES else (title,))
    column = rows[0].index(title)
    return as_xlsx(rows, {(row, column): each for row, each in enumerate(numbers, start=1)})


def sheets(named: dict[str, Grid]) -> bytes:
    result = io.BytesIO()
    with xlsxwriter.Workbook(result, {"in_memory": True}) as book:
        for name, rows in named.items():
            sheet = book.add_worksheet(name)
            for number, cells in enumerate(rows):
                sheet.write_row(number, 0, cells)
    return result.getvalue()


def with_backslashes(workbook: bytes) -> bytes:
    """Write the names in a workbook's archive as some programs do."""
    result = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(workbook)) as made, zipfile.ZipFile(result, "w") as other:
        for name in made.namelist():
            other.writestr(name.replace("/", "\\"), made.read(name))
    return result.getvalue()


def far_below(row: int) -> bytes:
    result = io.BytesIO()
    with xlsxwriter.Workbook(result, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        for number, cells in enumerate(grid({}, {})):
            sheet.write_row(number, 0, cells)
        sheet.write_string(row, 0, " ")
    return result.getvalue()


def lines(*addresses: str) -> bytes:
    """Return a csv file with an address a line, written as it is."""
    rows = grid(*({} for _ in addresses))
    said = [",".join([*cells, each]) for cells, each in zip(rows[1:], addresses, strict=True)]
    return "\n".join([",".join([*rows[0], "家庭住址"]), *said]).encode()


def titled(*titles: str) -> bytes:
    """Return a workbook whose titles are written otherwise, below the name of the list."""
    return as_xlsx([["2026届毕业生名单"], list(titles), *grid({})[1:]])


def two_levels() -> bytes:
    person = a_person(1)
    first = ["学号", "姓名", "身份证号", "毕业时间", "就业信息", "", ""]
    second = ["", "", "", "", "毕业去向代码", "单位名称", "单位组织机构代码"]
    titles = [above or below for above, below in zip(first, second, strict=True)]
    titles[4] = "毕业去向代码"
    return as_xlsx([first, second, [person[title] for title in titles]])


HTML = "<html><body><table><tr><td>学号</td></tr></table></body></html>".encode()
CASE_LETTER = (
    "110101200303071230",
    "11010120030307123×",
    "11010120030307123О",
    "110101*********230",
)


@dataclass(frozen=True)
class Kind:
    """A file and what comes of it: people new, rows refused, rows skipped, and what is said."""

    name: str
    content: Callable[[], bytes]
    new: int
    refused: int = 0
    skipped: int = 0
    said: str = ""
    file_name: str = "名单.xlsx"
    destinations: int | None = None
    """Of how many people a destination is registered."""


def csv_of(*people: dict[str, str]) -> bytes:
    return as_csv(grid(*people))


KINDS = (
    Kind("a line break in a cell", lambda: lines('"1号\n2单元"', "2号"), 2, file_name="a.csv"),
    Kind(
        "an error cell",
        lambda: of_each("身份证号", a_person(1)["身份证号"], "#N/A"),
        1,
        1,
        said="单元格是错误值 #N/A",
    ),
    Kind(
        "an error in a cell that may be empty",
        lambda: of_each("手机号码", "#REF!"),
        1,
        said="单元格是错误值 #REF!",
    ),
    Kind("a header of two levels", two_levels, 1, destinations=1),
    Kind(
        "floats of other programs",
        lambda: csv_of({"学号": "2022010101.0", "毕业时间": "202606.0"}),
        1,
        file_name="a.csv",
    ),
    Kind("nothing, as programs write it", lambda: of_each("所在院系", "nan", "None", "NULL"), 3),
    Kind("placeholders", lambda: of_each("所在院系", "无", "/", "-", "暂无"), 4),
    Kind("an apostrophe before a number", lambda: of_each("学号", "'0022600001", "‘0022600002"), 2),
    Kind("padded names", lambda: of_each("姓名", "张\u3000三", "李\u200b四", "Li Wei"), 3),
    Kind(
        "a letter E in a student number", lambda: of_each("学号", "2022E8013261034", "22E0103"), 2
    ),
    Kind("a damaged number", lambda: of_each("学号", "2.02E+09"), 0, 1, said="学号"),
    Kind("a residence permit", lambda: of_each("身份证号", "830000200403120017"), 1),
    Kind(
        "dates with a time",
        lambda: of_each("毕业时间", "2026-06-30 00:00:00", "2026/6/30 0:00", "2026-06-30T00:00:00"),
        3,
    ),
    Kind(
        "dates that are none",
        lambda: of_each("毕业时间", "26.6", "Jun-26", "20260631"),
        0,
        3,
        said="毕业时间",
    ),
    Kind(
        "a month that may be two",
        lambda: with_numbers("毕业时间", 2026.1),
        0,
        1,
        said="可能是 1 月，也可能是 10 月",
    ),
    Kind(
        "a day shown as a number",
        lambda: with_numbers("毕业时间", 46203),
        0,
        1,
        said="像是显示成数值的日期",
    ),
    Kind("rare names and dots", lambda: of_each("姓名", "刘〇", "赵𠮷", "阿依古丽⋅买买提"), 3),
    Kind("a name with a figure", lambda: of_each("姓名", "张3"), 0, 1, said="3"),
    Kind("usual short names", lambda: of_each("政治面貌", "中国共产党党员", "团员"), 2),
    Kind("a people without a code", lambda: of_each("民族", "穿青人", "未识别民族"), 2),
    Kind("an unknown name", lambda: of_each("政治面貌", "火星党"), 0, 1, said="共青团员"),
    Kind("a code that lost its zero", lambda: with_numbers("专业代码", 80901), 1),
    Kind(
        "identity numbers with a wrong sign",
        lambda: of_each("身份证号", *CASE_LETTER[1:]),
        0,
        3,
        said="身份证号",
    ),
    Kind(
        "phones as people type them",
        lambda: of_each("手机号码", "(+86)13800138000", "13800138001;", "13800138002/13800138003"),
        2,
        1,
        said="只填一个",
    ),
    Kind("a region new since 2021", lambda: of_each("生源所在地代码", "330113", "330114"), 2),
    Kind(
        "rows prefilled by a template",
        lambda: as_xlsx([*grid({}), *[["", "", "", "202606", "文学院", ""]] * 2]),
        1,
        skipped=2,
    ),
    Kind(
        "a sheet of notes first",
        lambda: sheets({"填写说明": [["请按说明填写"]], "名单": grid({})}),
        1,
        said="填写说明",
    ),
    Kind(
        "two sheets of one header",
        lambda: sheets({"本科": grid({}), "研究生": [grid({})[0], grid({}, {})[2]]}),
        2,
        said="研究生",
    ),
    Kind(
        "decorated titles",
        lambda: titled(
            "★学号",
            "*姓名\n(必填)",
            "【必填】身份证号",
            "毕业时间（如202606）",
            "所 在 院 系",
            "手机号码",
        ),
        1,
    ),
    Kind(
        "a title above a table of tabs",
        lambda: "\n".join(
            ["2026届毕业生名单", *("\t".join(cells) for cells in grid({}, {}, {}))]
        ).encode(),
        3,
        file_name="a.csv",
    ),
    Kind("a blank cell far below", lambda: far_below(100_000), 2),
    Kind("an archive with backslashes", lambda: with_backslashes(as_xlsx(grid({}, {}))), 2),
)
REFUSED = (
    ("a quote that never closes", "a.csv", lambda: lines('"1号', "2号", "3号"), "第 2 行"),
    ("two titles of one thing", "a.xlsx", lambda: titled(*TITLES[:4], "学院", "所在院系"), "学院"),
    ("a web page", "名单.xls", lambda: HTML, "网页格式"),
)


def uploaded(console: Console, name: str, content: bytes) -> Browser:
    """Upload a file as a school's administrator, and have it checked."""
    browser = console.browser().get("/school/imports")
    browser.submit("main form", file=(io.BytesIO(content), name), policy="valid_rows")
    if browser.status == 200:
        work(console)
        browser.get(browser.path)
    return browser


def work(console: Console) -> None:
    while run.run_next(console.resources, console.resources.settings.public_url):
        pass


def figures(browser: Browser) -> dict[str, int]:
    """Return what the page says of the rows, by what it says."""
    said = browser.find(".figures").get_text(" ", strip=True)
    found = {words: int(number) for words, number in re.findall(r"(\S+) (\d+) [人行]", said)}
    kinds = ("新增", "有变更", "没有变化", "有问题", "跳过")
    assert found["共"] == sum(found.get(each, 0) for each in kinds), said
    return found


def approve(console: Console, browser: Browser) -> Browser:
    """Approve what was checked, with each new department to be made."""
    if browser.find_all("form[action$=approve]"):
        form = browser.find("form[action$=approve]")
        made = {str(each["name"]): "new" for each in form.find_all("select")}
        browser.submit("form[action$=approve]", **made)
        work(console)
        browser.get(browser.path)
        assert "导入完成" in browser.text
    return browser


def count(console: Console, what: type[Graduate | Registration]) -> int:
    with console.resources.readers() as session:
        return session.scalar(select(func.count()).select_from(what)) or 0


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_what_is_right_comes_in_and_the_rest_is_counted(console: Console, kind: Kind) -> None:
    browser = uploaded(console, kind.file_name, kind.content())
    found = figures(browser)
    assert (found["新增"], found["有问题"], found.get("跳过", 0)) == (
        *(kind.new, kind.refused, kind.skipped),
    )
    assert kind.said in browser.text
    assert count(console, Graduate) == 0
    approve(console, browser)
    assert figures(browser) == found
    assert count(console, Graduate) == kind.new
    if kind.destinations is not None:
        assert count(console, Registration) == kind.destinations


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [each[1:] for each in REFUSED],
    ids=[each[0] for each in REFUSED],
)
def test_what_cannot_be_read_as_a_whole_says_why_and_brings_nobody_in(
    console: Console, name: str, content: Callable[[], bytes], sentence: str
) -> None:
    browser = uploaded(console, name, content())
    assert sentence in browser.text
    assert not browser.find_all("form[action$=approve]")
    assert count(console, Graduate) == 0


@pytest.mark.parametrize(
    "again",
    [
        {"姓名": "林\u3000知夏"},
        {"手机号码": "#N/A"},
        {"学号": "'002200001"},
        {"毕业时间": "2026.06"},
    ],
    ids=["padded", "an error cell", "an apostrophe", "another way to write it"],
)
def test_the_same_said_by_another_program_changes_nobody(
    console: Console, again: dict[str, str]
) -> None:
    approve(console, uploaded(console, "名单.xlsx", as_xlsx(grid({}))))
    browser = uploaded(console, "名单.xlsx", as_xlsx(grid(again)))
    found = figures(browser)
    assert (found["新增"], found["有变更"], found["没有变化"]) == (0, 0, 1)
    assert not browser.find_all("form[action$=approve]")


def test_a_corrected_identity_number_changes_one(console: Console) -> None:
    approve(console, uploaded(console, "名单.xlsx", as_xlsx(grid({}, {}))))
    corrected = {"身份证号": a_person(7)["身份证号"]}
    browser = uploaded(console, "名单.xlsx", as_xlsx(grid(corrected, {})))
    found = figures(browser)
    assert (found["新增"], found["有变更"], found["没有变化"]) == (0, 1, 1)
    approve(console, browser)
    assert count(console, Graduate) == 2
