"""A reminder: whom it reaches, what it says, checked before it is sent, watched, stopped."""

from io import BytesIO

import pytest
import python_calamine
from sqlalchemy import select, text, update

from notifier.binding import colleagues
from notifier.ledger import mark
from notifier.ledger.quota import day_of
from notifier.ledger.tables import Binding, Campaign, Message, QuotaDay
from registry.record.tables import Graduate
from tests.pages import Browser
from tests.wxapp.school.conftest import Console
from wxapp.school.campaign_pages import RECEIPTS_COME


def draft(console: Console, **written: str) -> Browser:
    browser = console.browser().get("/school/campaigns/new")
    return browser.submit("main form", "下一步：核对", **{"deadline": "2026-06-30", **written})


def state_of(console: Console) -> str:
    with console.resources.readers() as session:
        return session.scalars(select(Campaign.state)).one()


def rows_of(browser: Browser) -> list[list[str]]:
    book = python_calamine.CalamineWorkbook.from_filelike(BytesIO(browser.body))
    return [[str(cell) for cell in row] for row in book.get_sheet_by_index(0).to_python()]


def test_the_form_tells_how_many_are_reached_and_shows_a_real_card(reachable: Console) -> None:
    browser = reachable.browser().get("/school/campaigns/new")
    assert "共 3 人 · 未绑定 1 · 未关注 1" in browser.text
    assert "李娟 将收到" in browser.text
    assert "核对并确认毕业去向登记" in browser.find(".phone-card").get_text()
    assert "今日剩余额度" in browser.text


def test_htmx_gets_the_effect_alone(reachable: Console) -> None:
    browser = reachable.browser().get("/school/campaigns/new")
    sent = browser.fill("main form", item="尽快确认")
    browser.post("/school/campaigns/preview", sent, {"HX-Request": "true"})
    assert "尽快确认" in browser.find(".phone-card").get_text()
    assert not browser.find_all("form")


def test_without_javascript_the_effect_comes_with_the_whole_form(reachable: Console) -> None:
    browser = reachable.browser().get("/school/campaigns/new")
    key = reachable.campus.departments[1].key
    sent = browser.fill("main form", departments=[key], title="化工学院提醒")
    browser.post("/school/campaigns/preview", sent)
    assert "共 0 人" in browser.text
    assert browser.fill("main form")["title"] == "化工学院提醒"


def test_a_pasted_list_of_numbers_chooses_and_names_those_it_missed(reachable: Console) -> None:
    with reachable.resources.readers() as session:
        found = select(Graduate.student_number).where(Graduate.name.in_(("李娟", "王建国")))
        numbers = session.scalars(found).all()
    browser = reachable.browser().get("/school/campaigns/new")
    pasted = f" {numbers[0]}\r\n{numbers[1]}，{numbers[0]}、S999999\n"
    browser.post("/school/campaigns/preview", browser.fill("main form", student_numbers=pasted))
    assert "共 2 人" in browser.text
    assert "名单中有 1 个学号没有找到：S999999。" in browser.text
    assert "S999999" in browser.fill("main form")["student_numbers"]
    browser.submit("main form", "下一步：核对")
    assert "共 2 人" in browser.text


def uploaded(console: Console, content: bytes, **written: str) -> Browser:
    browser = console.browser().get("/school/campaigns/new")
    file = (BytesIO(content), "名单.csv")
    sent = browser.fill("main form", "读入学号", numbers=file, **written)
    return browser.post("/school/campaigns/numbers", sent)


def test_an_uploaded_list_chooses_and_nothing_written_is_lost(reachable: Console) -> None:
    with reachable.resources.readers() as session:
        found = select(Graduate.student_number).where(Graduate.name.in_(("李娟", "王建国")))
        numbers = session.scalars(found).all()
    table = f"姓名,学号\n李娟,{numbers[0]}\n王建国,{numbers[1]}\n谁,S999999\n"
    browser = uploaded(reachable, table.encode("utf-8-sig"), title="按名单提醒")
    assert "共 2 人" in browser.text
    assert "名单中有 1 个学号没有找到：S999999。" in browser.text
    assert browser.fill("main form")["title"] == "按名单提醒"
    browser.submit("main form", "下一步：核对", deadline="2026-06-30")
    assert "共 2 人" in browser.text


def test_a_file_without_student_numbers_is_refused_and_what_was_pasted_stays(
    reachable: Console,
) -> None:
    browser = uploaded(reachable, "姓名\n李娟\n".encode(), student_numbers="S000001")
    assert browser.status == 400
    assert "没有找到“学号”这一列" in browser.find("[role=alert]").get_text()
    assert browser.fill("main form")["student_numbers"] == "S000001"


def test_a_file_needs_the_forms_token(reachable: Console) -> None:
    browser = reachable.browser().get("/school/campaigns/new")
    file = {"numbers": (BytesIO("学号\n1\n".encode()), "名单.csv")}
    assert browser.post("/school/campaigns/numbers", file).status == 400


def test_a_department_finds_only_its_own_people_in_a_list(reachable: Console) -> None:
    with reachable.resources.readers() as session:
        number = session.scalars(select(Graduate.student_number)).first()
        elsewhere = reachable.campus.departments[1].id
    with reachable.resources.sessions.begin() as session:
        session.execute(update(Graduate).values(department_id=elsewhere))
    browser = reachable.browser("department").get("/school/campaigns/new")
    sent = browser.fill("main form", student_numbers=str(number))
    browser.post("/school/campaigns/preview", sent)
    assert f"没有找到：{number}" in browser.text


def test_a_list_too_long_is_said_and_kept(reachable: Console) -> None:
    pasted = "\n".join(f"20220101{number:06}" for number in range(5001))
    browser = draft(reachable, student_numbers=pasted)
    assert browser.status == 400
    assert "最多 5,000 个" in browser.find("[role=alert]").get_text()
    assert "20220101005000" in browser.fill("main form")["student_numbers"]


def test_a_reminder_can_be_for_those_without_a_wechat_or_a_file(reachable: Console) -> None:
    browser = reachable.browser().get("/school/campaigns/new")
    for written, expected in (
        ({"bound": "no"}, "共 1 人 · 未绑定 1"),
        ({"bound": "yes"}, "共 2 人"),
    ):
        browser.post("/school/campaigns/preview", browser.fill("main form", **written))
        assert expected in browser.text
    filed = browser.fill("main form", bound="", missing_file="yes")
    browser.post("/school/campaigns/preview", filed)
    assert browser.fill("main form")["missing_file"] == "yes"


@pytest.mark.usefixtures("template")
def test_those_who_confirmed_are_asked_to_authorize(reachable: Console) -> None:
    confirmed = update(Graduate).where(Graduate.name == "李娟").values(confirmation="confirmed")
    with reachable.resources.sessions.begin() as session:
        session.execute(confirmed)
    browser = reachable.browser().get("/school/campaigns/new")
    assert "共 2 人" in browser.text
    browser.follow("核验授权提醒")
    assert "共 1 人" in browser.text
    assert "待授权" in browser.find(".phone-card").get_text()
    other = browser.fill("main form", authorization="file:in_force")
    assert "共 0 人" in browser.post("/school/campaigns/preview", other).text
    browser.get("/school/campaigns/new?authorization=household:not_authorized")
    browser.submit("main form", "下一步：核对", deadline="2026-06-30")
    browser.submit("form[action*='move/start']", "发送给 1 人")
    assert "马上开始" in browser.text
    with reachable.resources.readers() as session:
        kept = session.scalars(select(Campaign)).one()
    assert kept.kind == "authorization_invitation"
    assert kept.audience["authorization"] == ["household:not_authorized"]


def test_all_of_a_list_are_reminded_by_its_filters_however_many(reachable: Console) -> None:
    key = reachable.campus.departments[0].key
    listed = f"/school/graduates?state=unconfirmed&department={key}&sort=-reported"
    browser = reachable.browser().get(listed)
    form = browser.fill("form[data-choosing]", "act=remind")
    form["whom"] = "all"
    browser.post(listed.replace("graduates?", "graduates/choose?"), form)
    sent = browser.fill("main form")
    assert (sent["state"], sent.getlist("departments")) == ("unconfirmed", [key])
    assert sent["student_numbers"] == ""


def test_all_of_a_school_are_reminded_without_a_list_of_their_numbers(reachable: Console) -> None:
    browser = reachable.browser().get("/school/graduates")
    sent = browser.fill("form[data-choosing]", "act=remind")
    sent["whom"] = "all"
    browser.post("/school/graduates/choose", sent)
    written = browser.fill("main form")
    assert (written["state"], written["student_numbers"]) == ("", "")
    assert "共 3 人" in browser.text


def test_a_list_leads_to_a_reminder_for_the_same_people(reachable: Console) -> None:
    key = reachable.campus.departments[0].key
    browser = reachable.browser().get(f"/school/graduates?state=unconfirmed&department={key}")
    listed = {each.get_text(strip=True) for each in browser.find_all("td.p-number")}
    browser.submit("form[data-choosing]", "act=remind", whom="page")
    numbers = browser.find("textarea[name=student_numbers]").get_text().split()
    assert listed
    assert set(numbers) == listed


def test_wrong_input_is_said_and_nothing_written_is_lost(reachable: Console) -> None:
    browser = draft(reachable, title="六月提醒", start_at="明天")
    assert browser.status == 400
    assert "请写成日期和时间" in browser.find("[role=alert]").get_text()
    assert browser.fill("main form")["title"] == "六月提醒"


def test_a_draft_sends_nothing_until_the_button_that_names_the_number(
    reachable: Console, template: None
) -> None:
    browser = draft(reachable)
    assert state_of(reachable) == "draft"
    assert "2026年6月30日" in browser.find(".phone-card").get_text()
    sent = browser.fill("form[action*='move/start']", "发送给 1 人")
    address = f"{browser.path}/move/start"
    browser.post(address, sent)
    assert "待开始" in browser.text
    browser.post(address, sent)
    assert state_of(reachable) == "scheduled"


def test_without_a_template_nothing_starts_and_the_reason_is_said(reachable: Console) -> None:
    browser = draft(reachable).submit("form[action*='move/start']")
    assert browser.status == 400
    assert "模板" in browser.text
    assert state_of(reachable) == "draft"


def sending(console: Console, state: str = "sending") -> Browser:
    """Bring a campaign to a state with one message delivered and one failed."""
    browser = draft(console)
    with console.resources.sessions.begin() as session:
        session.execute(update(Campaign).values(state=state, started_at=console.campus.at))
        campaign = session.scalars(select(Campaign)).one()
        people = session.scalars(select(Binding.graduate_id)).all()
        outcomes = (("delivered", ""), ("failed", "refused"))
        for graduate_id, (became, reason) in zip(people, outcomes, strict=True):
            row = Message(
                client_msg_id=f"m{graduate_id}",
                business_key=f"campaign:{campaign.id}:{graduate_id}",
                kind=campaign.kind,
                school_id=campaign.school_id,
                campaign_id=campaign.id,
                graduate_id=graduate_id,
                state=became,
                reason=reason,
                next_at=console.campus.at,
                created_at=console.campus.at,
                final_at=console.campus.at,
            )
            session.add(row)
    return browser.get(browser.path)


def test_the_live_page_counts_and_names_the_reasons(reachable: Console) -> None:
    browser = sending(reachable)
    assert "2 / 2" in browser.text
    assert "已送达 1 已受理 0 失败 1" in browser.text
    assert "本人拒收该类消息 1" in browser.text
    assert browser.find("#live")["hx-trigger"] == "every 1s"
    browser.get(browser.path, {"HX-Request": "true"})
    assert browser.find("#live")["hx-get"] == browser.path
    assert "已送达 1" in browser.text


def test_a_finished_one_moves_on_the_page_while_receipts_come(reachable: Console) -> None:
    browser = sending(reachable, "finished")
    assert "hx-get" not in browser.find("#live").attrs
    with reachable.resources.sessions.begin() as session:
        session.execute(
            update(Message).where(Message.state == "delivered").values(state="accepted")
        )
        session.execute(update(Campaign).values(finished_at=reachable.campus.at))
    assert browser.get(browser.path).find("#live")["hx-trigger"] == "every 1s"
    assert "送达回执还在陆续到来" in browser.text
    with reachable.resources.sessions.begin() as session:
        session.execute(update(Campaign).values(finished_at=reachable.campus.at - RECEIPTS_COME))
    assert "hx-get" not in browser.get(browser.path).find("#live").attrs


def test_what_waits_says_for_what(reachable: Console) -> None:
    browser = sending(reachable)
    with reachable.resources.sessions.begin() as session:
        values = {"state": "waiting", "reason": "cap_reached"}
        session.execute(update(Message).where(Message.state == "failed").values(values))
    assert "等待中： 今天已收到较多提醒，明天再发 1" in browser.get(browser.path).text


def test_it_can_be_paused_gone_on_with_and_cancelled(reachable: Console) -> None:
    browser = sending(reachable)
    states = []
    for move in ("pause", "resume", "cancel"):
        browser.submit(f"form[action*='move/{move}']")
        states.append(state_of(reachable))
    assert states == ["paused", "sending", "cancelled"]
    assert not browser.find_all("form[action*='move/']")


def test_nothing_is_decided_on_a_restored_backup_before_it_is_marked(reachable: Console) -> None:
    browser = sending(reachable)
    with reachable.resources.sessions.begin() as session:
        mark.count(session, reachable.resources.settings.wechat_app_id, 1)
    mark.let_redis_remember(reachable.resources, 2)
    sent = browser.fill("form[action*='move/cancel']")
    browser.post(f"{browser.path}/move/cancel", sent)
    assert browser.status == 503
    assert "数据库刚从备份恢复" in browser.text
    assert state_of(reachable) == "sending"


def test_what_failed_is_sent_again_from_a_finished_campaign(reachable: Console) -> None:
    browser = sending(reachable, "finished")
    browser.submit("form[action*='move/retry']", "重发失败的 1 人")
    assert state_of(reachable) == "sending"
    assert "等待 1" in browser.text


def test_name_lists_say_who_and_why(reachable: Console) -> None:
    browser = sending(reachable)
    page = browser.path
    browser.submit("form[action$=unreachable]").submit("#live form")
    assert [(row[1], row[4]) for row in rows_of(browser)[1:]] == [
        ("王建国", "未绑定微信"),
        ("赵敏", "未关注公众号"),
    ]
    browser.get(page).submit("form[action$=results]:has(button[value=failed])")
    browser.submit("#live form")
    assert [(row[1], row[4], row[5]) for row in rows_of(browser)[1:]] == [
        ("赵敏", "失败", "本人拒收该类消息")
    ]


def test_the_form_gives_the_unreachable_before_anything_is_written(reachable: Console) -> None:
    browser = reachable.browser().get("/school/campaigns/new")
    browser.post("/school/campaigns/unreachable", browser.fill("main form"))
    browser.submit("#live form")
    assert len(rows_of(browser)) == 3


def test_the_list_shows_each_campaign_with_its_counts(reachable: Console) -> None:
    assert "暂无提醒" in reachable.browser().get("/school/campaigns").text
    sending(reachable)
    assert "发送中 2 1 1 0 王老师" in reachable.browser().get("/school/campaigns").text


def test_an_unknown_move_is_refused(reachable: Console) -> None:
    browser = draft(reachable)
    sent = browser.fill("form[action*='move/cancel']")
    assert browser.post(f"{browser.path}/move/explode", sent).status == 400


def test_a_campaign_whose_card_cannot_be_drawn_still_opens(reachable: Console) -> None:
    browser = sending(reachable)
    with reachable.resources.sessions.begin() as session:
        session.execute(update(Campaign).values(texts={"item": "确认", "deadline": ""}))
    browser.get(browser.path)
    assert browser.status == 200
    assert "截止日期" in browser.find(".text-orange").get_text()


def test_a_campaign_stands_among_the_tasks_and_a_paused_one_waits_on_the_first_page(
    reachable: Console,
) -> None:
    browser = sending(reachable)
    browser.submit("form[action*='move/pause']")
    assert "去向登记确认提醒 已暂停 2 / 2" in browser.get("/school/tasks").text
    assert "个任务已暂停：去向登记确认提醒" in browser.get("/school/").text


def test_a_quota_too_small_for_one_day_is_said_before_sending(
    reachable: Console,
) -> None:
    with reachable.resources.sessions.begin() as session:
        session.add(QuotaDay(day=day_of(reachable.campus.at), reserved=100_000))
    text = reachable.browser().get("/school/campaigns/new").text
    assert "今日剩余额度 0 条，一天发不完，会分 2 天自动发完" in text
    assert "今日额度已用去八成以上" in text


@pytest.mark.usefixtures("template")
def test_a_draft_is_tried_on_one_person_first(reachable: Console) -> None:
    with reachable.resources.readers() as session:
        wanted = select(Graduate.student_number).where(Graduate.name == "李娟")
        number = session.scalars(wanted).one()
    page = draft(reachable).submit("form[action$=probe]", "试发", student_number=number)
    assert "试发的消息：等待" in page.text
    assert state_of(reachable) == "draft"


@pytest.mark.usefixtures("template")
def test_a_probe_to_nobody_says_so_beside_the_number(reachable: Console) -> None:
    page = draft(reachable).submit("form[action$=probe]", "试发", student_number="S999999")
    assert page.status == 400
    assert "没有这个学号" in page.text
    assert 'value="S999999"' in page.body.decode()


@pytest.mark.usefixtures("template")
def test_a_draft_is_tried_on_a_colleague_who_linked_a_wechat(reachable: Console) -> None:
    staff = reachable.staff["department"]
    with reachable.resources.sessions.begin() as session:
        colleagues.link(session, staff, "o-colleague", reachable.campus.at)
    page = draft(reachable)
    assert page.find("a[href$='/account#wechat']")
    page.submit("form[action$=probe]", "试发", colleague=staff.key)
    assert "试发的消息：等待" in page.text
    with reachable.resources.readers() as session:
        sent = session.scalars(select(Message).where(Message.graduate_id.is_(None))).one()
    assert (sent.openid, sent.campaign_id, sent.reason) == ("o-colleague", None, "")


def test_who_goes_on_after_a_restore_is_told_that_it_may_have_been_sent(reachable: Console) -> None:
    browser = draft(reachable)
    warned = "这个任务可能已经发过"
    for reason, is_warned in (("", False), ("ledger_restored", True)):
        with reachable.resources.sessions.begin() as session:
            stopped = update(Campaign).values(state="paused", reason=reason)
            session.execute(stopped.execution_options(synchronize_session=False))
        assert (warned in browser.get(browser.path).text) is is_warned
        assert "继续发送" in browser.text


@pytest.mark.parametrize(("version", "status"), [("of_tomorrow", 503), (None, 500)])
def test_what_a_newer_version_wrote_is_told_to_be_of_an_upgrade_and_nothing_else_is(
    reachable: Console, version: str | None, status: int
) -> None:
    browser = draft(reachable)
    with reachable.resources.sessions.begin() as session:
        session.execute(update(Campaign).values(state="of_tomorrow"))
        if version:
            session.execute(text("UPDATE alembic_version SET version_num = :it"), {"it": version})
    assert browser.submit("form[action$=start]").status == status
    assert browser.get("/school/campaigns").status == status
    assert ("系统正在升级" in browser.text) is bool(version)
    assert state_of(reachable) == "of_tomorrow"
