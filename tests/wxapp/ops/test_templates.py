"""Templates are synced, seen kind by kind, and matched by hand where the operator knows better."""

from collections.abc import Iterator

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from notifier.ledger.tables import AccountTemplate, Campaign
from notifier.wechat.templates import template_for
from registry.accounts.tables import AuditEntry
from tests.pages import Browser
from tests.wxapp.ops.conftest import Platform

KIND = "confirmation_reminder"
LIST = "/cgi-bin/template/get_all_private_template"
LABELS = ("学校名称", "办理事项", "当前状态", "截止日期")


@pytest.fixture
def other(platform: Platform) -> str:
    """Add a template to the account that no kind of ours is called like; return its id."""
    row = AccountTemplate(
        template_id="OTHER",
        title="办理进度提醒",
        content="单位:{{thing1.DATA}}\n事项:{{thing2.DATA}}\n状态:{{phrase3.DATA}}\n时间:{{time4.DATA}}",
        read_at=platform.clock(),
    )
    platform.change(lambda session: session.add(row))
    return "OTHER"


@pytest.fixture
def calm(platform: Platform) -> Iterator[None]:
    """Leave the stand-in for WeChat without faults."""
    yield
    platform.sandbox.control.clear_faults()


def synced(platform: Platform) -> Browser:
    return platform.browser().get("/ops/templates").submit("main form", "同步模板")


def used(platform: Platform) -> str:
    return platform.site.read(lambda session: template_for(session, KIND).template_id)


def test_before_a_sync_every_kind_is_missing_and_says_what_to_add(platform: Platform) -> None:
    text = platform.browser().get("/ops/templates").text
    assert "尚未同步" in text
    assert "公众平台上没有模板“去向登记确认提醒”，请添加，字段为：学校名称、办理事项" in text


def test_a_sync_finds_them_and_is_kept(platform: Platform) -> None:
    browser = synced(platform)
    assert "上次同步：今天 10:00" in browser.text
    assert browser.text.count("可以使用") == 6
    assert "“去向登记确认提醒”已匹配。" in browser.text
    actions = platform.site.read(lambda session: session.scalars(select(AuditEntry.action)).all())
    assert actions == ["templates_sync"]


def test_what_the_page_says_is_what_the_sync_found(platform: Platform) -> None:
    synced(platform)
    wrong = "学校名称:{{thing1.DATA}}"

    def spoil(session: Session) -> None:
        for row in session.scalars(select(AccountTemplate).where(AccountTemplate.kind == KIND)):
            row.kind, row.content = None, wrong

    platform.change(spoil)
    text = platform.browser().get("/ops/templates").text
    assert "不能使用" in text
    assert "缺少字段“办理事项”" in text


def test_wechats_refusal_is_shown_in_words(platform: Platform, calm: None) -> None:
    platform.sandbox.control.fault("errcode", path=LIST, errcode=48001)
    browser = platform.browser().get("/ops/templates").submit("main form", "同步模板")
    assert browser.status == 502
    assert "账号没有模板消息权限" in browser.find("[role=alert]").get_text()
    assert "48001" in browser.find("[role=alert]").get_text()
    assert "尚未同步" in browser.text


def test_a_template_chosen_by_hand_is_used_until_that_is_undone(
    platform: Platform, other: str
) -> None:
    synced(platform)
    own = used(platform)
    platform.change(
        lambda session: setattr(session.get_one(AccountTemplate, other), "present", True)
    )
    browser = platform.browser().get(f"/ops/templates/{KIND}")
    browser.submit("#which-form", template=other)
    keys = dict(zip(LABELS, ("thing1", "thing2", "phrase3", "time4"), strict=True))
    browser.submit("#fields-form", **keys)
    assert browser.path == "/ops/templates"
    assert "“去向登记确认提醒”使用运维人员指定的模板。" in browser.text
    assert used(platform) == other
    browser.submit(f"form[action$='{KIND}/undo']", "改回自动匹配")
    assert used(platform) == own
    assert "“去向登记确认提醒”已匹配。" in browser.text


def test_of_two_chosen_by_hand_the_later_counts(platform: Platform, other: str) -> None:
    synced(platform)
    browser = platform.browser()
    ids = platform.site.read(lambda session: session.scalars(select(AccountTemplate)).all())
    own = next(each for each in ids if each.kind == KIND)
    platform.change(
        lambda session: setattr(session.get_one(AccountTemplate, other), "present", True)
    )
    for template in (other, own.template_id):
        browser.get(f"/ops/templates/{KIND}?template={template}")
        offered = [
            str(option["value"]) for option in browser.find_all("#f-1 option") if option["value"]
        ]
        browser.submit("#fields-form", **dict(zip(LABELS, offered, strict=True)))
        assert used(platform) == template
    chosen = select(AccountTemplate.template_id).where(AccountTemplate.overruled)
    assert platform.site.read(lambda session: session.scalars(chosen).all()) == [own.template_id]


def test_a_wrong_choice_is_said_and_what_was_chosen_stays(platform: Platform, other: str) -> None:
    browser = platform.browser().get(f"/ops/templates/{KIND}?template={other}")
    browser.submit("#fields-form", 学校名称="thing2", 办理事项="thing2")
    assert browser.status == 400
    assert "字段没有一一对应" in browser.find("[role=alert]").get_text()
    assert browser.fill("#fields-form")["办理事项"] == "thing2"
    rows = platform.site.read(lambda session: session.scalars(select(AccountTemplate)).all())
    assert [each.overruled for each in rows] == [False]


def test_a_kind_that_is_none_is_not_found(platform: Platform) -> None:
    assert platform.browser().get("/ops/templates/nothing").status == 404


def test_a_template_with_too_few_fields_is_said_before_anything_is_filled_in(
    platform: Platform, other: str
) -> None:
    few = "单位:{{thing1.DATA}}"
    platform.change(
        lambda session: setattr(session.get_one(AccountTemplate, other), "content", few)
    )
    browser = platform.browser().get(f"/ops/templates/{KIND}?template={other}")
    assert "这个模板有 1 个字段，“去向登记确认提醒”需要 4 个" in browser.find("#cannot").get_text()
    assert not browser.find_all("#fields-form")


def test_looking_matches_nothing(platform: Platform) -> None:
    synced(platform)

    def forget(session: Session) -> None:
        for row in session.scalars(select(AccountTemplate)):
            row.kind = None

    platform.change(forget)
    platform.browser().get("/ops/templates")
    matched = select(AccountTemplate.kind).where(AccountTemplate.kind.is_not(None))
    assert platform.site.read(lambda session: session.scalars(matched).all()) == []


def test_a_template_that_wechat_does_not_list_is_entered_and_its_fields_matched(
    platform: Platform,
) -> None:
    content = (
        "单位:{{thing1.DATA}}\n事项:{{thing2.DATA}}\n状态:{{phrase3.DATA}}\n时间:{{time4.DATA}}"
    )
    browser = platform.browser().get(f"/ops/templates/{KIND}")
    browser.submit("#enter-form", id="T" * 43, content=content)
    keys = dict(zip(LABELS, ("thing1", "thing2", "phrase3", "time4"), strict=True))
    browser.submit("#fields-form", **keys)
    assert used(platform) == "T" * 43
    actions = platform.site.read(lambda session: session.scalars(select(AuditEntry.action)).all())
    assert actions == ["template_enter", "template_overrule"]


def test_the_log_says_which_template_and_fields_there_were_before(
    platform: Platform, other: str
) -> None:
    synced(platform)
    platform.change(
        lambda session: setattr(session.get_one(AccountTemplate, other), "present", True)
    )
    old = used(platform)
    browser = platform.browser().get(f"/ops/templates/{KIND}?template={other}")
    keys = dict(zip(LABELS, ("thing1", "thing2", "phrase3", "time4"), strict=True))
    browser.submit("#fields-form", **keys)
    said = f"模板：{old} → {other}"
    assert said in browser.get("/ops/audit").text
    browser.get("/ops/templates").submit("form[action$=undo]")
    assert f"模板：{other} → {old}" in browser.get("/ops/audit").text


def test_what_is_no_template_is_said_and_kept(platform: Platform) -> None:
    browser = platform.browser().get(f"/ops/templates/{KIND}")
    browser.submit("#enter-form", id="T" * 43, content="学校名称")
    assert browser.status == 400
    assert "没有找到字段" in browser.text
    assert browser.find("#f-content").get_text() == "学校名称"


def test_a_campaign_that_waited_for_a_template_goes_on_when_one_is_matched(
    platform: Platform,
) -> None:
    platform.campaign("paused", "template_missing")
    synced(platform)
    campaign = platform.site.read(lambda session: session.scalars(select(Campaign)).one())
    assert (campaign.state, campaign.reason) in {("sending", ""), ("scheduled", "scheduled")}
