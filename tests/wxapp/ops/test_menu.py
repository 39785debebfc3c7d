"""The menu is pushed, and who follows is counted."""

from sqlalchemy import func, select

from notifier.ledger.tables import Follower
from registry.accounts.tables import AuditEntry
from tests.wxapp.ops.conftest import Platform

CREATE = "/cgi-bin/menu/create"


def test_the_menu_is_pushed_and_who_did_it_is_shown(platform: Platform) -> None:
    browser = platform.browser().get("/ops/menu")
    assert "尚未推送" in browser.text
    before = platform.sandbox.control.counts()["paths"].get(CREATE, 0)
    browser.submit("form[action$=menu]", "推送菜单")
    assert "今天 10:00 由王老师推送" in browser.text
    assert platform.sandbox.control.counts()["paths"][CREATE] == before + 1


def test_wechats_refusal_is_shown_and_nothing_is_said_to_be_done(platform: Platform) -> None:
    platform.sandbox.control.fault("errcode", path=CREATE, errcode=48001)
    browser = platform.browser().get("/ops/menu").submit("form[action$=menu]", "推送菜单")
    platform.sandbox.control.clear_faults()
    assert browser.status == 502
    assert "48001" in browser.find("[role=alert]").get_text()
    assert "尚未推送" in browser.text
    kept = platform.site.read(
        lambda session: session.scalar(select(func.count()).select_from(AuditEntry))
    )
    assert kept == 0


def test_only_who_follows_is_counted(platform: Platform) -> None:
    for openid, follows in (("o1", True), ("o2", True), ("o3", False)):
        row = Follower(openid=openid, subscribed=follows, changed_at=platform.clock())
        platform.change(lambda session, row=row: session.add(row))
    browser = platform.browser().get("/ops/menu")
    assert "2 人正在关注" in browser.text
    assert "尚未核对" in browser.text


def test_followers_are_asked_for_once_and_that_is_kept(platform: Platform) -> None:
    browser = platform.browser().get("/ops/menu")
    form = browser.fill("form[action$=followers]")
    for _ in range(2):
        browser.post("/ops/followers", form)
    assert "今天 10:00 已提交核对" in browser.text
    kept = platform.site.read(lambda session: list(session.scalars(select(AuditEntry.action))))
    assert kept == ["followers_ask"]
