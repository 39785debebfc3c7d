"""All schools' campaigns that are under way can be seen and stopped, no more."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from notifier.campaigns import campaigns
from notifier.ledger.tables import Campaign
from registry.accounts.tables import AuditEntry
from registry.base.errors import RuleError
from tests.wxapp.ops.conftest import Platform


def state_of(platform: Platform) -> tuple[str, str]:
    row = platform.site.read(
        lambda session: session.execute(select(Campaign.state, Campaign.reason)).one()
    )
    return row.state, row.reason


def test_what_sends_waits_or_stopped_by_itself_is_listed_with_its_reason(
    platform: Platform,
) -> None:
    platform.campaign("sending")
    until = platform.clock() + timedelta(hours=14)
    platform.campaign("waiting", "quota_used_up", wait_until=until)
    platform.campaign("paused", "template_missing")
    for state, reason in (("paused", "paused_by_staff"), ("finished", ""), ("draft", "")):
        platform.campaign(state, reason)
    browser = platform.browser().get("/ops/campaigns")
    rows = [" ".join(row.get_text(" ").split()) for row in browser.find_all("tbody tr")]
    assert len(rows) == 3
    assert rows[2].startswith("测试大学10425 去向登记确认提醒 发送中 1 / 2 0 0")
    assert "额度已用完，零点后自动继续，6月11日 00:00 继续" in rows[1]
    assert "公众平台上暂无可用的模板，请添加后同步" in rows[0]


def test_htmx_gets_the_part_that_moves(platform: Platform) -> None:
    platform.campaign()
    browser = platform.browser().get("/ops/campaigns", {"HX-Request": "true"})
    assert browser.find("#live")["hx-get"] == "/ops/campaigns"
    assert not browser.find_all("main")


def test_the_operators_stop_is_undone_by_the_operator_alone(platform: Platform) -> None:
    key = platform.campaign()
    browser = platform.browser().get("/ops/campaigns").submit("main form", "暂停")
    assert state_of(platform) == ("paused", "paused_by_operator")
    with platform.resources.sessions() as session:
        campaign = session.scalars(select(Campaign)).one()
        with pytest.raises(RuleError, match="paused_by_operator"):
            campaigns.resume(session, campaigns.scope_of(campaign), key, at=platform.clock())
    browser.submit("main form", "继续")
    assert state_of(platform) == ("sending", "")


def test_stopping_is_kept_among_the_schools_own_deeds(platform: Platform) -> None:
    key = platform.campaign()
    platform.browser().get("/ops/campaigns").submit("main form", "暂停")
    entry = platform.site.read(lambda session: session.scalars(select(AuditEntry)).one())
    assert (entry.action, entry.subject) == ("campaign_pause", f"campaign:{key}")
    assert entry.school_id is not None


def test_no_other_move_and_no_unknown_campaign(platform: Platform) -> None:
    key = platform.campaign()
    browser = platform.browser().get("/ops/campaigns")
    sent = browser.fill("main form")
    assert browser.post(f"/ops/campaigns/{key}/cancel", sent).status == 400
    assert browser.post("/ops/campaigns/nothing/pause", sent).status == 404
    assert state_of(platform) == ("sending", "")
