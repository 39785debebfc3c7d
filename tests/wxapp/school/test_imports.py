"""A roster is uploaded, looked at, approved and brought in; what cannot be is said."""

from io import BytesIO

import pytest
from python_calamine import CalamineWorkbook
from sqlalchemy import func, select

from registry.record.tables import Graduate
from registry.tasks import run
from tests.pages import Browser
from tests.stamps import stamp_of
from tests.wxapp.school.conftest import Console
from wxapp.school import uploads

HEADER = "考生号,姓名,身份证号,学号,院系,学历,专业名称,毕业时间"
GOOD = "26371001000001,李娟,110101200303071230,2022010101,计算机学院,本科生毕业,软件工程,202606"
BAD = "26371001000002,王强,11010120030307123X,2022010102,计算机学院,本科生毕业,软件工程,202606"
BOTH = f"{HEADER}\n{GOOD}\n{BAD}"


def upload(browser: Browser, text: str, policy: str = "valid_rows") -> Browser:
    browser.get("/school/imports")
    file = (BytesIO(text.encode("utf-8-sig")), "名单.csv")
    return browser.submit("main form", file=file, policy=policy)


def work(console: Console) -> None:
    while run.run_next(console.resources, console.resources.settings.public_url):
        pass


def number_of_graduates(console: Console) -> int:
    with console.resources.readers() as session:
        return session.scalar(select(func.count()).select_from(Graduate)) or 0


def test_a_file_is_checked_first_and_brought_in_when_approved(console: Console) -> None:
    browser = upload(console.browser(), BOTH)
    assert "排队中" in browser.text
    work(console)
    browser.get(browser.path)
    assert "新增 1 人" in browser.text
    assert number_of_graduates(console) == 0
    browser.submit("form[action$=approve]", "确认导入 1 人")
    work(console)
    browser.get(browser.path)
    assert "导入完成" in browser.text
    assert number_of_graduates(console) == 1
    browser.follow("查看毕业生")
    assert "李娟" in browser.text


def test_refused_rows_come_back_as_a_workbook(console: Console) -> None:
    browser = upload(console.browser(), BOTH)
    work(console)
    browser.get(browser.path)
    assert "身份证号" in browser.find("section:has(#problems) table").get_text()
    browser.submit("form[action$=refused]")
    assert stamp_of(browser.body)["导出人"] == "王老师"
    again = (BytesIO(browser.body), "未导入的行.xlsx")
    browser.get("/school/imports").submit("main form", file=again)
    work(console)
    assert "没有名单表头" not in browser.get(browser.path).text
    assert "1 行" in browser.find("#live").get_text()


def test_all_or_nothing_offers_no_approval_while_a_row_is_refused(console: Console) -> None:
    browser = upload(console.browser(), BOTH, "all_or_nothing")
    work(console)
    browser.get(browser.path)
    assert not browser.find_all("form[action$=approve]")


def test_approving_twice_imports_once(console: Console) -> None:
    browser = upload(console.browser(), f"{HEADER}\n{GOOD}")
    work(console)
    browser.get(browser.path)
    sent = browser.fill("form[action$=approve]")
    address = f"{browser.path}/approve"
    browser.post(address, sent)
    browser.post(address, sent)
    assert "刚刚有变化" in browser.text
    work(console)
    assert number_of_graduates(console) == 1


def test_an_import_given_up_is_never_brought_in(console: Console) -> None:
    browser = upload(console.browser(), f"{HEADER}\n{GOOD}")
    work(console)
    browser.get(browser.path).submit("form[action$=abandon]")
    work(console)
    assert "已放弃" in browser.text
    assert number_of_graduates(console) == 0
    assert "名单.csv 已放弃" in browser.get("/school/imports").text


def test_the_progress_alone_is_sent_to_htmx(console: Console) -> None:
    browser = upload(console.browser(), BOTH)
    browser.get(browser.path, {"HX-Request": "true"})
    assert browser.find("#live")["hx-get"] == browser.path
    work(console)
    browser.get(browser.path, {"HX-Request": "true"})
    assert not browser.find("#live").has_attr("hx-get")


@pytest.mark.parametrize(
    ("content", "sentence"),
    [(b"PK\x03\x04rubbish", ""), (b"\x00\x01\x02", ""), (b"", "")],
)
def test_what_is_no_roster_is_refused_on_the_page(
    console: Console, content: bytes, sentence: str
) -> None:
    browser = console.browser().get("/school/imports")
    browser.submit("main form", file=(BytesIO(content), "名单.xlsx"))
    assert browser.status == 400
    assert sentence in browser.find("[role=alert]").get_text()


def test_a_form_without_a_file_says_so(console: Console) -> None:
    browser = console.browser().get("/school/imports").submit("main form")
    assert "请先选择文件" in browser.text


def test_a_file_over_the_limit_is_answered_with_the_limit(
    console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploads, "MAX_FILE_BYTES", 1000)
    monkeypatch.setattr(uploads, "FORM_BYTES", 1000)
    browser = console.browser().get("/school/imports")
    browser.submit("main form", file=(BytesIO(b"x" * 500_000), "名单.xlsx"))
    assert browser.status == 413
    assert "20 MB" in browser.find("[role=alert]").get_text()


def test_an_upload_without_its_token_is_refused(console: Console) -> None:
    browser = console.browser()
    browser.post("/school/imports", {"file": (BytesIO(b"x"), "名单.csv")})
    assert browser.status == 400
    assert "页面已过期" in browser.text


def test_a_department_imports_nothing(console: Console) -> None:
    browser = console.browser("department").get("/school/")
    assert not browser.find_all("nav a[href*=imports]")
    assert browser.get("/school/imports").status == 403


def test_what_waits_for_approval_stands_on_the_first_page_and_among_the_tasks(
    console: Console,
) -> None:
    browser = upload(console.browser(), BOTH)
    assert "名单.csv 等待核对" in browser.get("/school/tasks").text
    assert browser.find("#live").has_attr("hx-get")
    work(console)
    assert "名单.csv 核对完成" in browser.get("/school/tasks", {"HX-Request": "true"}).text
    assert not browser.find("#live").has_attr("hx-get")
    browser.get("/school/").follow("人待确认导入：名单.csv")
    assert browser.find_all("form[action$=approve]")


def test_an_import_that_would_change_nobody_waits_for_nobody(console: Console) -> None:
    browser = upload(console.browser(), f"{HEADER}\n{GOOD}")
    work(console)
    browser.get(browser.path).submit("form[action$=approve]")
    work(console)
    upload(browser, f"{HEADER}\n{GOOD}")
    work(console)
    assert "人待确认导入" not in browser.get("/school/").text
    assert "核对完成" in browser.get("/school/tasks").text


def test_imports_and_files_stand_in_one_list_the_newest_first(console: Console) -> None:
    console.campus.report(console.campus.graduate("赵敏"))
    console.campus.save()
    browser = upload(console.browser(), BOTH)
    browser.get("/school/transfer").submit("main form.tools[method=post]", button="寄档清单")
    rows = browser.get("/school/tasks").find_all("#live tbody tr")
    assert [row.get_text(" ", strip=True)[:8] for row in rows] == ["转递 寄档清单 ", "导入 名单.cs"]


def test_an_import_has_its_own_page_and_no_other(console: Console) -> None:
    browser = upload(console.browser(), BOTH)
    key = browser.path.removeprefix("/school/imports/")
    assert browser.get(f"/school/office/{key}").status == 404


def test_the_same_file_again_brings_nothing_in(console: Console) -> None:
    browser = upload(console.browser(), f"{HEADER}\n{GOOD}")
    work(console)
    browser.get(browser.path).submit("form[action$=approve]")
    work(console)
    upload(browser, f"{HEADER}\n{GOOD}")
    work(console)
    assert "没有需要导入的内容" in browser.get(browser.path).text
    assert not browser.find_all("form[action$=approve]")


def test_an_empty_roster_can_be_downloaded(console: Console) -> None:
    browser = console.browser().get("/school/imports").follow("下载模板")
    assert browser.body.startswith(b"PK")
    assert console.browser("department").get("/school/imports/template").status == 403


def test_where_the_province_has_its_own_system_the_page_offers_persons_only(
    console: Console,
) -> None:
    console.campus.school.correction_system = "山东省高校毕业生就业信息网"
    console.campus.session.merge(console.campus.school)
    console.campus.save()
    browser = upload(console.browser(), f"{HEADER},毕业去向代码\n{GOOD},70")
    work(console)
    browser.get(browser.path)
    assert "由接口同步，不能用名单导入" in browser.text
    assert number_of_graduates(console) == 0
    assert "名单只导入人员信息" in browser.get("/school/imports").text
    browser.get("/school/imports/template")
    book = CalamineWorkbook.from_filelike(BytesIO(browser.body))
    assert "毕业去向" not in book.get_sheet_by_name("名单").to_python()[0]


def test_a_file_whose_name_says_that_it_is_no_table_is_refused(console: Console) -> None:
    browser = console.browser().get("/school/imports")
    browser.submit("main form", file=(BytesIO(BOTH.encode()), "名单.html"), policy="valid_rows")
    assert browser.status == 400
    assert "这不是电子表格" in browser.text
    browser.submit("main form", file=(BytesIO(BOTH.encode()), "2026.6届名单"), policy="valid_rows")
    assert "排队中" in browser.text
