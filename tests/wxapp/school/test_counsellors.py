"""A counsellor (辅导员) sees and reminds the people of her classes and majors, and nobody else."""

import io
from collections.abc import Sequence

import pytest
from python_calamine import CalamineWorkbook
from sqlalchemy import select, update

from notifier.campaigns import campaigns, expansion, recipient_lists
from notifier.campaigns.audience import Audience
from notifier.ledger.tables import Campaign, Message
from registry.accounts.tables import Role, StaffCharge
from registry.base.paging import Place
from registry.record import filter_choices, graduates
from registry.record.graduate_filter import GraduateFilter
from registry.record.scope import Scope
from registry.record.tables import Graduate
from registry.tasks import run
from registry.tasks.states import TaskKind
from registry.tasks.tables import Task
from tests.background import leave_to_workers
from tests.pages import Browser
from tests.wxapp.school.conftest import Console
from tests.wxapp.school.records import Campus
from tests.wxapp.school.test_scope import (
    BODILESS,
    CANARY,
    PAGED,
    Foreign,
    address,
    ask,
    foreign,
    rules,
    token_of,
)
from wxapp.core import rights
from wxapp.core.limits import limiter

HERS = "软件2299"
TEXTS = {"deadline": "2026-06-30"}


@pytest.fixture
def counsellor(console: Console) -> Browser:
    """Give the browser of a counsellor of one class, in which one person is."""
    campus = console.campus
    staff = console.staff["counsellor"] = campus.staff(Role.COUNSELLOR)
    charge(campus, staff.id, class_name=HERS)
    campus.report(campus.graduate("欧阳晓", class_name=HERS))
    campus.save()
    return console.browser("counsellor")


def rows_of(book: bytes) -> Sequence[Sequence[object]]:
    """Return the rows of a workbook's first sheet, its heading first."""
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(book)).get_sheet_by_index(0)
    return sheet.to_python()


def charge(campus: Campus, staff_id: int, department: int = 0, **what: str) -> None:
    department_id = campus.departments[department].id
    campus.session.add(StaffCharge(staff_id=staff_id, department_id=department_id, **what))
    campus.save()


@pytest.fixture
def theirs(console: Console, other: Campus) -> list[Foreign]:
    """Make another school's things, another department's, and another class's of her department."""
    return [foreign(other, None), foreign(console.campus, 1), foreign(console.campus, 0)]


def test_what_is_anothers_does_not_exist(
    console: Console,
    counsellor: Browser,
    theirs: list[Foreign],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(limiter, "enabled", False)  # the walk asks for more papers than a person
    token, wrong = token_of(counsellor, "/school/"), []
    for whose in theirs:
        for rule, method in rules(console):
            if "key" in rule.arguments:
                status = ask(counsellor, token, address(rule, whose), method)
                allowed = rule.endpoint in rights.COUNSELLOR_PAGES
                if status != (404 if allowed else 403):
                    wrong.append((method, rule.rule, status))
    assert wrong == []


@pytest.mark.in_ci
@pytest.mark.slow  # all routes, with nine queries each
@pytest.mark.timeout(600)
def test_no_page_and_no_file_names_anybody_else(
    console: Console, counsellor: Browser, theirs: list[Foreign]
) -> None:
    token, leaks = token_of(counsellor, "/school/"), []
    queries = ["", f"words={CANARY}"]
    for whose in theirs:
        queries += [
            f"departments={whose.keys['department']}&department={whose.keys['department']}",
            *(f"{name}={whose.keys[kind]}" for name in ("after", "before") for kind in PAGED),
        ]
    for rule, method in rules(console):
        if rule.arguments or rule.endpoint in BODILESS:
            continue
        for query in queries:
            status = ask(counsellor, token, f"{rule.rule}?{query}", method)
            page = counsellor.body.decode(errors="replace")
            shown = [each for each in theirs if each.keys["graduate"] in page]
            named = CANARY in page.replace(f'value="{CANARY}"', "")
            if status >= 500 or shown or (named and f"words={CANARY}" != query):
                leaks.append((method, rule.rule, query, status))
            if status < 400 and rule.endpoint not in rights.COUNSELLOR_PAGES:
                leaks.append((method, rule.rule, query, status))
    assert leaks == []


def test_she_sees_her_own_in_every_list_and_count(
    counsellor: Browser, console: Console, theirs: list[Foreign]
) -> None:
    counsellor.get("/school/")
    assert "1 人尚未确认" in counsellor.text
    menu = [each.get_text(strip=True) for each in counsellor.find_all("ul.menu a")]
    assert menu == ["首页", "毕业生", "登记确认", "统计", "消息与提醒", "任务"]
    counsellor.get("/school/graduates")
    assert "全部 1" in counsellor.text
    counsellor.follow("欧阳晓")
    assert counsellor.status == 200
    for words in ("显示", "更正登记…", "更正基本信息…", "解除微信绑定", "停用这条记录"):
        assert words not in counsellor.text
    form = counsellor.get("/school/graduates").find("form[action*='/export']")
    rows = rows_of(counsellor.submit(form).submit("#live form").body)
    assert [row[1] for row in rows[1:]] == ["欧阳晓"]


def test_a_major_is_all_of_its_classes_of_that_department_alone(
    console: Console, counsellor: Browser
) -> None:
    campus, staff = console.campus, console.staff["counsellor"]
    for department in (0, 1):
        campus.graduate("李娟", department, major="网络工程", class_name="网络2201")
    campus.graduate("王芳", major="网络工程", class_name="")
    charge(campus, staff.id, major="网络工程")
    scope = Scope(campus.school.id, counsellor_id=staff.id)
    with console.resources.readers() as session:
        listed = graduates.page(session, scope, GraduateFilter(2026), Place()).rows
        assert sorted(each.name for each in listed) == ["李娟", "欧阳晓", "王芳"]
        assert [name for _, name in filter_choices.departments(session, scope)] == ["计算机学院"]


def test_without_a_charge_she_sees_nobody(console: Console, counsellor: Browser) -> None:
    with console.resources.sessions.begin() as session:
        session.execute(update(StaffCharge).values(class_name="", major=""))
    assert "全部 0" in counsellor.get("/school/graduates").text
    assert "请学校在“工作人员”里核对您的分管范围" in counsellor.get("/school/").text


def test_her_reminder_reaches_her_people_and_is_hers(
    console: Console, counsellor: Browser, template: None, theirs: list[Foreign]
) -> None:
    with console.resources.sessions.begin() as session:
        staff = console.staff["counsellor"]
        scope = Scope(console.campus.school.id, counsellor_id=staff.id)
        draft = campaigns.Draft("提醒", "confirmation_reminder", Audience(2026), TEXTS)
        made = campaigns.create(session, scope, draft, by=staff.actor, at=console.campus.at)
        campaigns.start(session, scope, made.key, at=console.campus.at)
        key = made.key
    expansion.expand_due(console.resources)
    with console.resources.readers() as session:
        reached = select(Graduate.name).join(Message, Message.graduate_id == Graduate.id)
        reached = reached.join(Campaign, Campaign.id == Message.campaign_id)
        assert session.scalars(reached.where(Campaign.key == key)).all() == ["欧阳晓"]
    page = counsellor.get(f"/school/campaigns/{key}")
    assert "辅导员分管的班级和专业" in page.text
    assert console.browser("department").get(f"/school/campaigns/{key}").status == 404
    whole = console.browser("school").get(f"/school/campaigns/{key}")
    assert whole.status == 200


def test_a_version_before_her_does_not_send_it_to_the_whole_school(
    console: Console, counsellor: Browser
) -> None:
    """A worker that knows no counsellors refuses a word of the audience, and pauses it."""
    staff = console.staff["counsellor"]
    scope = Scope(console.campus.school.id, counsellor_id=staff.id)
    draft = campaigns.Draft("提醒", "confirmation_reminder", Audience(2026), TEXTS)
    columns = campaigns.columns(scope, draft, by=staff.actor, at=console.campus.at)
    assert columns["audience"]["counsellor"] == staff.id
    whole = campaigns.columns(Scope(1), draft, by=staff.actor, at=console.campus.at)
    assert "counsellor" not in whole["audience"]


def test_a_list_made_in_the_background_holds_her_people(
    console: Console,
    counsellor: Browser,
    theirs: list[Foreign],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    leave_to_workers(monkeypatch, {TaskKind.GRADUATES})
    counsellor.get("/school/graduates").submit("form[action*='/export']")
    page = counsellor.path
    with console.resources.sessions.begin() as session:
        others = update(Task).where(Task.kind == TaskKind.NUMBERS)
        session.execute(others, {"kind": TaskKind.GRADUATES})
    while run.run_next(console.resources, "http://localhost", recipient_lists.PROCEDURES):
        pass
    counsellor.get(page).submit("form[action$='/file']")
    assert [row[1] for row in rows_of(counsellor.body)[1:]] == ["欧阳晓"]
    assert console.browser("department").get(page).status == 404


def test_what_the_campaigns_list_shows_is_hers(
    console: Console, counsellor: Browser, theirs: list[Foreign]
) -> None:
    assert CANARY not in counsellor.get("/school/campaigns").text
    assert CANARY not in counsellor.get("/school/tasks").text
    with console.resources.readers() as session:
        assert session.scalars(select(Campaign.id)).all() != []
