"""The operator renames schools and merges them, and is told beforehand what follows."""

import pytest
from sqlalchemy import func, select

from notifier.campaigns import recipient_lists
from registry.accounts.school_tables import School
from registry.record.tables import Graduate
from registry.tasks import run
from tests.pages import Browser
from tests.wxapp.ops.conftest import Platform
from tests.wxapp.school.records import open_campus


@pytest.fixture
def source(platform: Platform) -> School:
    """Give a school of two people beside the first one, which has one."""
    platform.site.graduate(lambda _, graduate: setattr(graduate, "student_number", "1"))
    with platform.resources.sessions.begin() as session:
        campus = open_campus(session, platform.clock(), "10001", vault=platform.resources.vault)
        campus.graduate("王芳", identity_index="王芳")
        campus.graduate("李娟", identity_index="李娟")
        return campus.school


@pytest.fixture
def browser(platform: Platform, source: School) -> Browser:
    return platform.browser()


def schools(platform: Platform) -> dict[str, int]:
    counted = select(School.name, func.count()).join(Graduate, Graduate.school_id == School.id)
    rows = platform.site.read(lambda session: session.execute(counted.group_by(School.name)).all())
    return dict(rows)


def test_a_school_is_found_and_gets_another_name(browser: Browser) -> None:
    browser.get("/ops/schools").submit("form[action='/ops/schools']", q="10001")
    browser.follow("测试大学10001")
    assert "仍是签发时的名称" in browser.text
    browser.submit("form[action$='/name']", name="测试理工大学")
    assert browser.find("h1").get_text() == "测试理工大学"
    assert "更名 ：测试大学10001 → 测试理工大学" in browser.text
    assert "没有找到“测试大学10001”" in browser.get("/ops/schools?q=测试大学10001").text


@pytest.mark.parametrize("name", ["", "测试大学10425", "测试大学10001"])
def test_a_name_that_cannot_be_is_refused(browser: Browser, source: School, name: str) -> None:
    path = f"/ops/schools/{source.key}"
    token = browser.get(path).fill("form[action$='/name']")["csrf_token"]
    browser.post(f"{path}/name", {"name": name, "csrf_token": token})
    assert browser.status == 400
    assert browser.find("#wrong-name")


def give_first_number(platform: Platform, source: School) -> None:
    """Give somebody of the school the number that somebody of the other school has."""
    theirs = select(Graduate).where(Graduate.school_id == source.id, Graduate.name == "王芳")
    with platform.resources.sessions.begin() as session:
        session.scalars(theirs).one().student_number = "1"


def ask_for_merge(browser: Browser, source: School, into: str = "10425") -> Browser:
    return browser.get(f"/ops/schools/{source.key}").submit("form[action$='/merge']", into=into)


def test_a_merge_is_seen_before_it_is_done_by_a_worker(
    platform: Platform, browser: Browser, source: School
) -> None:
    ask_for_merge(browser, source)
    assert "2 人" in browser.text
    assert "与对方同名的合为一个：化工学院、计算机学院" in browser.text
    browser.submit("main form[method=post]", reason="教育部批复")
    assert "排队中" in browser.text
    assert schools(platform) == {"测试大学10425": 1, "测试大学10001": 2}
    assert run.run_next(platform.resources, "", recipient_lists.PROCEDURES)
    browser.get(browser.path)
    assert "已合并" in browser.text
    assert schools(platform) == {"测试大学10425": 3}
    browser.get("/ops/schools").follow("测试大学10425")
    assert "测试大学10001（10001）并入，2 人，原因：教育部批复" in browser.text


def test_what_stands_against_it_is_named_and_it_cannot_be_asked_for(
    platform: Platform, browser: Browser, source: School
) -> None:
    give_first_number(platform, source)
    ask_for_merge(browser, source)
    assert "1 个学号在同一届里两校都有" in browser.text
    assert "2026 届 1" in browser.text
    assert not browser.find_all("main form[method=post] button.btn-danger")


def test_a_conflict_that_comes_in_between_ends_it_with_nothing_moved(
    platform: Platform, browser: Browser, source: School
) -> None:
    ask_for_merge(browser, source).submit("main form[method=post]", reason="教育部批复")
    give_first_number(platform, source)
    assert run.run_next(platform.resources, "", recipient_lists.PROCEDURES)
    browser.get(browser.path)
    assert "没有合并" in browser.text
    assert "1 个学号在同一届里两校都有" in browser.text
    assert schools(platform) == {"测试大学10425": 1, "测试大学10001": 2}


@pytest.mark.parametrize("into", ["99999", "1", ""])
def test_a_code_nobody_has_is_said(browser: Browser, source: School, into: str) -> None:
    browser.get(f"/ops/schools/{source.key}/merge?into={into}")
    assert (browser.status, "没有这个院校代码" in browser.text) == (400, True)


def test_a_school_is_not_merged_into_itself(browser: Browser, source: School) -> None:
    ask_for_merge(browser, source, source.code)
    assert "不能并入自己" in browser.text


def test_a_merge_wants_a_reason(browser: Browser, source: School) -> None:
    ask_for_merge(browser, source)
    sent = browser.fill("main form[method=post]", reason=" ")
    browser.post(f"/ops/schools/{source.key}/merge", sent)
    assert (browser.status, "请填写合并原因" in browser.text) == (400, True)


NEW = {"name": "甲大学", "code": "10009", "province": "370000", "helpline": "0531-12345678"}


def add(browser: Browser, **changed: str) -> Browser:
    browser.get("/ops/schools").follow("新增学校")
    sent = browser.fill("main form")
    return browser.post("/ops/schools/new", {**sent, **NEW, **changed})


def test_a_new_school_gets_its_first_account_who_signs_in(
    platform: Platform, browser: Browser
) -> None:
    browser.get("/ops/schools").follow("新增学校").submit("main form", **NEW)
    assert browser.find("h1").get_text() == "甲大学的管理账号"
    browser.submit("main form", name="张老师", login="zhang")
    password = browser.find("#first-password").get_text()
    hers = platform.site.browser().get("/login").submit("form", login="zhang", password=password)
    assert "请先设置自己的密码" in hers.text
    browser.get("/ops/schools?q=10009").follow("甲大学")
    assert "院校代码 10009 · 山东省" in browser.text
    assert "王老师 · 新增" in browser.text
    assert "新增了学校" in browser.get("/ops/audit").text


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        *(("name", " ", "请填写学校名称"), ("name", "测试大学10425", "已有一所学校叫这个名称")),
        *(("code", "1000", "5 位数字"), ("code", "1000a", "5 位数字")),
        *(("code", "10425", "已有学校使用"), ("province", "370100", "请选择学校所在省份")),
        *(("breach_url", "www.a.cn", "https://"), ("helpline", "电" * 121, "120 个字")),
        *(("correction_url", "ftp://a.cn", "https://"), ("correction_system", "系" * 81, "80")),
        *(("breach_url", "https://", "https://"), ("breach_url", "http://[a.cn", "https://")),
    ],
)
def test_what_a_school_cannot_have_is_said_at_its_field_and_kept(
    platform: Platform, browser: Browser, field: str, value: str, said: str
) -> None:
    add(browser, **{field: value})
    assert browser.status == 400
    assert said in browser.find(f"#wrong-{field}").get_text()
    assert browser.find("#helpline")["value"] == (value if field == "helpline" else NEW["helpline"])
    assert "甲大学" not in schools_named(platform)


def test_the_address_of_a_system_wants_its_name(browser: Browser) -> None:
    add(browser, correction_url="https://example.cn")
    assert browser.find("#wrong-correction_system").get_text() == "请填写省级系统名称。"


def schools_named(platform: Platform) -> set[str]:
    return set(platform.site.read(lambda session: session.scalars(select(School.name)).all()))
