"""The operator's door: who may come in, and how what is done here is kept."""

from collections.abc import Mapping
from typing import Any

from flask import Blueprint
from sqlalchemy.orm import Session

from notifier.wechat.errors import GatewayError
from registry.accounts import audit
from registry.accounts.tables import Role
from wxapp.core.menus import Entry
from wxapp.core.page_help import helper
from wxapp.core.resources import now, resources
from wxapp.core.who import WrongRole, current_staff
from wxapp.ops.page_help import HELP

blueprint = Blueprint("ops", __name__, url_prefix="/ops")


MENU = (
    Entry("ops.account", "服务号", "home"),
    Entry("ops.month", "发送统计", "chart"),
    Entry("ops.templates", "模板", "message"),
    Entry("ops.menu", "菜单与关注者", "people"),
    Entry("ops.replies", "自动回复", "message"),
    Entry("ops.campaigns", "活动中的任务", "tasks"),
    Entry("ops.schools", "学校", "people"),
    Entry("ops.provinces", "省份", "people"),
    Entry("ops.breaches", "举报", "alert"),
    Entry("ops.employers", "用人单位", "people"),
    Entry("ops.patterns", "异常提示", "review"),
    Entry("ops.audit_log", "日志查询", "log"),
)

ACTION_TITLES = {
    "account_pause": "暂停发送",
    "account_resume": "恢复发送",
    "templates_sync": "同步模板",
    "template_enter": "填写模板",
    "template_overrule": "指定模板",
    "template_overrule_undo": "取消指定模板",
    "menu_push": "推送菜单",
    "reply_change": "修改自动回复",
    "followers_ask": "核对关注者",
}
"""What is done to the account here, as the audit log names it and as people read it."""


def account_subject() -> str:
    """Return how the audit log names the account."""
    return f"account:{resources().settings.wechat_app_id}"


def note_on_account(
    session: Session, action: str, details: Mapping[str, Any] | None = None
) -> None:
    """Keep what the operator did to the account."""
    assert action in ACTION_TITLES, action
    record = audit.by_staff(current_staff(), action, account_subject(), details)
    audit.note(session, record, now())


def words_of(error: GatewayError) -> str:
    """Return what an operator reads of a call that failed, with WeChat's request id."""
    said = "，".join(
        words
        for words in (
            f"错误码 {error.errcode}" if error.errcode is not None else "",
            f"请求编号 {error.rid}" if error.rid else "",
        )
        if words
    )
    return f"{error.outcome.sentence}（{said}）" if said else error.outcome.sentence


@blueprint.before_request
def _let_in() -> None:
    if current_staff().role != Role.OPERATOR:
        raise WrongRole


@blueprint.context_processor
def _for_templates() -> dict[str, Any]:
    return {"menu": MENU, "me": current_staff(), "notice": "", "page_help": helper(HELP)}
