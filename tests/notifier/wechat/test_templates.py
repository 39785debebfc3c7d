"""Kinds are matched to the account's templates by title and labels, whatever the numbering."""

from collections.abc import Sequence
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session
from typing_extensions import override

from notifier.ledger import kinds
from notifier.ledger.tables import Account, AccountTemplate
from notifier.wechat.gateway import Gateway, RawTemplate
from notifier.wechat.menu import default_menu, push_menu
from notifier.wechat.templates import (
    Fit,
    KindReport,
    SyncReport,
    complaints,
    enter,
    is_missing_one,
    keys_by_label,
    note_refused,
    overrule,
    sync_templates,
    template_for,
)
from registry.base.errors import RuleError
from tests.clock import StandingClock
from tests.notifier.wechat.account import ACCOUNT, settings_for

TITLE = "去向登记确认提醒"
RIGHT = (
    "学校名称:{{thing10.DATA}}\n办理事项：{{thing2.DATA}}\n"
    "当前状态: {{phrase5.DATA}}\n截止日期:{{time8.DATA}}\n"
)
KIND = "confirmation_reminder"


class AccountOf(Gateway):
    """An account that has these templates."""

    def __init__(self, templates: Sequence[RawTemplate]) -> None:
        self.there = list(templates)
        self.app_id = "wx1"

    @override
    def templates(self) -> list[RawTemplate]:
        return self.there


def raw(content: str = RIGHT, title: str = TITLE, template_id: str = "T1") -> RawTemplate:
    return RawTemplate(template_id, title, content)


def sync(session: Session, clock: StandingClock, *templates: RawTemplate) -> KindReport:
    report = sync_templates(session, AccountOf(templates), clock())
    return next(each for each in report.kinds if each.kind == KIND)


def test_every_kind_finds_its_template_in_the_sandbox(
    session: Session, gateway: Gateway, clock: StandingClock
) -> None:
    report = sync_templates(session, gateway, clock())
    assert isinstance(report, SyncReport)
    assert report.complete
    assert report.templates == 7
    for name, kind in kinds.kinds().items():
        found = template_for(session, name)
        assert set(found.fields) == {field.label for field in kind.fields}
    account = session.scalars(select(Account)).one()
    assert (account.app_id, account.templates_synced_at) == (gateway.app_id, clock())


def test_labels_end_at_a_colon_of_either_width() -> None:
    assert keys_by_label(RIGHT) == {
        "学校名称": "thing10",
        "办理事项": "thing2",
        "当前状态": "phrase5",
        "截止日期": "time8",
    }


def test_the_lines_wechat_shows_no_more_are_no_fields() -> None:
    content = "{{first.DATA}}\n" + RIGHT + "{{remark.DATA}}"
    assert complaints(kinds.kinds()[KIND], content) == []


def test_a_wider_type_holds_our_value() -> None:
    content = RIGHT.replace("phrase5", "thing5").replace("time8", "date8")
    assert complaints(kinds.kinds()[KIND], content) == []


@pytest.mark.parametrize(
    ("content", "clause"),
    [
        (RIGHT.replace("当前状态", "状态"), "缺少字段“当前状态”"),
        (RIGHT.replace("phrase5", "number5"), "字段“当前状态”的类型是 number5"),
        (RIGHT.replace("thing2", "keyword2"), "字段“办理事项”的类型是 keyword2"),
        (RIGHT + "备注:{{thing9.DATA}}", "多出字段“备注”"),
    ],
)
def test_a_template_that_would_be_refused_is_told_apart_beforehand(
    session: Session, clock: StandingClock, content: str, clause: str
) -> None:
    report = sync(session, clock, raw(content))
    assert report.fit is Fit.UNFIT
    assert clause in report.sentence
    with pytest.raises(RuleError, match="template_missing"):
        template_for(session, KIND)


def test_a_missing_template_is_said_with_its_fields(session: Session, clock: StandingClock) -> None:
    report = sync(session, clock)
    assert report.fit is Fit.MISSING
    assert "学校名称、办理事项、当前状态、截止日期" in report.sentence


def test_of_two_with_one_title_the_one_that_fits_is_taken(
    session: Session, clock: StandingClock
) -> None:
    report = sync(session, clock, raw("备注:{{thing1.DATA}}"), raw(template_id="T2"))
    assert report.fit is Fit.MATCHED
    assert template_for(session, KIND).template_id == "T2"


def test_a_template_is_gone_when_a_second_look_misses_it_too(
    session: Session, clock: StandingClock
) -> None:
    sync(session, clock, raw())
    clock.move(timedelta(minutes=1))
    assert sync(session, clock).fit is Fit.MATCHED
    assert is_missing_one(session, "wx1")
    clock.move(timedelta(minutes=5))
    assert sync(session, clock).fit is Fit.MISSING
    assert not is_missing_one(session, "wx1")
    with pytest.raises(RuleError, match="template_missing"):
        template_for(session, KIND)


def test_an_empty_list_between_two_full_ones_changes_nothing(
    session: Session, clock: StandingClock
) -> None:
    for templates in ([raw()], [], [raw()], []):
        assert sync(session, clock, *templates).fit is Fit.MATCHED
        clock.move(timedelta(hours=6))


def test_after_wechat_refused_a_template_the_next_look_is_believed(
    session: Session, clock: StandingClock
) -> None:
    sync(session, clock, raw())
    note_refused(session, "wx1", KIND, clock(), gone=True)
    assert sync(session, clock).fit is Fit.MISSING


def test_after_wechat_refused_one_template_an_empty_list_takes_no_other_along(
    session: Session, clock: StandingClock
) -> None:
    other = next(each for each in kinds.with_templates() if each.name != KIND)
    content = "\n".join(
        f"{field.label}:{{{{{field.type}{number}.DATA}}}}"
        for number, field in enumerate(other.fields, 1)
    )
    sync(session, clock, raw(), raw(content, other.title, "T2"))
    note_refused(session, "wx1", KIND, clock(), gone=True)
    clock.move(timedelta(minutes=1))
    assert sync(session, clock).fit is Fit.MISSING
    assert template_for(session, other.name).template_id == "T2"
    assert is_missing_one(session, "wx1")
    clock.move(timedelta(minutes=5))
    sync(session, clock)
    with pytest.raises(RuleError, match="template_missing"):
        template_for(session, other.name)


def test_a_template_whose_keys_changed_is_not_gone_for_one_empty_list(
    session: Session, clock: StandingClock
) -> None:
    sync(session, clock, raw())
    note_refused(session, "wx1", KIND, clock(), gone=False)
    assert sync(session, clock).fit is Fit.MATCHED


def test_a_template_that_is_not_listed_is_entered_and_matched_by_hand(
    session: Session, clock: StandingClock
) -> None:
    sync(session, clock)
    enter(session, "T" * 43, TITLE, RIGHT, clock())
    overrule(session, "T" * 43, KIND, keys_by_label(RIGHT))
    for _ in range(3):
        clock.move(timedelta(hours=6))
        assert sync(session, clock).fit is Fit.MATCHED
    assert template_for(session, KIND).template_id == "T" * 43


@pytest.mark.parametrize(
    ("template_id", "content", "code"),
    [
        ("TM00412", RIGHT, "template_id_wrong"),
        ("模板" * 20, RIGHT, "template_id_wrong"),
        ("T" * 43, "学校名称", "template_content_wrong"),
    ],
)
def test_what_is_no_template_cannot_be_entered(
    session: Session, clock: StandingClock, template_id: str, content: str, code: str
) -> None:
    with pytest.raises(RuleError, match=code):
        enter(session, template_id, TITLE, content, clock())


def test_an_operators_match_outlives_a_sync(session: Session, clock: StandingClock) -> None:
    other = raw(
        "A:{{thing1.DATA}}\nB:{{thing2.DATA}}\nC:{{thing3.DATA}}\nD:{{thing4.DATA}}", "别的"
    )
    sync(session, clock, other, raw(template_id="T2"))
    labels = [field.label for field in kinds.kinds()[KIND].fields]
    keys = {label: f"thing{number + 1}" for number, label in enumerate(labels)}
    overrule(session, "T1", KIND, keys)
    assert sync(session, clock, other, raw(template_id="T2")).fit is Fit.MATCHED
    found = template_for(session, KIND)
    assert (found.template_id, dict(found.fields)) == ("T1", keys)
    overrule(session, "T1", None, {})
    sync(session, clock, other, raw(template_id="T2"))
    assert template_for(session, KIND).template_id == "T2"


def test_an_operators_match_has_to_be_one_to_one(session: Session, clock: StandingClock) -> None:
    sync(session, clock, raw())
    with pytest.raises(RuleError, match="template_unfit"):
        overrule(session, "T1", KIND, {"学校名称": "thing10"})
    with pytest.raises(RuleError, match="template_unknown"):
        overrule(session, "T9", KIND, {})
    assert session.scalars(select(AccountTemplate.overruled)).all() == [False]


def test_the_menu_fits_wechats_limits_and_leads_to_our_login(gateway: Gateway) -> None:
    settings = settings_for("http://127.0.0.1:1")
    menu = push_menu(gateway, settings)
    assert menu == default_menu(settings)
    tops = menu["button"]
    assert [top["name"] for top in tops] == ["毕业生", "我的消息", "帮助"]
    leaves = [leaf for top in tops for leaf in top.get("sub_button", [top])]
    assert all(len(top["name"].encode()) <= 16 for top in tops)
    assert all("/wechat/login?to=" in leaf["url"] for leaf in leaves)


def test_a_menu_entry_opens_the_mini_program_and_keeps_the_page_for_old_clients(
    gateway: Gateway,
) -> None:
    settings = settings_for(
        "http://127.0.0.1:1",
        mini_app_id=ACCOUNT.mini_app_id,
        mini_app_secret=ACCOUNT.mini_app_secret,
        mini_page="pages/index/index",
    )
    leaf = push_menu(gateway, settings)["button"][1]
    assert leaf == {
        "type": "miniprogram",
        "name": "我的消息",
        "url": "https://quxiang.example.edu.cn/wechat/login?to=messages",
        "appid": ACCOUNT.mini_app_id,
        "pagepath": "pages/index/index?to=messages",
    }
