"""The account's page says whether it sends, why not, what to do, and lets the operator do it."""

from datetime import timedelta

import pytest
from redis import Redis
from sqlalchemy import select

from notifier.delivery import account_state, circuit_breaker
from notifier.delivery.circuit_breaker import Stop
from notifier.ledger import outcomes
from notifier.ledger.quota import day_of
from notifier.ledger.tables import Account, QuotaDay, StoredPush
from registry.accounts.tables import AuditEntry, Role
from runtime.jobs import Job
from tests.wxapp.ops.conftest import CANARY, Platform

BANNED = Stop(None, outcomes.of(40164), "40164 invalid ip rid: 5f-7a")
QUOTA = Stop(None, outcomes.of(45009), "45009 reach max api daily quota limit rid: 1-2")


def stop(platform: Platform, why: Stop) -> None:
    platform.change(
        circuit_breaker.pause_account, platform.resources.settings, why, platform.clock()
    )


def use_up(platform: Platform, share: float) -> None:
    settings = platform.resources.settings
    used = int(settings.daily_quota * share)
    platform.change(
        lambda session: session.add(QuotaDay(day=day_of(platform.clock()), reserved=used))
    )


def reason_of(platform: Platform) -> str | None:
    return platform.site.read(lambda session: session.scalar(select(Account.pause_reason)))


def test_an_account_nothing_was_noted_of_sends(platform: Platform) -> None:
    browser = platform.browser().get("/ops/")
    assert "正常发送" in browser.text
    assert "已用 0 / 100,000 条" in browser.text
    assert "每秒最多 50 条" in browser.text
    assert not browser.find_all("form[action$='account/resume']")


def test_a_stopped_account_says_since_when_why_and_what_wechat_said(platform: Platform) -> None:
    stop(platform, BANNED)
    platform.clock.move(timedelta(minutes=20))
    text = platform.browser().get("/ops/").text
    assert "服务器 IP 不在公众平台的 IP 白名单中，请添加后恢复" in text
    assert "暂停于 今天 10:00" in text
    assert "处理好以后点“恢复发送”" in text
    assert "rid: 5f-7a" in text


def test_resuming_lets_it_send_at_once_and_is_kept(platform: Platform) -> None:
    stop(platform, BANNED)
    platform.event("waiting")
    browser = platform.browser().get("/ops/")
    browser.submit("form[action$='account/resume']", "恢复发送（1 条待发）")
    assert "正常发送" in browser.text
    assert "恢复发送" in browser.find("#actions").find_parent("section").get_text()  # type: ignore[union-attr]  # it stands in one
    assert reason_of(platform) is None
    entry = platform.site.read(lambda session: session.scalars(select(AuditEntry)).one())
    assert (entry.action, entry.details) == ("account_resume", {"reason": "server_not_listed"})


def test_resuming_rings_for_delivery(platform: Platform) -> None:
    stop(platform, BANNED)
    with platform.resources.sessions() as session:
        circuit_breaker.resume_account(session, platform.resources.settings, platform.site.clock())
        assert any(asked and Job.DELIVER in asked for asked in session.info.values())


def test_an_emergency_stops_everything_until_it_is_resumed(platform: Platform) -> None:
    browser = platform.browser().get("/ops/")
    browser.submit("form[action$='account/pause']", "暂停全部发送（0 条待发）")
    assert "平台运维已手动暂停" in browser.text
    platform.clock.move(timedelta(days=2))
    assert "已暂停" in platform.browser().get("/ops/").text


def test_the_quotas_pause_ends_by_itself_after_midnight(platform: Platform) -> None:
    stop(platform, QUOTA)
    browser = platform.browser().get("/ops/")
    assert "6月11日 00:01 自动恢复" in browser.text
    platform.clock.move(timedelta(hours=15))
    assert "正常发送" in platform.browser().get("/ops/").text


def test_what_was_in_flight_neither_shortens_a_ban_nor_moves_its_beginning(
    platform: Platform,
) -> None:
    stop(platform, BANNED)
    platform.clock.move(timedelta(minutes=1))
    stop(platform, QUOTA)
    assert reason_of(platform) == "server_not_listed"
    stop(platform, BANNED)
    assert "暂停于 今天 10:00" in platform.browser().get("/ops/").text


def test_a_pause_after_one_that_ended_begins_anew(platform: Platform) -> None:
    stop(platform, QUOTA)
    platform.clock.move(timedelta(days=1))
    stop(platform, BANNED)
    assert "暂停于 今天 10:00" in platform.browser().get("/ops/").text


@pytest.mark.parametrize(("share", "light"), [(0.79, "充足"), (0.8, "已用八成以上"), (1, "已用完")])
def test_the_quota_warns_at_four_fifths(platform: Platform, share: float, light: str) -> None:
    use_up(platform, share)
    assert f"今日额度与速度 {light}" in platform.browser().get("/ops/").text


def test_it_says_what_waits_for_midnight(platform: Platform) -> None:
    until = platform.clock() + timedelta(hours=14)
    platform.campaign("waiting", "quota_used_up", wait_until=until)
    platform.campaign("waiting", "quiet_hours", wait_until=until)
    text = platform.browser().get("/ops/").text
    assert "1 个任务，1 条消息，6月11日 00:01 自动继续" in text


def test_a_clockwork_that_is_not_heard_of_is_said(platform: Platform) -> None:
    browser = platform.browser()
    assert "没有在运行" in browser.get("/ops/").text
    platform.change(account_state.note_clockwork, platform.resources.settings, platform.clock())
    platform.clock.move(timedelta(minutes=2))
    assert "没有在运行" not in browser.get("/ops/").text
    platform.clock.move(timedelta(seconds=1))
    assert "没有在运行" in browser.get("/ops/").text


def test_redis_being_away_is_said(platform: Platform) -> None:
    away = Redis.from_url("redis://127.0.0.1:1", socket_connect_timeout=0.2)
    object.__setattr__(platform.resources, "redis", away)
    assert "Redis 连不上" in platform.browser().get("/ops/").text


def test_what_is_due_is_counted_with_the_oldest(platform: Platform) -> None:
    at = platform.clock()
    platform.event("waiting")
    platform.event("delivered")
    platform.campaign("sending")
    platform.campaign("paused", "template_gone")
    for number, outcome in enumerate(("", "", "unmatched")):
        pushed = StoredPush(
            dedup_key=str(number),
            event="TEMPLATESENDJOBFINISH",
            openid="o1",
            happened_at=at,
            received_at=at - timedelta(minutes=5),
            next_at=at,
            outcome=outcome,
        )
        platform.change(lambda session, row=pushed: session.add(row))
    platform.clock.move(timedelta(minutes=1))
    text = platform.browser().get("/ops/").text
    assert "待发通知 1 条，最早 今天 10:00" in text
    assert "待发提醒 1 条，最早 今天 10:00" in text
    assert "待处理的微信推送 2 条，最早 今天 09:55" in text
    assert "未匹配回执 1 条" in text


def test_the_days_event_messages_are_counted_by_kind_state_and_reason(platform: Platform) -> None:
    for state, reason in (("delivered", ""), ("delivered", ""), ("failed", "refused")):
        platform.event(state, reason)
    platform.event("skipped", "not_bound", kind="review_result")
    browser = platform.browser().get("/ops/")
    rows = [" ".join(row.get_text(" ").split()) for row in browser.find_all("tbody tr")]
    assert rows == [
        "登记信息变更通知 0 0 0 2 1 0 0 本人拒收该类消息 1",
        "审核结果通知 0 0 0 0 0 0 1 未绑定微信 1",
    ]
    platform.clock.move(timedelta(days=2))
    assert "近一天没有通知" in platform.browser().get("/ops/").text


def test_a_school_is_told_while_the_account_stands_still(platform: Platform) -> None:
    browser = platform.browser(Role.SCHOOL)
    assert not browser.get("/school/").find_all(".notice")
    use_up(platform, 0.8)
    assert "八成以上" in browser.get("/school/campaigns").find(".notice").get_text()
    stop(platform, QUOTA)
    told = browser.get("/school/").find(".notice").get_text()
    assert "今日模板消息额度已用完，零点后自动继续" in told
    stop(platform, BANNED)
    told = browser.get("/school/").find(".notice").get_text()
    assert "由平台运维处理：服务器 IP" in told
    assert "rid" not in told


def test_no_page_of_the_operator_names_a_person(platform: Platform) -> None:
    platform.campaign("sending")
    platform.event("failed", "refused")
    browser = platform.browser()
    for page in ("/ops/", "/ops/templates", "/ops/menu", "/ops/campaigns"):
        text = browser.get(page).text
        assert CANARY not in text, page
        assert "李娟" not in text, page


def test_after_a_restore_the_operator_says_what_becomes_of_what_waited(platform: Platform) -> None:
    stop(platform, Stop(None, outcomes.LEDGER_RESTORED, ""))
    browser = platform.browser().get("/ops/")
    assert "数据库已恢复到以前的备份" in browser.text
    assert "这 0 条不再发" in browser.text
    sent = browser.fill("form[action$='account/resume']", "确认没有发送过，恢复并继续发送")
    browser.post("/ops/account/resume", sent)
    assert reason_of(platform) is None
    entry = platform.site.read(lambda session: session.scalars(select(AuditEntry)).one())
    assert entry.details == {"reason": "ledger_restored", "send_again": True}
