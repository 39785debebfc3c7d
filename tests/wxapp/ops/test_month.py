"""The account's month is read day by day: quota, what failed, and when sending was stopped."""

from datetime import timedelta

from notifier.ledger import quota
from notifier.ledger.tables import QuotaDay
from tests.wxapp.ops.conftest import Platform


def test_each_day_has_its_quota_its_messages_and_its_stops(platform: Platform) -> None:
    platform.campaign()
    platform.event("failed", "refused")
    today = quota.day_of(platform.clock())
    used = ((today, 3), (today - timedelta(days=1), 7), (today - timedelta(days=40), 1))
    for day, number in used:
        row = QuotaDay(day=day, reserved=number)
        platform.change(lambda session, row=row: session.add(row))
    platform.browser().get("/ops/").submit("form[action$=pause]")
    page = platform.browser().get("/ops/month")
    assert "共用额度 10 条，失败 1 条" in page.text
    first = page.find_all("tbody tr")[0]
    cells = {
        str(each.get("data-title")): each.get_text(strip=True) for each in first.find_all("td")
    }
    assert (cells["已用额度"], cells["失败"], cells["已送达"], cells["等待"]) == (
        "3",
        "1",
        "1",
        "1",
    )
    assert cells["暂停和恢复"] == "10:00 暂停发送"
    assert len(page.find_all("tbody tr")) == 31
