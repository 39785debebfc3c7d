"""Nobody in a file is lost without a word: stray quotes, several sheets, far and hidden rows."""

import io
import zipfile
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import pytest
import xlsxwriter

from registry.base.errors import RuleError
from registry.roster import refused
from registry.roster.assessing import Assessment, assess
from registry.roster.checking import Record
from registry.roster.number_column import student_numbers
from registry.roster.reading import refuse_hostile
from registry.tasks.tables import Task
from tests.registry.sheets import Rows, a_person, as_csv, as_xlsx
from tests.stamps import STAMP, stamp_of

AT = datetime(2026, 6, 10, 2, 0, tzinfo=UTC)
TITLES = ["学号", "姓名", "身份证号", "毕业时间", "家庭住址"]


def line(number: int, **changes: str) -> list[str]:
    person = {**a_person(number), "家庭住址": "青禾路1号", **changes}
    return [person[title] for title in TITLES]


def workbook(
    sheets: Mapping[str, Rows], change: Callable[[dict[str, Any]], None] = lambda _: None
) -> bytes:
    """Write text cells; `change` is given the sheets by name."""
    result = io.BytesIO()
    with xlsxwriter.Workbook(result, {"in_memory": True}) as book:
        made = {name: book.add_worksheet(name) for name in sheets}
        for name, rows in sheets.items():
            for number, cells in enumerate(rows):
                for column, text in enumerate(cells):
                    made[name].write_string(number, column, text)
        change(made)
    return result.getvalue()


def assessed(content: bytes) -> tuple[Assessment, list[Record]]:
    refuse_hostile(content)
    found = assess(content, "10001", AT, lambda _found, _good, _height: None)
    read = [record for chunk in found.good() for record in chunk]
    assert found.rows == len(read) + len(found.refused) + len(found.skipped)
    return found, read


def numbers(content: bytes) -> list[str]:
    return [each.student_number for each in assessed(content)[1]]


def notes(found: Assessment) -> dict[str, str]:
    return {each.code: each.sentence for each in found.notes}


def refusal(content: bytes) -> RuleError:
    with pytest.raises(RuleError) as caught:
        assessed(content)
    return caught.value


A, B, C = ["002200001", "002200002", "002200003"]


@pytest.mark.parametrize("closes", [None, 3, 5])
def test_a_quote_that_swallows_rows_is_told_by_the_line_it_opens_in(closes: int | None) -> None:
    rows = [",".join(line(number)) for number in range(1, 7)]
    rows[1] = rows[1].replace("青禾路", '"青禾路')
    if closes:
        rows[closes] += '"'
    told = refusal("\n".join([",".join(TITLES), *rows]).encode())
    assert told.code == "stray_quote"
    assert told.sentence.startswith("第 3 行有一个引号")


def test_a_quote_in_the_middle_of_the_columns_is_told_too() -> None:
    rows = [",".join(line(number)) for number in range(1, 5)]
    rows[0] = rows[0].replace("林知夏", '"林知夏')
    rows[1] = rows[1].replace("林知夏", '林知夏"')
    assert refusal("\n".join([",".join(TITLES), *rows]).encode()).code == "stray_quote"


def test_a_quote_that_swallows_more_than_a_field_may_hold_is_told() -> None:
    rows = [",".join(line(number)) for number in range(1, 4000)]
    rows[2] = rows[2].replace("青禾路", '"青禾路')
    assert "第 4 行" in refusal("\n".join([",".join(TITLES), *rows]).encode()).sentence


def test_a_line_break_in_a_cell_is_one() -> None:
    rows = [TITLES, line(1, 家庭住址='青禾路1号\n2 单元, 3 "楼"'), line(2, 家庭住址="a\r\nb")]
    _, read = assessed(as_csv(rows))
    assert [each.particulars["home_address"] for each in read] == [
        '青禾路1号 2 单元, 3 "楼"', "a b",
    ]  # fmt: skip


@pytest.mark.parametrize("sign", ["\t", ";", ","])
def test_a_title_without_divisions_may_stand_above_a_divided_table(sign: str) -> None:
    lines = ["2026届毕业生名单", "", *(sign.join(row) for row in (TITLES, line(1), line(2)))]
    assert numbers("\n".join(lines).encode()) == [A, B]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        ("<html><body><table><tr><td>学号</td></tr></table></body></html>", "web_page"),
        ("\ufeff\n<!DOCTYPE html><table></table>", "web_page"),
        ("MIME-Version: 1.0\nContent-Type: multipart/related", "web_page"),
        (
            '<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?><Workbook/>',
            "xml_workbook",
        ),
    ],
)
def test_a_page_that_calls_itself_a_workbook_is_told_as_one(content: str, code: str) -> None:
    assert refusal(content.encode()).code == code


def test_a_workbook_is_read_whose_archive_has_backslashes() -> None:
    result = io.BytesIO()
    made = zipfile.ZipFile(io.BytesIO(as_xlsx([TITLES, line(1)])))
    with made, zipfile.ZipFile(result, "w") as other:
        for name in made.namelist():
            other.writestr(name.replace("/", "\\"), made.read(name))
    assert numbers(result.getvalue()) == [A]


ENTITY = b'<!DOCTYPE x [<!ENTITY who SYSTEM "file:///etc/passwd">]>'


@pytest.mark.parametrize("part", ["xl/workbook.xml", "xl/_rels/workbook.xml.rels"])
def test_a_workbook_that_defines_entities_is_not_read(part: str) -> None:
    result = io.BytesIO()
    made = zipfile.ZipFile(io.BytesIO(as_xlsx([TITLES, line(1)])))
    with made, zipfile.ZipFile(result, "w") as other:
        for name in made.namelist():
            before, mark, rest = made.read(name).partition(b"?>")
            other.writestr(name, before + mark + (ENTITY if name == part else b"") + rest)
    assert refusal(result.getvalue()).code == "unreadable"


@pytest.mark.parametrize("row", [70_000, pytest.param(1_048_575, marks=pytest.mark.in_ci)])
def test_a_blank_cell_far_below_does_no_harm(row: int) -> None:
    far = workbook({"名单": [TITLES, line(1)]}, lambda made: made["名单"].write_string(row, 0, " "))
    assert numbers(far) == [A]


def test_text_far_below_is_a_row_and_is_refused_as_one() -> None:
    far = workbook(
        {"名单": [TITLES, line(1)]}, lambda made: made["名单"].write_string(70_000, 0, "合计")
    )
    found, _ = assessed(far)
    assert list(found.refused) == [70_001]


def test_the_sheet_that_has_the_header_is_read_and_the_others_are_named() -> None:
    sheets = {
        "填写说明": [["请按说明填写"], ["1. 学号为必填"]],
        "名单": [TITLES, line(1)],
        "空": [],
    }
    found, read = assessed(workbook(sheets))
    assert [each.student_number for each in read] == [A]
    assert "名单" in notes(found)["sheets_read"]
    assert "填写说明（2 行）" in notes(found)["sheets_left_out"]


def test_all_sheets_with_the_same_header_are_read_and_rows_are_told_by_their_sheet() -> None:
    wrong = line(3, 身份证号="370102")
    sheets = {
        "本科": [TITLES, line(1)],
        "研究生": [["研究生名单"], TITLES, line(2), wrong, line(1)],
    }
    found, read = assessed(workbook(sheets))
    assert [each.student_number for each in read] == [B]
    told = {(each["sheet"], each["row"]): each for each in found.as_json() if each["row"]}
    assert set(told) == {("研究生", 4), ("研究生", 5), ("本科", 2)}
    assert "第 2 个工作表第 5 行" in told["本科", 2]["sentence"]


def test_sheets_of_people_with_other_columns_are_not_left_out_but_refused() -> None:
    other = [TITLES[1:] + TITLES[:1], line(2)[1:] + line(2)[:1]]
    told = refusal(workbook({"本科": [TITLES, line(1)], "研究生": other}))
    assert (told.code, "“本科”和“研究生”" in told.sentence) == ("sheets_differ", True)
    less = [TITLES[:2] + TITLES[3:], line(2)[:2] + line(2)[3:]]
    told = refusal(workbook({"本科": [TITLES, line(1)], "研究生": less}))
    assert (told.code, "“研究生”" in told.sentence) == ("columns_missing", True)


def test_a_workbook_without_a_roster_names_the_sheets_that_were_looked_at() -> None:
    told = refusal(workbook({"说明": [["说明"]], "统计": [["院系", "人数"]]}))
    assert (told.code, "说明、统计" in told.sentence) == ("no_header", True)


def test_a_sentence_about_many_sheets_still_fits_a_task() -> None:
    sheets = {f"{number:031}": [["说明"]] for number in range(12)}
    assert len(refusal(workbook(sheets)).sentence) <= Task.message.type.length
    titles = [
        *TITLES[:2],
        *(f"没有见过的很长的列名，写在表头里，第 {number} 个" for number in range(20)),
    ]
    told = refusal(workbook({"名" * 31: [titles, line(1)], "说明": [["说明"]]}))
    assert len(told.sentence) <= Task.message.type.length


def test_hidden_rows_and_sheets_are_mentioned() -> None:
    def hide(made: dict[str, Any]) -> None:
        made["名单"].set_row(2, None, None, {"hidden": True})
        made["旧"].hide()

    sheets = {"名单": [TITLES, line(1), line(2)], "旧": [TITLES, line(3)]}
    found, read = assessed(workbook(sheets, hide))
    assert len(read) == 2
    assert "1 行是隐藏的" in notes(found)["rows_hidden"]
    assert "旧" in notes(found)["sheets_hidden"]


def test_hidden_columns_are_read_and_mentioned() -> None:
    def hide(made: dict[str, Any]) -> None:
        made["名单"].set_column(3, 4, None, None, {"hidden": True})
        made["名单"].set_column(30, 16_383, None, None, {"hidden": True})

    found, read = assessed(workbook({"名单": [TITLES, line(1)]}, hide))
    assert "毕业时间、家庭住址" in notes(found)["columns_hidden"]
    assert read[0].particulars["home_address"] == "青禾路1号"


def test_no_column_is_mentioned_where_none_is_hidden() -> None:
    found, _ = assessed(workbook({"名单": [TITLES, line(1)]}))
    assert not {"columns_hidden", "columns_untitled"} & notes(found).keys()


def test_columns_without_a_title_are_mentioned_where_they_hold_anything() -> None:
    titles = [TITLES[0], "", *TITLES[1:]]
    rows = [[cells[0], "", *cells[1:]] for cells in (line(1), line(2), line(3))]
    rows[0] += ["青岛", "无"]
    rows[2] += ["烟台"]
    rows[2][1] = "补考"
    found, read = assessed(workbook({"名单": [titles, *rows]}))
    assert len(read) == 3
    assert "B 列（1 行）、G 列（2 行）。" in notes(found)["columns_untitled"]


def test_a_cell_merged_downwards_is_each_rows() -> None:
    titles = [*TITLES, "所在院系"]
    sheet = [titles, line(1), line(2), line(3)]

    def merge(made: dict[str, Any]) -> None:
        made["名单"].merge_range(1, 5, 2, 5, "计算机学院")

    _, read = assessed(workbook({"名单": sheet}, merge))
    assert [each.department for each in read] == ["计算机学院", "计算机学院", ""]


def test_a_formula_that_shows_an_error_or_nothing_is_told_by_its_cell() -> None:
    def compute(made: dict[str, Any]) -> None:
        made["名单"].write_formula(1, 4, "=VLOOKUP(1,A:B,2)", None, "#N/A")
        made["名单"].write_formula(2, 4, "=A1", None, "")
        made["名单"].write_formula(3, 4, "=A1", None, "青禾路")

    content = workbook({"名单": [TITLES, line(1), line(2), line(3)]}, compute)
    found, read = assessed(content)
    assert [each.particulars.get("home_address", "") for each in read] == ["", "", "青禾路"]
    told = [each.sentence for each in found.problems if each.code == "error_cell"]
    assert [sentence.split("，")[0] for sentence in told] == [
        "单元格是错误值 #N/A（E2）",
        "公式没有算出结果（E3）",
    ]


def test_rows_that_were_filled_in_beforehand_are_skipped_and_mentioned() -> None:
    titles = ["序号", "院校代码", "毕业时间", *TITLES[:3]]
    person = line(1)
    blank = [["9", "10001", "202606", "", "", ""]]
    rows = [titles, ["1", "10001", "202606", *person[:3]], *blank * 3, *blank]
    found, read = assessed(as_xlsx(rows))
    assert (len(read), found.rows, found.refused) == (1, 5, {})
    assert "第 3–6 行" in notes(found)["rows_skipped"]


def test_a_row_with_a_phone_and_nothing_else_is_not_skipped() -> None:
    rows = [[*TITLES, "手机号码"], [*line(1), ""], ["", "", "", "202606", "", "13800138000"]]
    assert list(assessed(as_xlsx(rows))[0].refused) == [3]


@pytest.mark.parametrize(
    "title",
    [
        "★学号",
        "学号*",
        "【必填】学号",
        "学号\n（必填）",
        "1.学号",
        "①学号",
        "必填：学号",
        "学 号",
        "[学号]",
    ],
)
def test_signs_and_remarks_around_a_title_do_no_harm(title: str) -> None:
    assert numbers(as_xlsx([[title, *TITLES[1:]], line(1)])) == [A]


def test_a_missing_column_is_told_with_the_titles_nobody_knows() -> None:
    told = refusal(as_xlsx([["学生编号", *TITLES[1:]], line(1)]))
    assert (told.code, "学号" in told.sentence, "学生编号" in told.sentence) == (
        "columns_missing", True, True,
    )  # fmt: skip


def test_two_titles_of_one_field_are_both_named() -> None:
    told = refusal(as_xlsx([[*TITLES, "学院", "所在院系"], [*line(1), "a", "a"]]))
    assert "“学院”和“所在院系”" in told.sentence


@pytest.mark.parametrize(
    ("upper", "lower"),
    [
        (["学号", "姓名", "身份证号", "毕业时间", "就业信息", "", ""],
         ["", "", "", "", "毕业去向代码", "单位名称", "单位组织机构代码"]),
        (["学号", "姓名", "身份证号", "毕业时间", "毕业去向代码", "单位", ""],
         ["", "", "", "", "", "名称", "组织机构代码"]),
        (["学生信息", "", "", "", "就业信息", "", ""],
         ["学号", "姓名", "身份证号", "毕业时间", "毕业去向代码", "单位名称", "单位组织机构代码"]),
        (["学号", "姓名", "证件", "时间", "毕业去向", "", ""],
         ["学号", "姓名", "身份证号", "毕业时间", "毕业去向代码", "单位名称", "单位组织机构代码"]),
    ],
)  # fmt: skip
def test_a_header_of_two_rows_is_joined(upper: list[str], lower: list[str]) -> None:
    cells = [*line(1)[:4], "10", "青禾科技有限公司", "91350100M000100Y43"]
    for above in ([], [["2026届毕业生"]]):
        _, read = assessed(as_xlsx([*above, upper, lower, cells]))
        said = read[0].registration
        assert [said["category"], said["unit_name"], said["unit_code"]] == cells[4:]


def test_the_refused_rows_come_back_as_text_cells_that_can_be_imported_again() -> None:
    wrong = line(1, 身份证号="370102")
    content = workbook({"说明": [["说明"]], "名单": [["名单"], TITLES, wrong, line(2)]})
    found, _ = assessed(content)
    book = refused.workbook(content, found.header, found.refused, STAMP)
    with zipfile.ZipFile(io.BytesIO(book)) as archive:
        styles = archive.read("xl/styles.xml").decode()
        sheet = archive.read("xl/worksheets/sheet1.xml").decode()
    assert 'numFmtId="49"' in styles  # the format @
    assert '<col min="1" max="5" width="16.7109375" style="1"' in sheet
    assert stamp_of(book)["导出人"] == "王老师"
    again, _ = assessed(book)
    assert (again.rows, len(again.refused)) == (1, 1)
    assert "sheets_left_out" not in notes(again), "nobody is told of the stamp"


def test_a_sheet_of_somebody_s_own_that_is_called_like_the_stamp_is_read() -> None:
    rows = [TITLES, line(1), line(2)]
    theirs, _ = assessed(workbook({"导出信息": rows}))
    assert theirs.rows == 2


def test_numbers_are_found_in_every_sheet_and_whatever_program_wrote_them() -> None:
    sheets = {
        "说明": [["说明"]],
        "一": [["学号"], ["'0012"], ["无"], ["13.0"]],
        "二": [["序号", "★学号"], ["1", "0012"], ["2", "0014"]],
    }
    assert student_numbers(workbook(sheets)) == ("0012", "13", "0014")
