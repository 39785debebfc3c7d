"""A province reminds the graduates of its schools in one act; each school only watches."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from notifier.campaigns.effect import measure_due
from notifier.campaigns.expansion import expand_due
from notifier.ledger.tables import Binding, Campaign, Follower, Message, ProvinceReminder
from registry.accounts.school_tables import School
from registry.accounts.tables import AuditEntry
from registry.record.confirmation.confirm import Reply, answer
from registry.record.tables import Answer, Graduate
from tests.pages import Browser
from tests.wxapp.school.conftest import Console
from tests.wxapp.school.records import Campus
from tests.wxapp.school.test_two_staff import more_people

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
NEW, LIST = "/province/reminders/new", "/province/reminders"


@pytest.fixture
def two(reachable: Console, other: Campus, template: None) -> Console:
    """Give two schools: one reached, one not bound, one not following; and one more reached."""
    her = other.report(other.graduate("金丝雀"))
    session = other.session
    session.add(Follower(openid="o9", subscribed=True, changed_at=other.at))
    session.add(Binding(openid="o9", graduate_id=her.id, bound_at=other.at))
    other.save()
    return reachable


def draft(console: Console, **written: object) -> Browser:
    """Fill in the form as it is offered and go on to the draft."""
    browser = console.browser("province").get(NEW)
    given = {"deadline": "2026-06-30", **written}
    return browser.submit("main form", "下一步：核对", **given)  # type: ignore[arg-type]  # a test's own words


def started(console: Console, **written: object) -> Browser:
    return draft(console, **written).submit("form[action$=start]")


def states(console: Console) -> list[str]:
    with console.resources.readers() as session:
        return list(session.scalars(select(Campaign.state).order_by(Campaign.id)))


def expand(console: Console) -> None:
    """Write the rows as the clockwork does once their time has come, by the database's clock."""
    with console.resources.sessions.begin() as session:
        session.execute(update(Campaign).values(start_at=LONG_AGO))
    expand_due(console.resources)


def elsewhere(other: Campus) -> None:
    """Move the other school to another province."""
    other.session.merge(other.school).province = "110000"
    other.save()


def test_a_province_reminds_all_its_schools_in_one_act(two: Console) -> None:
    browser = two.browser("province").get("/province/").follow("提醒")
    assert "暂无提醒" in browser.text
    browser.get(NEW)
    assert "可送达 2 所学校的 2 人" in browser.text
    assert "共 2 所学校 4 人 · 未绑定 1 · 未关注 1" in browser.text
    assert "测试大学10001的毕业生将收到" in browser.text
    assert browser.fill("main form")["state"] == ""
    browser.submit("main form", "下一步：核对", deadline="2026-06-30", item="请尽快确认")
    assert "请尽快确认" in browser.find(".phone-card").get_text()
    assert "测试大学10425 3 1 1 1 0" in browser.text
    assert states(two) == []
    browser.submit("form[action$=start]", "发送给 2 所学校的 2 人")
    assert "待开始" in browser.text
    expand(two)
    browser.get(browser.path)
    assert "发送中" in browser.find("#live").get_text()
    assert "测试大学10001 发送中 1 0 0 0 0 1 0" in browser.text
    assert "测试大学10425 发送中 3 0 0 0 0 1 2" in browser.text
    assert browser.text.index("测试大学10001") < browser.text.index("测试大学10425")
    assert "未绑定微信 1" in browser.text
    assert browser.find("#live")["hx-trigger"] == "every 5s"
    browser.get(browser.path, {"HX-Request": "true"})
    assert "已发出 0 / 2" in browser.text
    assert "去向登记确认提醒 2026 发送中 2" in browser.get(LIST).text


def test_what_it_did_is_told_of_all_schools_together_and_in_the_list(two: Console) -> None:
    browser = started(two)
    assert "提醒效果" not in browser.text
    expand(two)
    with two.resources.sessions.begin() as session:
        at = session.scalars(select(Campaign.started_at)).first()  # by the database's clock
        assert at is not None
        went = update(Message).where(Message.campaign_id.is_not(None), Message.state == "waiting")
        session.execute(went.values(state="accepted", accepted_at=at))
        session.execute(update(Campaign).values(state="finished", finished_at=at))
        who = session.scalars(select(Graduate).where(Graduate.name == "金丝雀")).one()
        reply = Reply(Answer.CORRECT, who.registration_id or 0)
        answer(session, who.id, reply, channel="wechat", at=at + timedelta(hours=1))
    measure_due(two.resources.sessions, at + timedelta(days=2))
    effect = browser.get(browser.path).find("[aria-labelledby=effect]").get_text()
    assert "人数 2 2 1 天内 1 50.0% 0 0.0%" in " ".join(effect.split())
    listed = " ".join(browser.get(LIST).find("main table").get_text().split())
    assert "2 2 2 1 50.0%" in listed


def test_every_graduate_has_one_row_with_her_own_school(two: Console) -> None:
    started(two)
    expand(two)
    expand_due(two.resources)
    with two.resources.readers() as session:
        rows = session.execute(
            select(Message.graduate_id, Message.school_id, Graduate.school_id, Campaign.school_id)
            .join(Graduate, Graduate.id == Message.graduate_id)
            .join(Campaign, Campaign.id == Message.campaign_id)
        ).all()
    assert len({row[0] for row in rows}) == len(rows) == 4
    assert all(row[1] == row[2] == row[3] for row in rows)


def test_nobodys_name_is_shown_to_the_province(two: Console) -> None:
    browser = two.browser("province").get(NEW)
    pages = [browser.text, draft(two).text]
    browser = started(two)
    expand(two)
    pages.append(browser.get(browser.path).text)
    for page in pages:
        assert not any(name in page for name in ("李娟", "王建国", "赵敏", "金丝雀"))


def test_only_the_chosen_schools_are_reminded(two: Console, other: Campus) -> None:
    browser = started(two, schools=[other.school.key])
    assert "测试大学10425" not in browser.find("#live").get_text()
    with two.resources.readers() as session:
        assert session.scalars(select(Campaign.school_id)).all() == [other.school.id]


def test_progress_leads_to_a_reminder_for_one_school(two: Console, other: Campus) -> None:
    browser = two.browser("province").get("/province/schools")
    links = browser.find_all("main a[href*='schools=']")
    assert len(links) == 2
    browser.get(str(links[0]["href"]))
    assert browser.fill("main form").getlist("schools") == [other.school.key]
    browser.get("/province/schools").follow("提醒各校毕业生")
    assert len(browser.fill("main form").getlist("schools")) == 2


def test_all_or_none_is_one_press_and_keeps_what_was_written(two: Console) -> None:
    browser = two.browser("province").get(NEW)
    browser.post("/province/reminders/preview", browser.fill("main form", "全不选", title="六月"))
    assert "可送达 0 所学校的 0 人" in browser.text
    assert browser.fill("main form").getlist("schools") == []
    browser.post("/province/reminders/preview", browser.fill("main form", "全选"))
    assert len(browser.fill("main form").getlist("schools")) == 2
    assert browser.fill("main form")["title"] == "六月"


def test_htmx_gets_the_effect_alone(two: Console) -> None:
    browser = two.browser("province").get(NEW)
    sent = browser.fill("main form", bound="no")
    browser.post("/province/reminders/preview", sent, {"HX-Request": "true"})
    assert "共 1 所学校 1 人" in browser.text
    assert "另有 1 所学校没有要提醒的人" in browser.text
    assert not browser.find_all("form")


def test_a_school_with_nobody_to_remind_gets_no_campaign(two: Console, other: Campus) -> None:
    browser = draft(two)
    with two.resources.sessions.begin() as session:
        hers = update(Graduate).where(Graduate.school_id == other.school.id)
        session.execute(hers.values(confirmation="confirmed"))
    browser.submit("form[action$=start]")
    assert "1 所学校" in browser.find("#live").get_text()
    assert len(states(two)) == 1


def test_nothing_is_sent_where_nobody_is_left(two: Console) -> None:
    browser = draft(two)
    with two.resources.sessions.begin() as session:
        session.execute(update(Graduate).values(confirmation="confirmed"))
    browser.submit("form[action$=start]")
    assert browser.status == 400
    assert "没有要提醒的人" in browser.text
    with two.resources.readers() as session:
        assert session.scalars(select(ProvinceReminder.started_at)).all() == [None]


@pytest.mark.parametrize(
    ("written", "sentence"),
    [
        ({"start_at": "明天"}, "请写成日期和时间"),
        ({"deadline": "月底"}, "请写成日期"),
        ({"start_at": "2026-07-02T09:00", "not_after": "2026-07-01T09:00"}, "要晚于开始时间"),
        ({"start_at": "2020-07-02T09:00"}, "开始时间已过"),
        ({"schools": []}, "请至少选择一所学校"),
    ],
)
def test_wrong_input_is_said_and_nothing_written_is_lost(
    two: Console, written: dict[str, object], sentence: str
) -> None:
    browser = draft(two, title="六月提醒", item="请确认", **written)
    assert browser.status == 400
    assert sentence in browser.find("[role=alert]").get_text()
    kept = browser.fill("main form")
    assert (kept["title"], kept["item"]) == ("六月提醒", "请确认")
    assert {name: kept.getlist(name) for name in written} == {
        name: value if isinstance(value, list) else [value] for name, value in written.items()
    }
    assert len(kept.getlist("schools")) == len(written.get("schools", "12"))  # type: ignore[arg-type]  # a list, or two


def test_pressing_twice_starts_once(two: Console) -> None:
    browser = draft(two)
    sent, address = browser.fill("form[action$=start]"), f"{browser.path}/start"
    for _ in range(2):
        browser.post(address, sent)
        assert browser.status == 200
    assert states(two) == ["scheduled", "scheduled"]
    with two.resources.readers() as session:
        kept = select(AuditEntry.action).where(AuditEntry.action.like("%start"))
        assert sorted(session.scalars(kept)) == ["campaign_start", "campaign_start", "drive_start"]


def test_a_draft_is_changed_or_dropped_and_schools_never_see_it(two: Console) -> None:
    browser = draft(two, title="初稿")
    assert "初稿" not in two.browser().get("/school/campaigns").text
    browser.follow("修改").submit("main form", "下一步：核对", title="二稿", bound="yes")
    assert "二稿" in browser.title
    assert "2026 届 · 除确认无误以外 · 已绑定微信" in browser.text
    browser.submit("form[action$=discard]", "放弃草稿")
    assert "暂无提醒" in browser.text


def test_what_was_started_is_neither_changed_nor_dropped_but_repeated(two: Console) -> None:
    browser = draft(two, title="初稿")
    drop, change = browser.fill("form[action$=discard]"), browser.path
    rewritten = browser.follow("修改").fill("main form", "下一步：核对", title="二稿")
    browser.get(change).submit("form[action$=start]")
    assert browser.post(f"{change}/discard", drop).status == 400
    browser.post(NEW, rewritten)
    assert browser.status == 400
    assert "已经发送，不能再修改" in browser.find("[role=alert]").get_text()
    assert states(two) == ["scheduled", "scheduled"]
    browser.get(change).follow("复制新建")
    assert (browser.fill("main form")["title"], browser.fill("main form")["draft"]) == ("初稿", "")


def test_all_schools_are_paused_gone_on_with_and_cancelled_at_once(two: Console) -> None:
    browser = started(two)
    expand(two)
    found = []
    for move in ("pause", "resume", "cancel"):
        browser.get(browser.path)
        press = browser.fill(f"form[action$={move}]")
        for _ in range(2):
            browser.post(f"{browser.path}/{move}", press)
            assert browser.status == 200
        found.append(states(two))
    assert found == [[state] * 2 for state in ("paused", "sending", "cancelled")]
    assert not browser.find_all("form[action*='/reminders/']")
    with two.resources.readers() as session:
        theirs = select(Message.state).where(Message.campaign_id.is_not(None))
        assert set(session.scalars(theirs)) == {"skipped"}


def test_one_paused_before_it_began_returns_to_its_time(two: Console) -> None:
    browser = started(two, start_at="2026-12-01T09:00")
    assert "12月1日 09:00 自动开始" in browser.text
    browser.submit("form[action$=pause]").submit("form[action$=resume]")
    assert states(two) == ["scheduled", "scheduled"]


def test_who_goes_on_after_a_restore_is_told_that_it_may_have_been_sent(two: Console) -> None:
    browser = started(two)
    for reason, is_warned in (("paused_by_staff", False), ("ledger_restored", True)):
        with two.resources.sessions.begin() as session:
            stopped = update(Campaign).values(state="paused", reason=reason)
            session.execute(stopped.execution_options(synchronize_session=False))
        assert ("这个任务可能已经发过" in browser.get(browser.path).text) is is_warned
        assert "继续发送" in browser.text


def test_what_the_operator_paused_stays_paused(two: Console) -> None:
    browser = started(two)
    expand(two)
    with two.resources.sessions.begin() as session:
        values = {"state": "paused", "reason": "paused_by_operator"}
        session.execute(update(Campaign).values(values))
    browser.get(browser.path).submit("form[action$=resume]")
    assert browser.status == 400
    assert "平台运维暂停了这个提醒" in browser.text
    assert states(two) == ["paused", "paused"]


def test_an_unknown_move_is_refused(two: Console) -> None:
    browser = draft(two)
    sent = browser.fill("form[action$=discard]")
    assert browser.post(f"{browser.path}/explode", sent).status == 400


def test_without_a_template_nothing_starts(reachable: Console) -> None:
    browser = draft(reachable).submit("form[action$=start]")
    assert browser.status == 400
    assert "模板" in browser.text
    assert states(reachable) == []


def test_a_school_watches_it_and_takes_its_lists_but_moves_nothing(two: Console) -> None:
    started(two, title="全省提醒")
    expand(two)
    school = two.browser().get("/school/campaigns")
    assert "全省提醒 省级提醒 2026 届 · 除确认无误以外 发送中 1 0 0 2 王老师" in school.text
    school.follow("全省提醒")
    assert "省级提醒：山东省 王老师 于" in school.text
    assert "等待 1" in school.text
    assert not school.find_all("form[action*='/move/']")
    assert school.find("form[action$=results]")
    token = {"csrf_token": str(school.find_all("[name=csrf_token]")[0]["value"])}
    for move in ("start", "pause", "resume", "cancel", "retry"):
        answer = two.browser().get(school.path)
        token = {"csrf_token": str(answer.find_all("[name=csrf_token]")[0]["value"])}
        answer.post(f"{school.path}/move/{move}", token)
        assert answer.status == 400
        assert "由省级部门暂停、继续或取消，学校不能操作" in answer.text
    assert states(two) == ["sending", "sending"]
    assert "省级提醒 全省提醒" in school.get("/school/tasks").text


def test_a_paused_one_does_not_wait_for_the_school(two: Console) -> None:
    started(two, title="全省提醒").submit("form[action$=pause]")
    assert "全省提醒" not in two.browser().get("/school/").text


def test_an_operator_sees_it_as_any_campaign(two: Console) -> None:
    started(two)
    expand(two)
    operator = two.browser("operator").get("/ops/campaigns")
    assert len(operator.find_all("form[action$=pause]")) == 2
    operator.submit(operator.find_all("form[action$=pause]")[0])
    assert sorted(states(two)) == ["paused", "sending"]


def test_a_school_of_another_province_cannot_be_smuggled_in(two: Console, other: Campus) -> None:
    elsewhere(other)
    browser = two.browser("province").get(NEW)
    assert "测试大学10001" not in browser.text
    sent = browser.fill("main form", "下一步：核对")
    sent.add("schools", other.school.key)
    browser.post(NEW, sent)
    assert browser.status == 404
    assert "没有找到这个学校" in browser.find("[role=alert]").get_text()
    browser.post("/province/reminders/preview", sent)
    assert "可送达 1 所学校的 1 人" in browser.text
    assert "测试大学10001" not in browser.text


def test_a_school_that_left_the_province_meanwhile_gets_none(two: Console, other: Campus) -> None:
    browser = draft(two)
    elsewhere(other)
    browser.submit("form[action$=start]")
    with two.resources.readers() as session:
        assert session.scalars(select(Campaign.school_id)).all() == [two.campus.school.id]


def test_another_provinces_reminder_does_not_exist(two: Console) -> None:
    browser = started(two, title="全省提醒")
    token = {"csrf_token": str(browser.find_all("[name=csrf_token]")[0]["value"])}
    address = browser.path
    with two.resources.sessions.begin() as session:
        session.execute(update(ProvinceReminder).values(province="110000"))
    assert "全省提醒" not in browser.get(LIST).text
    key = address.rpartition("/")[2]
    for path in (address, f"{NEW}?draft={key}", f"{NEW}?like={key}", f"{LIST}?before={key}"):
        assert browser.get(path).status == 404
    for move in ("start", "pause", "resume", "cancel", "discard"):
        assert browser.post(f"{address}/{move}", token).status == 404
    assert states(two) == ["scheduled", "scheduled"]


@pytest.mark.parametrize("role", ["school", "department", "operator"])
def test_other_roles_are_not_let_in(two: Console, role: str) -> None:
    path = started(two).path
    for each in (LIST, NEW, path):
        assert two.browser(role).get(each).status == 403


def test_the_log_names_who_did_what_to_which_school(two: Console, other: Campus) -> None:
    started(two).submit("form[action$=pause]")
    with two.resources.readers() as session:
        who = f"staff:{two.staff['province'].key}"
        kept = session.execute(
            select(AuditEntry.action, AuditEntry.school_id).where(AuditEntry.actor == who)
        ).all()
    ours = [two.campus.school.id, other.school.id]
    acts = ("campaign_start", "campaign_pause")
    assert sorted(each for each in kept if each[1]) == sorted((a, s) for a in acts for s in ours)
    assert sorted(action for action, school in kept if not school) == [
        *("drive_create", "drive_pause", "drive_start"),
    ]


def test_the_list_goes_on_page_by_page(
    two: Console, records: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("wxapp.province.reminders.PAGE", 2)
    for title in ("一", "二", "三"):
        draft(two, title=f"第{title}次")
    browser = two.browser("province").get(LIST)
    assert "第三次" in browser.text
    assert "第一次" not in browser.text
    browser.follow("更早的提醒")
    assert "第一次" in browser.text
    assert not browser.find_all("a[rel=next]")


def test_a_province_without_schools_is_told_so(two: Console) -> None:
    with two.resources.sessions.begin() as session:
        session.execute(update(School).values(province="110000"))
    assert "本省暂无学校使用本系统" in two.browser("province").get(NEW).text


def test_the_year_that_was_chosen_is_kept(two: Console) -> None:
    browser = two.browser("province").get(f"{NEW}?year=2025")
    assert "提醒 2025 届毕业生" in browser.text
    browser.submit("main form", "下一步：核对", deadline="2026-06-30")
    assert "2025 届 · 除确认无误以外" in browser.text
    assert not browser.find_all("form[action$=start]")
    assert "提醒 2025 届毕业生" in browser.follow("修改").text


def test_of_two_who_change_a_draft_the_second_looks_again_and_so_does_who_starts_it(
    two: Console,
) -> None:
    first = draft(two)
    path = first.path
    starting = two.browser("province").get(path)
    second = two.browser("province").get(path).follow("修改")
    first.follow("修改").submit("main form", "下一步：核对", deadline="2026-07-15")
    second.submit("main form", "下一步：核对", deadline="2026-07-20")
    assert second.status == 400
    assert "草稿已由他人修改" in second.text
    assert second.fill("main form")["deadline"] == "2026-07-20"
    assert "7月15日" in first.get(path).text
    starting.submit("form[action$=start]")
    assert starting.status == 400
    assert "尚未发送" in starting.text
    assert states(two) == []
    second.submit("main form", "下一步：核对")
    starting.get(path).submit("form[action$=start]")
    assert len(states(two)) == 2


def test_clearly_more_people_than_a_province_was_told_are_asked_about_again(
    two: Console,
) -> None:
    starting = draft(two)
    more_people(two, 11)
    starting.submit("form[action$=start]")
    assert starting.status == 400
    assert "由 2 人变为 13 人" in starting.find("[role=alert]").get_text()
    assert states(two) == []
    starting.submit("form[action$=start]")
    assert len(states(two)) == 2


def test_a_few_who_bind_meanwhile_do_not_keep_a_provinces_reminder(two: Console) -> None:
    starting = draft(two)
    more_people(two, 10)
    starting.submit("form[action$=start]")
    assert len(states(two)) == 2
