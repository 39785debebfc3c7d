"""What the mini program is told of something that went wrong: a code for it, a sentence for her."""

from flask import Response

from notifier.ledger import outcomes
from notifier.ledger.outcomes import Reaction
from notifier.wechat.errors import CodeInvalid, CodeUsed, GatewayError, Refused
from notifier.wechat.mini_program import ForeignPhone
from registry.base.errors import RuleError
from wxapp.core.problems import problem

LOGIN, PHONE = "login", "phone"
"""Whose code was exchanged."""
_BY_ERRCODE = {40226: "high_risk", 45011: "too_many"}
_BY_KIND = (
    (CodeUsed, "{}_code_used"),
    (CodeInvalid, "{}_code_invalid"),
    (ForeignPhone, "phone_foreign"),
)
RETRY_SECONDS = 60

REFUSALS = {
    "mini_off": (404, "小程序登录没有开通，请从服务号菜单进入。"),
    "request_unreadable": (400, "请求无法识别，请更新小程序后重试。"),
    "consent_missing": (400, "请先阅读并同意个人信息处理说明。"),
    "notice_changed": (409, "个人信息处理说明已更新，请阅读后重新登录。"),
    "login_code_invalid": (409, "登录凭证已失效，请重试。"),
    "login_code_used": (409, "登录凭证已使用过，请重试。"),
    "phone_code_invalid": (409, "手机号凭证已失效，请重新点击登录按钮。"),
    "phone_code_used": (409, "手机号凭证已使用过，请重新点击登录按钮。"),
    "phone_foreign": (409, "手机号没有取得，请重新点击登录按钮。"),
    "high_risk": (403, "微信提示您的账号存在风险，暂不能一键登录，请从服务号菜单进入。"),
    "too_many": (429, "操作太频繁，请一分钟后再试。"),
    "phone_unavailable": (503, "暂时无法取得手机号，请用姓名和证件号码登录。"),
    "wechat_away": (503, "微信暂时没有响应，请稍后再试。"),
    "account_fault": (503, "小程序配置有误，请联系学校就业指导中心。"),
    "signed_out": (401, "登录已结束，请重新登录。"),
}
_CONFLICTS = {"bound_elsewhere", "openid_bound", "binding_waits", "binding_objected"}


def refuse(code: str) -> Response:
    """Return the problem document of a refusal."""
    status, sentence = REFUSALS[code]
    answer = problem(status, code, sentence, {"sentence": sentence})
    if code == "too_many":
        answer.headers["Retry-After"] = str(RETRY_SECONDS)
    return answer


def refuse_by(refusal: RuleError) -> Response:
    """Return the problem document of a refusal by a rule."""
    status = 409 if refusal.code in _CONFLICTS else 429
    return problem(status, refusal.code, refusal.sentence, {"sentence": refusal.sentence})


def refuse_for(error: GatewayError, whose: str) -> Response:
    """Return the problem document of a call to WeChat that failed."""
    return refuse(_code_of(error, whose))


def _code_of(error: GatewayError, whose: str) -> str:
    kinds = (code for kind, code in _BY_KIND if isinstance(error, kind))
    named = _BY_ERRCODE.get(error.errcode or 0) or next(kinds, "")
    if named:
        return named.format(whose)
    if whose == PHONE and isinstance(error, Refused):
        return "phone_unavailable"  # no allowance left, no right to it
    faulty = error.outcome.reaction in {Reaction.ACCOUNT, Reaction.TOKEN}
    return "account_fault" if faulty or error.outcome is outcomes.UNLISTED else "wechat_away"
