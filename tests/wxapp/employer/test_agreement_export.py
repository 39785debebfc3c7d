"""A school takes its agreements along: what the list shows, at once or made in the background."""

import pytest

from notifier.campaigns import recipient_lists
from registry.accounts.tables import Role
from registry.record.tables import Graduate
from registry.signing.states import AgreementState
from registry.tasks import run
from registry.tasks.states import TaskKind
from tests.background import leave_to_workers
from tests.pages import Browser
from tests.registry.signing.signwork import Signwork
from tests.wxapp.employer.conftest import Signing
from tests.wxapp.school.records import Campus
from tests.wxapp.school.test_campaigns import rows_of

EXPORT = "form[action*='/agreements/export']"


@pytest.fixture
def signed(signing: Signing) -> Signing:
    """Give one agreement that is signed, and another that was accepted later."""

    def sign(campus: Campus, her: Graduate) -> None:
        work = Signwork(campus, signing.site.clock())
        work.sign(her)
        other = campus.graduate("王芳", identity_index="another")
        work.accept(other, work.invite(other))

    signing.site.change(signing.graduate, sign)
    return signing


def lines(page: Browser) -> list[dict[str, str]]:
    titles, *rows = rows_of(page)
    return [dict(zip(titles, row, strict=True)) for row in rows]


def test_what_the_list_shows_is_in_the_workbook(signed: Signing) -> None:
    page = signed.staff(Role.SCHOOL).get("/school/agreements")
    newest, first = lines(page.submit(EXPORT).submit("#live form"))
    assert (newest["姓名"], newest["协议状态"], newest["生效时间"]) == ("王芳", "待学校审核", "")
    assert (first["姓名"], first["协议状态"], first["届"]) == ("李娟", "已签约", "2026")
    assert (first["单位名称"], first["岗位"]) == ("青岛海纳软件有限公司", "软件工程师")
    assert (first["签约方式"], first["应约或核发时间"] != "") == ("网上", True)
    assert first["统一社会信用代码"] == "91350100M000100Y43"
    assert len(first["协议书编号"].replace(" ", "")) == 16


def test_the_filter_of_the_list_is_that_of_the_workbook(signed: Signing) -> None:
    page = signed.staff(Role.SCHOOL).get(f"/school/agreements?state={AgreementState.SIGNED}")
    assert "导出 1 份" in page.text
    assert [each["姓名"] for each in lines(page.submit(EXPORT).submit("#live form"))] == ["李娟"]


def test_nothing_is_taken_along_from_an_empty_list(signed: Signing) -> None:
    page = signed.staff(Role.SCHOOL).get("/school/agreements?state=voided")
    assert page.find_all(EXPORT) == []


def test_a_long_list_is_made_in_the_background(
    signed: Signing, monkeypatch: pytest.MonkeyPatch
) -> None:
    leave_to_workers(monkeypatch, [TaskKind.AGREEMENTS])
    page = signed.staff(Role.SCHOOL).get("/school/agreements?state=signed")
    page.submit(EXPORT)
    assert "排队中" in page.text
    resources = signed.site.resources
    while run.run_next(resources, resources.settings.public_url, recipient_lists.PROCEDURES):
        pass
    page.get(page.path)
    assert "就业协议_2026" in page.text
    task = page.path
    assert [each["姓名"] for each in lines(page.submit("#live form"))] == ["李娟"]
    assert "李娟" in page.get(task).follow("回到就业协议").text
    assert page.path == "/school/agreements?state=signed"


def test_only_the_school_takes_them_along(signed: Signing) -> None:
    school = signed.staff(Role.SCHOOL).get("/school/agreements")
    token = str(school.find_all("input[name=csrf_token]")[0]["value"])
    for role in (Role.DEPARTMENT, Role.PROVINCE):
        page = signed.staff(role).get("/school/agreements")
        assert page.post("/school/agreements/export", {"csrf_token": token}).status in {400, 403}
