"""Many invited at once through the pages: uploaded, looked at, approved, sent, taken home."""

from io import BytesIO

import pytest
from python_calamine import CalamineWorkbook
from sqlalchemy import func, select, update

from notifier.ledger.tables import Message
from registry.accounts.tables import Role, Staff
from registry.tasks import run
from registry.tasks.states import TaskKind
from tests.background import leave_to_workers
from tests.pages import Browser
from tests.registry.signing.invitation_sheets import row_for, sheet_of
from tests.stamps import stamp_of
from tests.wxapp.employer.conftest import Signing

UNIT = "青岛海纳软件有限公司"
FORM = "form[action='/employer/sheets']"


def upload(signing: Signing, content: bytes, name: str = "邀请.xlsx") -> Browser:
    page = signing.employer.get("/employer/sheets")
    page.submit(FORM, file=(BytesIO(content), name))
    work(signing)
    return page.get(page.path) if page.status == 200 else page


def work(signing: Signing) -> None:
    while run.run_next(signing.site.resources, signing.site.resources.settings.public_url):
        pass


def good(signing: Signing, **changed: str) -> bytes:
    return sheet_of([row_for(signing.graduate, **changed)])


def messages(signing: Signing) -> int:
    wanted = select(func.count()).where(Message.kind == "signing_invitation")
    return signing.site.read(lambda session: session.scalars(wanted).one())


def rows_of(browser: Browser) -> list[list[str]]:
    sheet = CalamineWorkbook.from_filelike(BytesIO(browser.body)).get_sheet_by_index(0)
    return [[str(cell) for cell in row] for row in sheet.to_python()]


def test_a_file_is_checked_and_sent_and_its_result_taken_home(signing: Signing) -> None:
    page = upload(signing, good(signing))
    assert "核对完成，待确认发送" in page.text
    assert "软件工程" in page.find("section:has(#rows)").get_text()
    assert messages(signing) == 0
    page.submit("form[action$=approve]", "向 1 人发出签约邀请")
    work(signing)
    page.get(page.path)
    assert "发送完成" in page.text
    assert messages(signing) == 1
    assert "接受邀请" in signing.phone.get("/g/signing").text
    page.submit("form[action$=result]")
    assert rows_of(page)[1][-3] == "已发送"
    assert "邀请.xlsx" in signing.employer.get("/employer/sheets").text


def test_a_result_that_was_corrected_is_read_again(signing: Signing) -> None:
    page = upload(signing, good(signing, 姓名="李妍")).submit("form[action$=result]")
    said = stamp_of(page.body)
    assert (said["所属"], said["行数"]) == (UNIT, "1")
    page = upload(signing, page.body, "签约邀请结果.xlsx")
    assert len(page.find_all("section:has(#rows) tbody tr")) == 1
    assert "没有读取其他工作表" not in page.text


def test_refused_rows_stand_under_their_outcome(signing: Signing) -> None:
    page = upload(signing, good(signing, 姓名="李妍"))
    assert "没有可以发送的邀请" in page.text
    assert page.find_all("form[action$=approve]") == []
    page.follow("未找到该毕业生")
    assert "三项须完全一致" in page.text


def test_a_file_that_is_given_up_sends_nothing(signing: Signing) -> None:
    page = upload(signing, good(signing))
    page.submit("form[action$=abandon]")
    assert "已放弃" in page.text
    work(signing)
    assert messages(signing) == 0


def test_what_is_no_table_is_refused_beside_the_form(signing: Signing) -> None:
    page = upload(signing, b"%PDF-1.7", "邀请.pdf")
    assert page.status == 400
    assert "这不是电子表格" in page.text


def test_the_template_is_filled_in_and_read_again(signing: Signing) -> None:
    template = signing.employer.get("/employer/sheets/template")
    titles = rows_of(template)[0]
    row = {title: row_for(signing.graduate).get(title, "") for title in titles}
    assert "核对完成" in upload(signing, sheet_of([row])).text


def test_all_invitations_are_taken_home(signing: Signing) -> None:
    assert "导出全部" not in signing.employer.get("/employer/").text
    signing.invite()
    page = signing.employer.get("/employer/")
    page.submit("form[action='/employer/export']").submit("#live form")
    titles, line = rows_of(page)
    assert dict(zip(titles, line, strict=True))["邀请状态"] == "待应约"
    assert line[:2] == ["李娟", "202200001"]
    assert stamp_of(page.body)["所属"] == UNIT


def test_nobody_else_is_shown_an_export(signing: Signing) -> None:
    signing.invite()
    export = signing.employer.get("/employer/").submit("form[action='/employer/export']").path
    assert "导出签约邀请 1 份" in signing.employer.get("/employer/").text
    colleague = signing.staff(Role.EMPLOYER)
    assert colleague.get(export).status == 404
    assert "导出签约邀请" not in colleague.get("/employer/").text


def test_who_may_export_no_more_gets_none(
    signing: Signing, monkeypatch: pytest.MonkeyPatch
) -> None:
    leave_to_workers(monkeypatch, {TaskKind.INVITATION_LIST})
    signing.invite()
    page = signing.employer.get("/employer/").submit("form[action='/employer/export']")
    assert "0 / 1 份。排队中" in page.text
    with signing.site.resources.sessions.begin() as session:
        session.execute(update(Staff).values(may_export=False))
    work(signing)
    assert "您的账号已不能导出签约邀请" in page.get(page.path).text


def test_another_employer_is_shown_none_of_it(signing: Signing) -> None:
    page = upload(signing, good(signing))
    assert signing.staff(Role.SCHOOL).get(page.path).status == 403
