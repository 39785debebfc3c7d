"""Two of a school's staff at the same matter: nothing is overwritten that one of them never saw."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from notifier.ledger.tables import Binding, Campaign, Follower, Message
from registry.record.tables import Graduate, Registration
from tests.pages import Browser
from tests.wxapp.school.at_once import send_at_once
from tests.wxapp.school.conftest import Console
from tests.wxapp.school.test_odd_sequences import Form, deeds, merge

DATA = {"occasion": "corrected", "reason": "本人持证件到校"}
WHY = {"reason": "本人来函"}
CORRECTION = "form:has([name=reason])"


@pytest.fixture
def graduate(console: Console) -> Graduate:
    found = console.campus.report(console.campus.graduate("欧阳晓"))
    console.campus.save()
    return found


def correction(console: Console, graduate: Graduate, **values: str) -> Form:
    path = f"/school/graduates/{graduate.key}/correction"
    return Form(console.browser(), path, CORRECTION, **WHY, **values)


def person(console: Console, graduate: Graduate, **values: str) -> Form:
    path = f"/school/graduates/{graduate.key}/person"
    return Form(console.browser(), path, "form.stack", **DATA, **values)


def test_a_correction_does_not_undo_what_another_corrected_meanwhile(
    console: Console, graduate: Graduate
) -> None:
    one = correction(console, graduate, unit_name="青岛新海科技有限公司")
    other = correction(console, graduate, unit_phone="0532-86981234")
    one.send()
    page = other.send()
    assert page.status == 400
    assert "已由他人更改" in page.find("[role=alert]").get_text()
    assert "青岛新海科技有限公司" in page.find("[role=alert]").get_text()
    assert page.find("[name=unit_phone]")["value"] == "0532-86981234"
    assert deeds(console, "registration_corrected") == 1
    page.submit(CORRECTION, unit_name="青岛新海科技有限公司")
    with console.resources.readers() as session:
        newest = session.scalars(select(Registration).order_by(Registration.id.desc())).first()
    assert newest is not None
    assert (newest.unit_name, newest.unit_phone) == ("青岛新海科技有限公司", "0532-86981234")
    assert deeds(console, "registration_corrected") == 2


def test_a_wrong_correction_that_is_mended_still_does_not_undo_anothers(
    console: Console, graduate: Graduate
) -> None:
    page = correction(console, graduate, unit_phone="abc").send()
    assert "请填写手机号" in page.text
    correction(console, graduate, unit_name="青岛新海科技有限公司").send()
    page.submit(CORRECTION, unit_phone="")
    assert "已由他人更改" in page.find("[role=alert]").get_text()
    assert deeds(console, "registration_corrected") == 1


def test_her_data_are_not_set_back_by_who_had_them_open_before(
    console: Console, graduate: Graduate
) -> None:
    one = person(console, graduate, class_name="软件2202")
    other = person(console, graduate, major="网络工程")
    one.send()
    page = other.send()
    assert page.status == 400
    assert "已由他人更改" in page.find("[role=alert]").get_text()
    assert "软件2202" in page.find("[role=alert]").get_text()
    assert page.find("[name=major]")["value"] == "网络工程"
    assert deeds(console, "graduate_corrected") == 1
    page.submit("form.stack", class_name="软件2202")
    assert deeds(console, "graduate_corrected") == 2
    shown = page.get(f"/school/graduates/{graduate.key}").text
    assert "软件2202" in shown
    assert "网络工程" in shown


def test_her_phone_that_another_changed_meanwhile_is_no_secret_told(
    console: Console, graduate: Graduate
) -> None:
    one = person(console, graduate, phone="13900001234")
    other = person(console, graduate, major="网络工程")
    one.send()
    page = other.send()
    assert "已由他人更改" in page.find("[role=alert]").get_text()
    assert "13900001234" not in page.text


@pytest.fixture
def reminded(reachable: Console, template: None) -> Console:
    """Have what came of the reports, the same card as a reminder's, be of the day before."""
    del template
    of_yesterday(reachable)
    return reachable


def of_yesterday(console: Console) -> None:
    console.campus.session.execute(
        update(Message).values(created_at=console.campus.at - timedelta(days=1))
    )
    console.campus.save()


def draft(console: Console, **written: str) -> Browser:
    browser = console.browser().get("/school/campaigns/new")
    return browser.submit("main form", "下一步：核对", deadline="2026-06-30", **written)


def start(console: Console, page: Browser) -> Form:
    """Open the draft in a tab of its own, to press the button that sends later."""
    return Form(console.browser(), page.path, "form[action*='move/start']")


def rewriting(console: Console, page: Browser, **written: str) -> Form:
    key = page.path.rpartition("/")[2]
    path = f"/school/campaigns/new?draft={key}"
    return Form(console.browser(), path, "main form", **written)


def campaign_of(console: Console, page: Browser) -> Campaign:
    with console.resources.readers() as session:
        wanted = select(Campaign).where(Campaign.key == page.path.split("?")[0].split("/")[3])
        return session.scalars(wanted).one()


def test_a_draft_keeps_what_another_wrote_into_it_meanwhile(reminded: Console) -> None:
    page = draft(reminded)
    one = rewriting(reminded, page, title="六月提醒")
    other = rewriting(reminded, page, item="尽快确认")
    one.action = other.action = "/school/campaigns/new"
    one.send()
    late = other.send()
    assert late.status == 400
    assert "草稿已由他人修改" in late.find("[role=alert]").get_text()
    assert late.fill("main form")["item"] == "尽快确认"
    assert campaign_of(reminded, page).title == "六月提醒"
    late.submit("main form", "下一步：核对", title="六月提醒")
    assert campaign_of(reminded, page).title == "六月提醒"
    assert "尽快确认" in late.find(".phone-card").get_text()


def test_what_another_changed_in_a_draft_is_not_sent_unseen(reminded: Console) -> None:
    page = draft(reminded)
    mine = start(reminded, page)
    rewriting(reminded, page, item="尽快确认").send()
    late = mine.send()
    assert late.status == 400
    assert "草稿已由他人修改" in late.find("[role=alert]").get_text()
    assert "尽快确认" in late.find(".phone-card").get_text()
    assert campaign_of(reminded, page).state == "draft"
    late.submit("form[action*='move/start']")
    assert campaign_of(reminded, page).state == "scheduled"


def more_people(console: Console, number: int) -> None:
    campus = console.campus
    for each in range(number):
        found = campus.report(campus.graduate(f"新{each}"))
        campus.session.add(Follower(openid=f"n{each}", subscribed=True, changed_at=campus.at))
        campus.session.add(Binding(openid=f"n{each}", graduate_id=found.id, bound_at=campus.at))
    campus.save()
    of_yesterday(console)


def test_clearly_more_people_than_the_button_said_are_asked_about_again(
    reminded: Console,
) -> None:
    mine = start(reminded, draft(reminded))
    more_people(reminded, 11)
    late = mine.send()
    assert late.status == 400
    assert "由 1 人变为 12 人" in late.find("[role=alert]").get_text()
    assert "发送给 12 人" in late.text
    late.submit("form[action*='move/start']")
    assert "待开始" in late.text


def test_a_few_who_bind_meanwhile_do_not_keep_a_reminder_from_starting(
    reminded: Console,
) -> None:
    mine = start(reminded, draft(reminded))
    more_people(reminded, 10)
    assert "待开始" in mine.send().text


def test_who_is_reported_meanwhile_and_told_by_that_is_not_asked_about(reminded: Console) -> None:
    mine = start(reminded, draft(reminded))
    more_people(reminded, 3)
    new = select(Graduate.id).where(Graduate.name.startswith("新"))
    told = update(Message).where(Message.graduate_id.in_(new))
    reminded.campus.session.execute(told.values(created_at=reminded.campus.at))
    reminded.campus.save()
    assert "待开始" in mine.send().text


def test_two_who_start_the_same_reminder_are_asked_the_second_time(reminded: Console) -> None:
    one, other = start(reminded, draft(reminded)), start(reminded, draft(reminded))
    one.send()
    late = other.send()
    assert late.status == 400
    assert "1 人今天已收到或即将收到同样的消息" in late.find("[role=alert]").get_text()
    assert "待开始" in late.submit("form[action*='move/start']").text


@pytest.mark.parametrize(
    ("starts", "warned"), [("2026-06-10T17:00", True), ("2026-06-11T09:00", False)]
)
def test_a_reminder_of_later_today_counts_as_one_they_are_about_to_get(
    reminded: Console, starts: str, *, warned: bool
) -> None:
    start(reminded, draft(reminded, start_at=starts)).send()
    assert ("1 人今天已收到或即将收到" in draft(reminded).text) is warned


def test_a_second_start_of_one_reminder_is_none_and_the_log_has_one(reminded: Console) -> None:
    page = draft(reminded)
    one, other = start(reminded, page), start(reminded, page)
    for each in (one, other, one):
        assert "待开始" in each.send().text
    assert deeds(reminded, "campaign_start") == 1


def test_two_drafts_of_one_reminder_that_are_started_at_once_do_not_both_go_out(
    reminded: Console,
) -> None:
    forms = [start(reminded, draft(reminded)) for _ in range(4)]
    assert sorted(send_at_once(*forms)) == [200, 400, 400, 400]
    assert deeds(reminded, "campaign_start") == 1


def test_a_reminder_that_would_reach_nobody_any_more_is_not_started_unseen(
    reminded: Console,
) -> None:
    mine = start(reminded, draft(reminded, **{"class": "软件2201"}))
    reminded.campus.session.execute(update(Graduate).values(class_name="软件一班"))
    reminded.campus.save()
    late = mine.send()
    assert late.status == 400
    assert "现在没有可送达的毕业生" in late.find("[role=alert]").get_text()


def test_a_departments_reminder_is_asked_about_again_once_the_department_has_others(
    reminded: Console,
) -> None:
    campus = reminded.campus
    source, target = campus.departments
    page = reminded.browser("department").get("/school/campaigns/new")
    page.submit("main form", "下一步：核对", deadline="2026-06-30")
    mine = Form(reminded.browser("department"), page.path, "form[action*='move/start']")
    her = campus.report(campus.graduate("钱多", department=1))
    campus.session.add(Follower(openid="n", subscribed=True, changed_at=campus.at))
    campus.session.add(Binding(openid="n", graduate_id=her.id, bound_at=campus.at))
    campus.save()
    of_yesterday(reminded)
    merge(reminded, source, target).send()
    late = mine.send()
    assert late.status == 400
    assert "院系已合并" in late.find("[role=alert]").get_text()
