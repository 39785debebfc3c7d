"""The pages of 核验与转递: who is in which list, what is done for all, and what never shows."""

import io
from datetime import timedelta
from zipfile import ZipFile

import pytest
import python_calamine
from sqlalchemy import event, select, update
from sqlalchemy.orm import ORMExecuteState, Session

from registry.accounts.tables import AuditEntry
from registry.numbers import issuing, report, shape
from registry.numbers.issuing import Issuer, NumberToIssue
from registry.numbers.sealed_number import COLUMNS, sealed_number
from registry.numbers.shape import Issue, Kind
from registry.numbers.tables import IssuedNumber
from registry.numbers.transfer import generate
from registry.numbers.transfer.generate import IssuingSchool
from registry.record.tables import Graduate, Registration
from registry.tasks import file_making, run
from registry.tasks.kinds import TRANSFERS
from registry.tasks.states import TaskKind
from registry.tasks.tables import Task
from tests import pdf_reading
from tests.audit_rows import DEEDS
from tests.background import leave_to_workers
from tests.pages import Browser
from tests.wxapp.school.conftest import Console
from tests.wxapp.school.records import IDENTITY, Campus

LISTS = ("/school/transfer", "/school/verification")


def transfer_number(console: Console, graduate: Graduate, kind: Kind = Kind.FILE) -> str:
    """Make a transfer number and return it."""
    campus = console.campus
    office = IssuingSchool(campus.school, "staff:x", campus.at)
    generate.generate(campus.session, campus.vault, office, [graduate.id], kind)
    return newest(campus, graduate, kind, Issue.TRANSFER)


def verification_number(console: Console, graduate: Graduate, days: int = 30) -> str:
    """Issue a verification number as she would, and return it."""
    campus = console.campus
    registration = campus.session.get_one(Registration, graduate.registration_id)
    snapshot = report.snapshot(campus.school.name, graduate, registration, Kind.FILE)
    issuer = Issuer(Issue.VERIFICATION, campus.school.code, "graduate:x", campus.at)
    ends_on = campus.at.date() + timedelta(days=days)
    wanted = NumberToIssue(graduate.id, 2026, Kind.FILE, registration.id, snapshot, ends_on)
    issuing.issue(campus.session, campus.vault, issuer, [wanted])
    return newest(campus, graduate, Kind.FILE, Issue.VERIFICATION)


def newest(campus: Campus, graduate: Graduate, kind: Kind, issue: Issue) -> str:
    row = campus.session.execute(
        select(*COLUMNS).where(
            IssuedNumber.graduate_id == graduate.id,
            IssuedNumber.kind == kind,
            IssuedNumber.issue == issue,
            IssuedNumber.newest,
        )
    ).one()
    return sealed_number(row).number(campus.vault)


def names(browser: Browser) -> list[str]:
    return [link.get_text() for link in browser.find_all("td a")]


def chips(browser: Browser) -> list[str]:
    return [
        chip.get_text(" ", strip=True) for chip in browser.find_all(".chips[aria-label=状态] .chip")
    ]


@pytest.fixture
def people(console: Console) -> dict[str, Graduate]:
    """Add one without a number, one with, one whose number lapsed, one who reported nothing."""
    campus = console.campus
    found = {name: campus.graduate(name) for name in ("未生成的", "有效的", "待更新的", "未上报的")}
    for name in ("未生成的", "有效的", "待更新的"):
        campus.report(found[name])
    transfer_number(console, found["有效的"])
    transfer_number(console, found["待更新的"])
    campus.report(found["待更新的"], file_unit="济南市人才服务中心")
    campus.save()
    return found


def test_the_transfer_list_tells_the_states_apart(
    console: Console, people: dict[str, Graduate]
) -> None:
    browser = console.browser().get("/school/transfer")
    assert chips(browser) == ["全部 3", "未生成 1", "有效 1", "待更新 1", "已截止 0"]
    assert names(browser) == ["未生成的", "有效的", "待更新的"]
    number = newest(console.campus, people["有效的"], Kind.FILE, Issue.TRANSFER)
    assert [each.get_text() for each in browser.find_all(".issued-number")] == [
        shape.grouped(number)
    ]
    browser.get("/school/transfer/household")
    assert chips(browser)[1] == "未生成 3"


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("state=lapsed", ["待更新的"]),
        ("receiver=济南", ["待更新的"]),
        ("q=有效", ["有效的"]),
        ("updated_from=2026-06-10&updated_to=2026-06-10", ["有效的", "待更新的"]),
        ("updated_from=2026-06-11", []),
        ("type=暂存学校", []),
    ],
)
def test_the_transfer_list_is_filtered_by_what_staff_look_for(
    console: Console, people: dict[str, Graduate], query: str, found: list[str]
) -> None:
    assert names(console.browser().get(f"/school/transfer?{query}")) == found


def test_one_press_makes_the_missing_and_renews_the_lapsed_of_the_list(
    console: Console, people: dict[str, Graduate]
) -> None:
    browser = console.browser().get("/school/transfer")
    browser.submit("main form.tools[method=post]", button="生成或更新 2 人的转递编号")
    assert "新生成编号 1 人" in browser.text
    assert "更新失效的编号 1 人" in browser.text
    assert chips(browser.get("/school/transfer"))[2] == "有效 3"
    assert "生成或更新" not in browser.text
    assert "转递 生成档案转递编号" in browser.get("/school/tasks").text


def test_a_download_says_what_it_renewed_and_gives_the_file(
    console: Console, people: dict[str, Graduate]
) -> None:
    browser = console.browser().get("/school/transfer?state=lapsed")
    browser.submit("main form.tools[method=post]", button="档案转递信息表")
    assert "更新失效的编号 1 人" in browser.text
    assert "保存到 6月11日 10:00" in browser.text
    browser.submit("#live form")
    assert browser.headers["Content-Type"].startswith("application/vnd.openxml")
    assert int(browser.headers["Content-Length"]) == len(browser.body)
    book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(browser.body))
    rows = book.get_sheet_by_index(0).to_python()
    assert [row[1] for row in rows] == ["姓名", "待更新的"]


def test_the_file_is_gone_after_a_day(console: Console, people: dict[str, Graduate]) -> None:
    browser = console.browser().get("/school/transfer")
    browser.submit("main form.tools[method=post]", button="寄档清单")
    task, form = browser.path, browser.fill("#live form")
    console.resources.clock.move(file_making.KEPT_FOR)  # type: ignore[attr-defined]  # a standing clock
    browser = console.browser()  # nobody stays signed in for so long
    assert "文件已过保存期限" in browser.get(task).text
    form["csrf_token"] = browser.fill(".top-me form")["csrf_token"]
    assert browser.post(f"{task}/file", form).status == 404


def test_many_are_done_in_the_background_with_a_bar(
    console: Console, people: dict[str, Graduate], monkeypatch: pytest.MonkeyPatch
) -> None:
    leave_to_workers(monkeypatch, {TaskKind.REPORTS}, soon=2)
    browser = console.browser().get("/school/transfer")
    browser.submit("main form.tools[method=post]", button="档案转递报告")
    assert "0 / 3 人。排队中" in browser.text
    assert browser.find_all("noscript meta[http-equiv=refresh]")
    resources = console.resources
    while run.run_next(resources, resources.settings.public_url):
        pass
    browser.get(browser.path, {"HX-Request": "true"})
    assert "档案转递报告_2026届_20260610_1000.zip，保存到" in browser.text
    browser.submit("#live form")
    assert len(ZipFile(io.BytesIO(browser.body)).namelist()) == 3


def test_when_there_is_nothing_to_do_the_list_says_so(console: Console) -> None:
    console.campus.report(console.campus.graduate("李娟"))
    console.campus.save()
    browser = console.browser().get("/school/transfer?q=李娟")
    form = browser.fill("main form.tools[method=post]", button="生成或更新 1 人的转递编号")
    browser.post("/school/transfer/file/office?q=李娟", form)
    browser.post("/school/transfer/file/office?q=李娟", form)
    assert browser.status == 400
    assert "都是有效的，不用重新生成" in browser.find("[role=alert]").get_text()
    assert names(browser) == ["李娟"]


def test_one_number_is_made_renewed_and_printed_from_the_preview(
    console: Console, people: dict[str, Graduate]
) -> None:
    browser = console.browser().get("/school/transfer").follow("待更新的")
    assert "原来的编号已经失效" in browser.text
    assert "济南市人才服务中心" in browser.text
    assert not browser.find_all(".issued-number")
    form = browser.fill("form[action$='/number']", button="重新生成转递编号")
    path = browser.path
    browser.post(f"{path}/number", form)
    number = browser.find(".issued-number").get_text()
    browser.post(f"{path}/number", form)
    assert browser.find(".issued-number").get_text() == number, "a second press changes nothing"
    browser.submit("form[action$='/pdf']")
    assert browser.headers["Content-Type"] == "application/pdf"
    assert "".join(number.split()) in pdf_reading.words_of(browser.body)
    with console.resources.readers.begin() as session:
        actions = session.scalars(select(AuditEntry.action).where(DEEDS)).all()
    assert actions == ["transfer_number", "transfer_report"]


def test_a_name_no_font_has_is_said_on_the_preview(console: Console) -> None:
    graduate = console.campus.report(console.campus.graduate("李\U0002a6d6"))
    transfer_number(console, graduate)
    console.campus.save()
    browser = console.browser().get(f"/school/transfer/file/{graduate.key}")
    browser.submit("form[action$='/pdf']")
    assert browser.status == 400
    assert "字库中没有" in browser.find("[role=alert]").get_text()


def test_who_reported_nothing_can_have_no_number(
    console: Console, people: dict[str, Graduate]
) -> None:
    browser = console.browser().get(f"/school/transfer/file/{people['未上报的'].key}")
    assert "尚未上报去向" in browser.text
    assert not browser.find_all("main form")


def test_after_the_service_nothing_is_offered(
    console: Console, people: dict[str, Graduate]
) -> None:
    console.resources.clock.move(timedelta(days=300))  # type: ignore[attr-defined]  # a standing clock
    browser = console.browser().get("/school/transfer?year=2026")
    assert chips(browser)[4] == "已截止 2"
    assert "生成或更新" not in browser.text
    browser.get(f"/school/transfer/file/{people['未生成的'].key}")
    assert "已于 2027年3月31日结束" in browser.text


def test_the_verification_list_tells_who_may_be_verified(
    console: Console, people: dict[str, Graduate]
) -> None:
    verification_number(console, people["有效的"])
    verification_number(console, people["待更新的"], days=-1)
    console.campus.save()
    browser = console.browser().get("/school/verification")
    assert chips(browser) == ["全部 4", "未授权 2", "生效中 1", "已过期 1"]
    reminder = browser.find(".heading-acts a")
    assert "authorization=file:not_authorized" in str(reminder["href"]).replace("%3A", ":")
    browser.get("/school/verification?state=in_force")
    assert names(browser) == ["有效的"]
    browser.follow("有效的")
    assert "青岛市人才服务中心" in browser.text
    assert "核验编号只有本人看得到" in browser.text


def test_the_verification_number_is_never_read_nor_shown(
    console: Console, people: dict[str, Graduate]
) -> None:
    number = verification_number(console, people["有效的"])
    transfer = newest(console.campus, people["有效的"], Kind.FILE, Issue.TRANSFER)
    console.campus.report(people["有效的"], file_address="福州南路8号")  # for labels
    console.campus.save()
    key = people["有效的"].key
    read: list[str] = []

    def listen(state: ORMExecuteState) -> None:
        if "issued_number.number_sealed" in str(state.statement):
            read.append(str(state.statement))

    browser = console.browser()
    event.listen(Session, "do_orm_execute", listen)
    try:
        for path in ("", f"/file/{key}", "/household"):
            assert browser.get(f"/school/verification{path}").status == 200
    finally:
        event.remove(Session, "do_orm_execute", listen)
    assert read == []
    pages = [browser.get(f"/school/verification{path}").body for path in ("", f"/file/{key}")]
    pages.append(browser.get(f"/school/transfer/file/{key}").body)
    for work in TRANSFERS[Kind.FILE]:
        form = browser.get("/school/transfer").fill("main form.tools[method=post]")
        form["work"] = work
        browser.post("/school/transfer/file/office", form)
        if work is TaskKind.NUMBERS:
            continue
        browser.submit("#live form")
        pages.extend(unpacked(browser.body))
    for page in pages:
        for written in (number, number.lower(), shape.grouped(number)):
            assert written.encode() not in page
    assert any(transfer.encode() in page for page in pages), "the search would find what is there"


def unpacked(content: bytes) -> list[bytes]:
    """Return a file's texts."""
    if content.startswith(b"%PDF"):
        return ["\n".join(pdf_reading.pages_of(content)).encode()]
    if content.startswith(b"PK"):
        with ZipFile(io.BytesIO(content)) as archive:
            return [text for name in archive.namelist() for text in unpacked(archive.read(name))]
    return [content]


@pytest.mark.parametrize("path", LISTS)
def test_a_department_sees_its_own_and_no_others(
    console: Console, people: dict[str, Graduate], path: str
) -> None:
    theirs = console.campus.report(console.campus.graduate("化工的", department=1))
    console.campus.save()
    browser = console.browser("department").get(path)
    assert "化工的" not in browser.text
    assert browser.get(f"{path}/file/{theirs.key}").status == 404
    assert browser.get(f"{path}/file/{people['有效的'].key}").status == 200


def test_a_department_finds_only_its_own_tasks(
    console: Console, people: dict[str, Graduate]
) -> None:
    browser = console.browser().get("/school/transfer")
    browser.submit("main form.tools[method=post]", button="寄档清单")
    task, form = browser.path, browser.fill("#live form")
    department = console.browser("department")
    assert department.get(task).status == 404
    form["csrf_token"] = department.get("/school/transfer").fill("main form.tools")["csrf_token"]
    assert department.post(f"{task}/file", form).status == 404
    department.get("/school/transfer").submit("main form.tools[method=post]", button="寄档清单")
    assert IDENTITY.encode() not in browser.get(department.path).body
    assert browser.status == 200, "the school sees what its departments do"


def test_another_schools_people_and_tasks_are_not_found(
    console: Console, other: Campus, people: dict[str, Graduate]
) -> None:
    theirs = other.report(other.graduate("外校的"))
    other.save()
    browser = console.browser()
    for path in LISTS:
        assert browser.get(f"{path}/file/{theirs.key}").status == 404
    browser.get("/school/transfer").submit("main form.tools[method=post]", button="寄档清单")
    task = browser.path
    with console.resources.sessions.begin() as session:
        session.execute(update(Task).values(school_id=other.school.id))
    assert browser.get(task).status == 404


def test_home_leads_to_the_numbers_that_wait(console: Console, people: dict[str, Graduate]) -> None:
    browser = console.browser().get("/school/")
    assert "1 人的档案转递编号待更新" in browser.text
    assert "1 人的档案转递编号未生成" in browser.text
    assert "3 人的户口转递编号未生成" in browser.text
    browser.follow("人的档案转递编号待更新")
    assert names(browser) == ["待更新的"]


@pytest.mark.parametrize("kind", Kind)
@pytest.mark.parametrize("page", LISTS)
def test_each_row_leads_to_her_own_number_of_the_list_s_kind(
    console: Console, people: dict[str, Graduate], page: str, kind: Kind
) -> None:
    address = page if kind is Kind.FILE else f"{page}/{kind}"
    links = console.browser().get(address).find_all("td a")
    there = {each.get_text(): str(each["href"]).partition("?")[0] for each in links}
    reported = [name for name in people if name != "未上报的" or "verification" in page]
    assert there == {name: f"{page}/{kind}/{people[name].key}" for name in reported}


@pytest.mark.parametrize(
    ("path", "status"),
    [("/school/transfer/mail", 404), ("/school/transfer?state=sent", 400)],
)
def test_what_there_is_not_is_said(console: Console, path: str, status: int) -> None:
    assert console.browser().get(path).status == status


def test_the_list_tells_an_authorization_that_lapsed_from_one_that_never_was(
    console: Console,
) -> None:
    campus = console.campus
    lapsed = campus.report(campus.graduate("李娟"))
    never = campus.report(campus.graduate("王建国"))
    verification_number(console, lapsed)
    campus.report(lapsed, unit_name="乙公司")
    campus.save()
    rows = console.browser().get("/school/verification").find_all("tbody tr")
    said = [row.get_text(" ", strip=True) for row in rows]
    assert [("因登记变更失效" in each) for each in said] == [True, False]
    assert never.name in said[1]
