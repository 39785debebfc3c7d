"""A graduate looks at what was registered and answers."""

from datetime import date, datetime, time

import pytest

from registry.base.clock import SHANGHAI
from registry.record.confirmation import confirm, snapshots
from registry.record.confirmation.snapshots import Given
from registry.record.tables import Answer, Graduate
from tests.pages import Browser
from tests.wxapp.school.records import Campus
from tests.wxapp.site import Site

PAGE = "/g/confirmation"


def report(campus: Campus, graduate: Graduate) -> None:
    campus.school.helpline = "010-67410388"
    campus.school.breach_url = "https://example.com/four-donts"
    campus.report(graduate, file_location="山东省青岛市")


def report_in_province(campus: Campus, graduate: Graduate) -> None:
    campus.school.correction_system = "山东省高校毕业生就业信息网"
    campus.school.correction_url = "https://example.com/sd"
    campus.school.synced_at = campus.at
    report(campus, graduate)


@pytest.fixture
def graduate(site: Site) -> Graduate:
    return site.graduate(report)


@pytest.fixture
def browser(site: Site, graduate: Graduate) -> Browser:
    return site.enter(site.bind(graduate), "confirmation")


def answers(site: Site, graduate: Graduate) -> list[Given]:
    return list(site.read(lambda session: snapshots.given(session, graduate.id)))


def test_the_page_says_what_the_guide_says(browser: Browser) -> None:
    for words in (
        "李娟",
        "签就业协议形式就业",
        "青岛市人才服务中心",
        "迁回生源地",
        "以上毕业去向信息由学校导入，2026年06月10日生效，请根据实际情况，认真核对确认。",
        "信息无误，确认登记去向",
        "信息有误，需更新后确认",
        "违反“四不准”行为举报",
        "010-67410388",
    ):
        assert words in browser.text


def test_right_is_kept_with_what_she_saw(site: Site, browser: Browser, graduate: Graduate) -> None:
    browser.submit("#right")
    assert "确认完成" in browser.text
    assert site.state_of(graduate) == "confirmed"
    (kept,) = answers(site, graduate)
    assert kept.snapshot["unit_name"] == "青岛海纳软件有限公司"
    assert "确认无误" in browser.get(PAGE).text


def test_pressing_twice_answers_once(site: Site, browser: Browser, graduate: Graduate) -> None:
    sent = browser.fill("#right")
    browser.post(PAGE, sent)
    again = browser.post(PAGE, sent)
    assert again.status == 200
    assert "确认完成" in again.text
    assert len(answers(site, graduate)) == 1


def test_wrong_names_what_and_keeps_her_words(
    site: Site, browser: Browser, graduate: Graduate
) -> None:
    browser.submit("#wrong", items=["file"], note="档案应转到青岛市南区")
    assert site.state_of(graduate) == "disputed"
    page = browser.get(PAGE)
    assert "档案应转到青岛市南区" in page.text
    assert "有误的部分 档案转递" in page.text


def test_wrong_without_saying_where_is_asked_again(
    site: Site, browser: Browser, graduate: Graduate
) -> None:
    browser.submit("#wrong", note="单位不对")
    assert browser.status == 400
    assert "请勾选信息有误的部分" in browser.find("[role=alert]").get_text()
    assert browser.find("textarea").get_text(strip=True) == "单位不对"
    assert browser.find(".when-wrong").has_attr("open")
    assert browser.find("#wrong [role=alert]")
    assert site.state_of(graduate) == "unconfirmed"


def test_an_answer_that_is_none_is_asked_again(browser: Browser) -> None:
    sent = browser.fill("#right")
    sent.setlist("answer", [])
    browser.post(PAGE, sent)
    assert browser.status == 400
    assert "请先选择" in browser.find("[role=alert]").get_text()


def test_a_dispute_is_withdrawn_and_answered_again(
    site: Site, browser: Browser, graduate: Graduate
) -> None:
    browser.submit("#wrong", items=["destination"])
    browser.get(PAGE).submit(button="实际信息无误，撤销确认")
    assert site.state_of(graduate) == "unconfirmed"
    assert not browser.find_all(".sheet-line_changed")
    browser.submit("#right")
    assert site.state_of(graduate) == "confirmed"
    kept = [each.answer.answer for each in answers(site, graduate)]
    assert kept == [Answer.CORRECT, Answer.WITHDRAWN, Answer.WRONG]
    history = browser.get("/g/confirmation/history").text
    assert "有误的部分：毕业去向" in history


def test_an_answer_to_a_version_that_is_gone_is_refused_and_the_new_one_shown(
    site: Site, browser: Browser, graduate: Graduate
) -> None:
    sent = browser.fill("#right")
    site.change(graduate, lambda campus, her: campus.report(her, unit_name="海尔集团公司"))
    page = browser.post(PAGE, sent)
    assert page.status == 400
    assert "刚刚有变化" in page.find("[role=alert]").get_text()
    assert "海尔集团公司" in page.text
    assert site.state_of(graduate) == "unconfirmed"
    assert page.submit("#right").status == 200
    assert site.state_of(graduate) == "confirmed"


def test_after_a_change_only_what_changed_is_marked(
    site: Site, browser: Browser, graduate: Graduate
) -> None:
    browser.submit("#right")
    site.change(graduate, lambda campus, her: campus.report(her, unit_name="海尔集团公司"))
    page = browser.get(PAGE)
    (line,) = page.find_all(".sheet-line_changed")
    assert line.find("del") is not None
    assert "青岛海纳软件有限公司" in line.get_text()
    assert "海尔集团公司" in line.get_text()
    assert "只需核对标出的 1 处" in page.text
    assert "有变化" in browser.get("/g/").text


def test_where_the_province_has_its_own_system_she_is_sent_there(site: Site) -> None:
    graduate = site.graduate(report_in_province)
    page = site.enter(site.bind(graduate), "confirmation")
    page.submit("#wrong", items=["file"])
    assert "请在山东省高校毕业生就业信息网更新信息" in page.text
    assert "最近一次同步：今天 10:00" in page.text
    assert page.find("a[href='https://example.com/sd']")


def test_before_the_report_there_is_nothing_to_confirm(site: Site) -> None:
    page = site.enter(site.bind(site.graduate()), "confirmation")
    assert "您尚未登记毕业去向" in page.text
    assert not page.find_all("form")


def test_the_strip_says_where_she_stands(site: Site, browser: Browser) -> None:
    steps = [each.get_text(" ", strip=True) for each in browser.get("/g/").find_all(".strip li")]
    assert steps == ["上报 6月10日", "确认 待确认", "授权 未开始"]
    assert browser.find("[aria-current=step]").get_text(" ", strip=True) == "确认 待确认"
    assert "去向已上报，请核对并确认。完成确认后可授权核验。" in browser.text
    browser.follow("去确认").submit("#right")
    steps = [each.get_text(" ", strip=True) for each in browser.get("/g/").find_all(".strip li")]
    assert steps == ["上报 6月10日", "确认 6月10日", "授权 未授权"]


@pytest.mark.parametrize(
    ("day", "said"),
    [
        (date(2026, 8, 19), "去确认（还剩 12 天）"),
        (date(2026, 8, 31), "去确认（今天截止）"),
        (date(2026, 9, 1), "去确认"),
    ],
)
def test_the_button_says_how_long_is_left(
    site: Site, graduate: Graduate, day: date, said: str
) -> None:
    site.clock.set(datetime.combine(day, time(0, 30), SHANGHAI))
    page = site.enter(site.bind(graduate))
    assert page.find(".phone-thumb a").get_text(strip=True) == said


def test_two_of_her_windows_cannot_answer_against_each_other(
    site: Site, browser: Browser, graduate: Graduate
) -> None:
    wrong = browser.fill("#wrong", items=["file"], note="档案寄回原籍")
    site.change(
        graduate,
        lambda campus, her: confirm.answer(
            campus.session,
            her.id,
            confirm.Reply(Answer.CORRECT, her.registration_id or 0),
            channel="wechat",
            at=campus.at,
        ),
    )
    assert browser.post(PAGE, wrong).status == 400
    assert site.state_of(graduate) == "confirmed"
    assert "您已确认无误，刚才提交的内容没有保存。" in browser.text
    assert "没有保存的内容 有误的部分 档案转递 补充说明 档案寄回原籍" in browser.text


def test_a_second_window_that_names_another_fault_is_told_what_stands(
    site: Site, browser: Browser, graduate: Graduate
) -> None:
    first, other_fault, other_words = (
        browser.fill("#wrong", items=items, note=note)
        for items, note in (
            (["destination"], "单位换了"),
            (["file", "household"], "单位换了"),
            (["destination"], "单位名称少一个字"),
        )
    )
    browser.post(PAGE, first)
    assert browser.post(PAGE, first).status == 200
    assert browser.post(PAGE, other_fault).status == 400
    assert "您已反映信息有误，刚才提交的内容没有保存。" in browser.text
    assert "有误的部分 档案转递、户口迁移 补充说明 单位换了" in browser.text
    assert browser.post(PAGE, other_words).status == 400
    assert "补充说明 单位名称少一个字" in browser.text
    assert [each.answer.items for each in answers(site, graduate)] == [["destination"]]


def test_her_own_particulars_stand_on_the_page(browser: Browser) -> None:
    for words in ("姓名 李娟", "学历 本科", "毕业时间 2026年6月"):
        assert words in browser.find("[aria-label=基本信息]").get_text(" ", strip=True)


@pytest.mark.parametrize(
    "changed", [{"name": "李绢"}, {"major": "通信工程"}, {"graduation_month": "202607"}]
)
@pytest.mark.parametrize("form", ["right", "wrong"])
def test_what_she_did_not_see_of_herself_is_not_answered(
    site: Site, browser: Browser, graduate: Graduate, changed: dict[str, str], form: str
) -> None:
    wrong = form == "wrong"
    answer = browser.fill("#wrong", items=["basic"]) if wrong else browser.fill("#right")
    site.change(graduate, lambda campus, her: campus.correct(her, **changed))
    assert browser.post(PAGE, answer).status == 400
    assert "刚刚有变化，请核对最新内容" in browser.text
    assert site.state_of(graduate) == "unconfirmed"
    assert answers(site, graduate) == []
    browser.submit("#right")
    assert [each.snapshot | changed == each.snapshot for each in answers(site, graduate)] == [True]


def test_a_new_contact_is_shown_and_asks_for_nothing(
    site: Site, browser: Browser, graduate: Graduate
) -> None:
    browser.submit("#right")
    site.change(graduate, lambda campus, her: campus.report(her, file_contact="档案科"))
    page = browser.get(PAGE)
    assert site.state_of(graduate) == "confirmed"
    assert "1 处联系信息更新，不影响您的确认" in page.text
    assert "档案科" in page.find(".sheet-line_changed").get_text()
