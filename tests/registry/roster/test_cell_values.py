"""What cells say is read whatever program wrote them; what stands for nothing is nothing."""

from datetime import UTC, datetime

import pytest

from registry.roster.cell_values import said
from registry.roster.checking import Checker, Record
from registry.roster.layouts import find_header
from registry.roster.problems import RowProblem, RowSeverity
from tests.registry.sheets import a_person, national

AT = datetime(2026, 6, 10, 2, 0, tzinfo=UTC)


def read(**changes: str) -> tuple[Record, list[RowProblem]]:
    rows = national(
        {**a_person(), **changes}, more=[each for each in changes if each == "签约日期"]
    )
    record, problems = Checker(find_header(rows), "10001", AT).check(2, rows[1])
    assert record is not None
    return record, problems


def errors(**changes: str) -> list[RowProblem]:
    return [each for each in read(**changes)[1] if each.severity is RowSeverity.ERROR]


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("'0022600001", "0022600001"),
        ("`0022600001`", "0022600001"),
        ("‘0022600001", "0022600001"),
        ("'‘0022600001", "0022600001"),
        ("‘青禾’科技有限公司", "‘青禾’科技有限公司"),
        ("2022010101.0", "2022010101"),
        ("4.00", "4"),
        ("2.5", "2.5"),
        ("2022010101.50", "2022010101.50"),
        ("计科2201.0班", "计科2201.0班"),
        ("无党派人士", "无党派人士"),
        ("O'Brien", "O'Brien"),
    ],
)
def test_what_programs_add_goes_and_nothing_else(cell: str, value: str) -> None:
    assert said(cell) == value


@pytest.mark.parametrize(
    "cell",
    [
        "nan",
        "NaN",
        "None",
        "NULL",
        "<NA>",
        "无",
        " 暂无 ",
        "/",
        "-",
        "—",
        "——",
        "N/A",
        "（空）",
        "'",
    ],
)
def test_what_stands_for_nothing_is_empty(cell: str) -> None:
    assert said(cell) == ""


@pytest.mark.parametrize("empty", ["", "无", "/", "-", "—", "暂无", "0", "nan", "NULL"])
def test_who_has_no_unit_is_not_at_a_unit_called_none(empty: str) -> None:
    titles = ("单位名称", "单位组织机构代码", "手机号码", "所在院系", "单位邮编", "联系人电话")
    record, problems = read(毕业去向代码="70", 毕业去向="待就业", **dict.fromkeys(titles, empty))
    assert [each for each in problems if each.severity is RowSeverity.ERROR] == []
    assert (record.phone, record.department) == ("", "")
    assert not record.registration["unit_name"] + record.registration["unit_code"]


def test_a_zero_that_is_a_code_is_one() -> None:
    record, _ = read(困难生类别代码="0", 困难生类别="")
    assert record.particulars["hardship"] == "非困难生"


@pytest.mark.parametrize("number", ["2022E8013261034", "2022E01", "22E0103", "1E5"])
def test_a_letter_e_in_a_student_number_is_a_letter(number: str) -> None:
    record, problems = read(学号=number)
    assert (record.student_number, problems) == (number, [])


@pytest.mark.parametrize("number", ["2.022E+09", "2.022e9", "3E+17", "1.10105194912310E+17"])
def test_a_mantissa_is_a_damaged_number(number: str) -> None:
    assert [each.code for each in errors(学号=number)] == ["number_damaged"]


@pytest.mark.parametrize(
    "text",
    [
        "2026-06-30 00:00:00", "2026/6/30 0:00", "2026-06-30T00:00:00", "2026-06-30T08:00:00+08:00",
        "2026/6/30 12:00 AM", "2026年6月30日 9:30", "202606.0", "20260630.0", "2026.6",
        "２０２６０６", "2026年6月份",
    ],
)  # fmt: skip
def test_a_month_is_read_with_all_that_programs_write_behind_it(text: str) -> None:
    record, problems = read(毕业时间=text)
    assert (record.basics["graduation_month"], problems) == ("202606", [])


@pytest.mark.parametrize(
    ("text", "code", "named"),
    [
        ("45838", "date_as_number", "2025 年 6 月 30 日"),
        ("46203.5", "date_as_number", "2026 年 6 月 30 日"),
        ("2026.1", "month_doubtful", "202601 或 202610"),
        ("26.6", "month_form", ""),
        ("Jun-26", "month_form", ""),
        ("20260631", "month_form", ""),
        ("2026届", "month_form", ""),
    ],
)
def test_a_month_that_is_none_or_may_be_two_is_asked_about(
    text: str, code: str, named: str
) -> None:
    (problem,) = errors(毕业时间=text)
    assert problem.code == code
    assert named in problem.sentence


def test_a_day_shown_as_a_number_is_asked_about_too() -> None:
    assert [each.code for each in errors(签约日期="46203")] == ["date_as_number"]


@pytest.mark.parametrize(
    ("written", "stored"),
    [
        ("刘〇", "刘〇"),
        ("阿依古丽。买买提", "阿依古丽·买买提"),
        ("古丽˙艾山", "古丽·艾山"),
        ("迪丽﹒热合曼", "迪丽·热合曼"),
        ("Nguye\u0302\u0303n An", "Nguyễn An"),
        ("Ọ̀ṣun Adé", "Ọ̀ṣun Adé"),
        ("张\u3000三", "张三"),
        ("王\u200b五", "王五"),
        ("Anna\u00a0 Koch", "Anna Koch"),
    ],
)
def test_a_name_is_read_as_people_type_it(written: str, stored: str) -> None:
    record, problems = read(姓名=written)
    assert (record.basics["name"], problems) == (stored, [])


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("KOCH, ANNA", ","),
        ("李明(留学生)", "("),
        ("孙丽1", "1"),
        ("A–B", "–"),
        ("张\ue863", "U+E863"),
    ],
)
def test_what_does_not_belong_in_a_name_is_shown(name: str, shown: str) -> None:
    (problem,) = errors(姓名=name)
    assert shown in problem.sentence


@pytest.mark.parametrize("phone", ["(+86)13800138000", "+86 138-0013-8000", "13800138000;"])
def test_a_phone_is_read_with_its_country_and_its_signs(phone: str) -> None:
    record, problems = read(手机号码=phone)
    assert (record.phone, problems) == ("13800138000", [])


@pytest.mark.parametrize(
    ("phone", "named"),
    [
        ("13800138000/13900139000", "只填一个"),
        ("13800138000\n13900139000", "只填一个"),
        ("13800138000、13900139000", "只填一个"),
        ("+852 91234567", "可以留空"),
        ("0531-88880000", "可以留空"),
        ("电话13800138000", "可以留空"),
    ],
)
def test_a_phone_that_is_none_or_two_is_refused_with_what_to_do(phone: str, named: str) -> None:
    (problem,) = errors(手机号码=phone)
    assert named in problem.sentence


@pytest.mark.parametrize(
    ("code", "stored"),
    [("80901", "080901"), ("854", "0854"), ("050101", "050101"), ("80901K", "80901K")],
)
def test_a_majors_code_gets_back_the_zero_a_number_cell_lost(code: str, stored: str) -> None:
    assert read(专业代码=code)[0].basics["major_code"] == stored


@pytest.mark.parametrize(
    ("title", "name", "code_title"),
    [
        ("民族", "穿青", "民族代码"),
        ("政治面貌", "中国共产党党员", "政治面貌代码"),
        ("学历", "大学本科毕业", "学历代码"),
    ],
)
def test_the_standards_own_names_are_read(title: str, name: str, code_title: str) -> None:
    assert errors(**{title: name, code_title: ""}) == []


def test_an_unknown_name_lists_those_there_are() -> None:
    (problem,) = errors(政治面貌="积极分子", 政治面貌代码="")
    assert "中共党员、中共预备党员、共青团员" in problem.sentence


@pytest.mark.parametrize("value", ["#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#n/a"])
def test_an_error_cell_is_named_and_says_nothing(value: str) -> None:
    record, problems = read(单位名称=value)
    (told,) = [each for each in problems if each.column == "单位名称"]
    assert (told.code, told.severity) == ("error_cell", RowSeverity.WARNING)
    assert f"单元格是错误值 {value}（AV2）" in told.sentence
    assert "unit_name" not in record.registration
    assert record.registration["unit_code"] == "91350100M000100Y43"


@pytest.mark.parametrize("title", ["学号", "姓名", "身份证号", "毕业时间"])
def test_an_error_cell_refuses_the_row_where_the_row_cannot_do_without(title: str) -> None:
    (problem,) = errors(**{title: "#N/A"})
    assert (problem.column, problem.code) == (title, "error_cell")


def test_an_error_for_a_category_leaves_the_whole_destination_as_it_was() -> None:
    record, problems = read(毕业去向代码="#REF!")
    assert record.registration == {}
    assert [each.code for each in problems] == ["error_cell"]
