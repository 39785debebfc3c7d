"""A province takes its graduates along in a national layout; what is taken is in the log."""

from io import BytesIO

import pytest
from python_calamine import CalamineWorkbook
from sqlalchemy import select

from notifier.campaigns import recipient_lists
from registry.accounts.tables import AuditEntry, Role
from registry.tasks import run
from registry.tasks.states import TaskKind
from tests.background import leave_to_workers
from tests.pages import Browser
from tests.wxapp.province.test_province import report
from tests.wxapp.school.conftest import Console
from tests.wxapp.school.records import IDENTITY, Campus

FORM = "form[action$='/exports']"


@pytest.fixture
def people(console: Console) -> Console:
    """Have one graduate reported, and one without a destination."""
    report(console.campus, "李娟")
    console.campus.graduate("赵敏")
    console.campus.save()
    return console


def rows(page: Browser) -> tuple[list[list[str]], dict[str, str]]:
    """Return the rows of the file that was fetched, and what its stamp says."""
    book = CalamineWorkbook.from_filelike(BytesIO(page.response.data))
    sheets = [book.get_sheet_by_index(each).to_python() for each in (0, 1)]
    people, stamp = ([[str(cell) for cell in row] for row in each] for each in sheets)
    return people, {row[0]: row[1] for row in stamp}


def actions(console: Console) -> list[tuple[str, str | None]]:
    taken = AuditEntry.action.in_(["export_province", "province_file"])
    with console.resources.readers() as session:
        wanted = select(AuditEntry).where(taken).order_by(AuditEntry.id)
        return [(each.action, each.province) for each in session.scalars(wanted)]


def test_a_short_list_is_there_at_once_with_its_stamp(people: Console) -> None:
    page = people.browser("province").get("/province/exports").submit(FORM, layout="national")
    page.submit("#live form")
    (heading, *found), stamp = rows(page)
    assert len(heading) == 74
    told = [dict(zip(heading, row, strict=True)) for row in found]
    assert [(each["姓名"], each["身份证号"]) for each in told] == [
        ("李娟", IDENTITY),
        ("赵敏", IDENTITY),
    ]
    assert (stamp["所属"], stamp["行数"]) == ("山东省", "2")
    assert actions(people) == [("export_province", "370000"), ("province_file", "370000")]


def test_two_rows_of_headings_are_no_people(people: Console) -> None:
    page = people.browser("province").get("/province/exports").submit(FORM, layout="upload")
    (codes, titles, *found), stamp = rows(page.submit("#live form"))
    assert (codes[0], titles[0], len(found), stamp["行数"]) == ("yxdm", "院校代码", 2, "2")


def test_a_batch_and_who_is_filed_go_out_alone(people: Console) -> None:
    batch = report(people.campus, "王建国")
    browser = people.browser("province").get(f"/province/batches/{batch}")
    browser.submit("form[action$=file]")
    browser.get("/province/exports").submit(FORM, layout="export_2024", who="filed")
    assert [row[2] for row in rows(browser.submit("#live form"))[0][1:]] == ["王建国"]
    browser.get(f"/province/batches/{batch}").follow("导出这一批").submit(FORM)
    assert [row[2] for row in rows(browser.submit("#live form"))[0][1:]] == ["王建国"]


def test_a_long_list_waits_for_a_worker(people: Console, monkeypatch: pytest.MonkeyPatch) -> None:
    leave_to_workers(monkeypatch, {TaskKind.PROVINCE_LIST})
    page = people.browser("province").get("/province/exports").submit(FORM, layout="national")
    assert "0 / 2 人" in page.text
    resources = people.resources
    while run.run_next(resources, resources.settings.public_url, recipient_lists.PROCEDURES):
        pass
    assert "下载" in page.get(page.path).text
    assert "全国就业管理系统导出" in page.get("/province/exports").text


def test_nobody_meant_and_no_layout_are_told(people: Console, other: Campus) -> None:
    page = people.browser("province").get("/province/exports")
    page.submit(FORM, layout="national", school=other.school.key)
    assert page.status == 400
    assert "没有符合条件的毕业生" in page.text
    form = page.fill(FORM)
    form["layout"] = "nonsense"
    page.post("/province/exports", form)
    assert "请选择导出格式" in page.text


def test_another_province_s_batch_and_a_colleague_s_file_do_not_exist(
    people: Console, other: Campus
) -> None:
    other.session.merge(other.school).province = "110000"
    theirs = report(other, "金丝雀")
    people.staff["colleague"] = people.campus.staff(Role.PROVINCE)
    people.campus.save()
    page = people.browser("province").get("/province/exports")
    assert page.get(f"/province/exports?batch={theirs}").status == 404
    page.get("/province/exports").submit(FORM, layout="national")
    colleague = people.browser("colleague")
    assert colleague.get(page.path).status == 404
    token = str(colleague.get("/province/exports").find_all("[name=csrf_token]")[0]["value"])
    assert colleague.post(f"{page.path}/file", {"csrf_token": token}).status == 404


def test_who_may_not_export_is_refused(people: Console) -> None:
    page = people.browser("province").get("/province/exports")
    form = page.fill(FORM, layout="national")
    people.campus.session.merge(people.staff["province"]).may_export = False
    people.campus.save()
    assert page.post("/province/exports", form).status == 403
    assert "不能导出名单" in page.get("/province/exports").text
