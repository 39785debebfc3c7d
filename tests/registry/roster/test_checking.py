"""Each cell of a row is checked, and what is wrong is said by row, column and sentence."""

from datetime import UTC, date, datetime

import pytest

from registry.base.errors import RuleError
from registry.base.text import MIDDLE_DOTS
from registry.roster import layouts
from registry.roster.checking import Checker, Record
from registry.roster.layouts import Layout, find_header
from registry.roster.problems import RowProblem, RowSeverity
from tests.registry.sheets import Rows, a_person, export_2024, national, upload

AT = datetime(2026, 6, 10, 2, 0, tzinfo=UTC)


def checked(rows: Rows) -> tuple[Record, list[RowProblem]]:
    header = find_header(rows)
    record, problems = Checker(header, "10001", AT).check(header.first_row, rows[-1])
    assert record is not None
    return record, problems


def found(severity: RowSeverity, **changes: str) -> list[tuple[str, str]]:
    """Return column and code of what is said of a person changed so."""
    more = {"档案转递类型": "转回生源地", "签约日期": "20260520"}
    _, problems = checked(national({**a_person(), **more, **changes}, more=list(more)))
    return [(each.column, each.code) for each in problems if each.severity is severity]


def test_a_person_without_fault_has_no_problems() -> None:
    assert checked(national(a_person()))[1] == []


@pytest.mark.parametrize(
    ("changes", "column", "code"),
    [
        ({"身份证号": ""}, "身份证号", "missing"),
        ({"身份证号": "37010220030115"}, "身份证号", "identity_length"),
        ({"身份证号": "370102200301150013"}, "身份证号", "identity_check"),
        ({"身份证号": "1.10105194912310E+17"}, "身份证号", "number_damaged"),
        ({"身份证号": "不详"}, "身份证号", "identity_form"),
        ({"学号": ""}, "学号", "missing"),
        ({"学号": "2.0220001E+11"}, "学号", "number_damaged"),
        ({"姓名": ""}, "姓名", "missing"),
        ({"姓名": "林"}, "姓名", "name_form"),
        ({"姓名": "林1"}, "姓名", "name_form"),
        ({"姓名": "林\ue123"}, "姓名", "name_form"),
        ({"毕业时间": ""}, "毕业时间", "missing"),
        ({"毕业时间": "2026年13月"}, "毕业时间", "month_form"),
        ({"毕业时间": "203506"}, "毕业时间", "year_out_of_range"),
        ({"院校代码": "10003"}, "院校代码", "other_school"),
        ({"性别代码": "3"}, "性别代码", "code_unknown"),
        ({"民族代码": "02"}, "民族代码", "code_name_disagree"),
        ({"毕业去向代码": "65"}, "毕业去向代码", "code_unknown"),
        ({"毕业去向代码": "80"}, "毕业去向代码", "code_name_disagree"),
        ({"毕业去向代码": "", "毕业去向": "上班"}, "毕业去向", "name_unknown"),
        ({"单位组织机构代码": "91350100M000100Y44"}, "单位组织机构代码", "credit_code_check"),
        ({"单位组织机构代码": "91350100M000100"}, "单位组织机构代码", "credit_code_form"),
        ({"单位组织机构代码": "9135010OM000100Y43"}, "单位组织机构代码", "credit_code_form"),
        ({"单位所在地代码": "990000"}, "单位所在地代码", "region_unknown"),
        ({"单位所在地代码": "3501"}, "单位所在地代码", "region_form"),
        ({"单位所在地": "山东省济南市"}, "单位所在地代码", "region_name_disagree"),
        ({"单位所在地": "福建省厦门市"}, "单位所在地代码", "region_name_disagree"),
        ({"手机号码": "12345"}, "手机号码", "phone_form"),
        ({"签约日期": "20260231"}, "签约日期", "date_form"),
        ({"单位名称": "长" * 121}, "单位名称", "too_long"),
    ],
)
def test_an_error_refuses_the_row(changes: dict[str, str], column: str, code: str) -> None:
    assert found(RowSeverity.ERROR, **changes) == [(column, code)]


@pytest.mark.parametrize(
    ("changes", "column", "code"),
    [
        ({"出生日期": "20030102"}, "出生日期", "birth_date_disagrees"),
        ({"性别代码": "2", "性别": "女"}, "性别", "sex_disagrees"),
        ({"身份证号": "H12345678"}, "身份证号", "not_resident"),
        ({"入学时间": "202609"}, "入学时间", "enrolment_implausible"),
        ({"入学时间": "201209"}, "入学时间", "enrolment_implausible"),
        ({"入学时间": "不详"}, "入学时间", "month_form"),
        ({"培养方式代码": "2", "培养方式": "定向"}, "定向或委培单位", "training_unit_missing"),
        ({"单位名称": ""}, "单位名称", "missing"),
        ({"单位组织机构代码": "00011234-5"}, "单位组织机构代码", "old_unit_code"),
        ({"档案转递类型": "升学外校接收"}, "档案转递类型", "transfer_impossible"),
        ({"档案转递类型": "快递"}, "档案转递类型", "transfer_unknown"),
        ({"毕业去向代码": "", "毕业去向": ""}, "毕业去向", "no_category"),
        ({"联系人电话": "转机"}, "联系人电话", "phone_form"),
        ({"生源所在地代码": "370199", "生源所在地": ""}, "生源所在地代码", "region_not_listed"),
        ({"单位邮编": "35"}, "单位邮编", "postcode_form"),
    ],
)
def test_a_warning_is_listed(changes: dict[str, str], column: str, code: str) -> None:
    assert (column, code) in found(RowSeverity.WARNING, **changes)
    assert found(RowSeverity.ERROR, **changes) == []


@pytest.mark.parametrize("title", ["毕业届次", "届", "届次", "届别"])
@pytest.mark.parametrize(
    ("month", "said", "cohort"),
    [
        ("202612", "", 2027),
        ("202612", "2026", 2026),
        ("202612", "2027届", 2027),
        ("202606", "", 2026),
        ("202607", "２０２７ 届", 2027),
    ],
)
def test_the_cohort_is_the_one_of_the_month_or_the_one_the_file_says(
    title: str, month: str, said: str, cohort: int
) -> None:
    person = {**a_person(毕业时间=month), title: said}
    record, problems = checked(national(person, more=[title]))
    assert (record.year, record.basics["graduation_month"]) == (cohort, month)
    assert problems == []


@pytest.mark.parametrize("said", ["2024", "2029", "26届", "本届"])
def test_a_cohort_that_does_not_go_with_the_month_is_refused(said: str) -> None:
    _, problems = checked(national(a_person(毕业届次=said), more=["毕业届次"]))
    assert [(each.column, each.code) for each in problems] == [("毕业届次", "cohort_disagrees")]
    assert "2026或2027" in problems[0].sentence


@pytest.mark.parametrize("year", ["2026", "2027"])
def test_the_year_of_graduation_is_the_months_or_the_cohorts(year: str) -> None:
    _, problems = checked(export_2024(a_person(毕业时间="202612", 毕业年份=year)))
    assert not [each for each in problems if each.column == "毕业年份"]


def test_a_refused_number_is_not_taken_for_a_passport_as_well() -> None:
    changes = {"身份证号": "37O102200301150019"}
    assert found(RowSeverity.ERROR, **changes) == [("身份证号", "identity_sign")]
    assert found(RowSeverity.WARNING, **changes) == []


def test_a_refused_region_is_not_called_unlisted_as_well() -> None:
    changes = {"生源所在地代码": "110000.5", "生源所在地": ""}
    assert found(RowSeverity.ERROR, **changes) == [("生源所在地代码", "region_form")]
    assert found(RowSeverity.WARNING, **changes) == []


def test_no_sentence_repeats_an_identity_number() -> None:
    wrong = "370102200301150013"
    _, problems = checked(national(a_person(身份证号=wrong, 手机号码=wrong)))
    assert problems
    assert not [each for each in problems if wrong in each.sentence]


@pytest.mark.parametrize("name", ["阿依古丽·买买提", "𠮷野", "欧阳靖", "Ana Maria", "J. Sato"])
def test_rare_characters_and_the_middle_dot_are_names(name: str) -> None:
    record, problems = checked(national(a_person(姓名=name)))
    assert problems == []
    assert record.basics["name"] == name


@pytest.mark.parametrize("dot", [*MIDDLE_DOTS, ".", " · "], ids=ascii)
def test_a_name_is_stored_with_the_one_middle_dot_whichever_the_file_has(dot: str) -> None:
    record, problems = checked(national(a_person(姓名=f"阿依古丽{dot}买买提")))
    assert problems == []
    assert record.basics["name"] == "阿依古丽·买买提"


@pytest.mark.parametrize(
    "text", ["202606", "20260630", "2026-06", "2026/6/30", "2026年6月", "2026.06"]
)
def test_a_month_is_read_however_it_is_written(text: str) -> None:
    assert checked(national(a_person(毕业时间=text)))[0].basics["graduation_month"] == "202606"


def test_a_code_that_lost_its_zero_in_a_number_cell_gets_it_back() -> None:
    record, problems = checked(national(a_person(民族代码="1", 政治面貌代码="3")))
    assert problems == []
    assert record.particulars["ethnicity"] == "汉族"


def test_a_finer_category_may_carry_the_name_of_the_coarser() -> None:
    record, problems = checked(national(a_person(毕业去向代码="502", 毕业去向="国家基层项目")))
    assert [each for each in problems if each.severity is RowSeverity.ERROR] == []
    assert record.registration["category"] == "502"


def test_a_signing_date_is_a_date() -> None:
    record, _ = checked(national(a_person(签约日期="2026-03-05"), more=["签约日期"]))
    assert record.registration["signed_on"] == date(2026, 3, 5)


def test_what_the_file_has_no_column_for_is_not_said() -> None:
    record, _ = checked(upload(a_person()))
    assert "file_unit" not in record.registration
    assert record.phone == ""


@pytest.mark.parametrize(
    ("rows", "layout", "first_row"),
    [
        (national(a_person()), Layout.NATIONAL, 2),
        (upload(a_person()), Layout.UPLOAD, 3),
        (export_2024(a_person()), Layout.EXPORT_2024, 2),
        ([["2026 届毕业生名单"], *national(a_person())], Layout.NATIONAL, 3),
    ],
)
def test_a_layout_is_known_by_its_header(rows: Rows, layout: Layout, first_row: int) -> None:
    header = find_header(rows)
    assert (header.layout, header.first_row, header.unknown) == (layout, first_row, ())


def test_columns_are_found_wherever_they_stand() -> None:
    titles, cells = national(a_person())
    record, problems = checked([titles[::-1], cells[::-1]])
    assert problems == []
    assert record.student_number == "002200001"


def test_a_header_may_carry_signs_and_remarks() -> None:
    titles, cells = national(a_person())
    marked = [f"*{title}（必填）" if title == "姓名" else f" {title} " for title in titles]
    assert checked([marked, cells])[1] == []


@pytest.mark.parametrize(
    ("rows", "code", "named"),
    [
        ([["a", "b"], ["1", "2"]], "no_header", "学号"),
        ([["姓名", "性别", "学号", "姓名"]], "column_twice", "姓名"),
        ([["姓名", "性别", "学号"]], "columns_missing", "身份证号、毕业时间"),
    ],
)
def test_a_header_that_will_not_do_is_refused_by_name(rows: Rows, code: str, named: str) -> None:
    with pytest.raises(RuleError, match=code) as refusal:
        find_header(rows)
    assert named in refusal.value.sentence


def test_every_field_of_the_layouts_has_one_title() -> None:
    assert len(set(layouts.TITLES.values())) == len(layouts.TITLES)
