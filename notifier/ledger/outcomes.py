"""What an answer of the platform means and what we do about it: the one table of error classes.

Source: the platform's error codes as far as they are published (api_sendtemplatemessage, global
return codes), and what the community saw where they are not. The sentences are what people read.
"""

from dataclasses import dataclass
from enum import StrEnum

from notifier.ledger.states import MINI_NOTICE_TITLES, MiniNoticeState


class Reaction(StrEnum):
    """What follows from an answer."""

    ACCEPTED = "accepted"
    AMBIGUOUS = "ambiguous"
    """It may have been taken: only the same client_msg_id, only inside the window."""
    TOKEN = "token"  # noqa: S105 - the class of an error, not a secret
    """Not taken; get a new token, try again at once."""
    BACK_OFF = "back_off"
    """Not taken; later, and slower."""
    PERSON = "person"
    """Not taken; this person cannot be reached."""
    PERSON_LATER = "person_later"
    """Not taken; this person, hours later."""
    TEXT = "text"
    """Not taken; this person's values do not fit."""
    CAMPAIGN = "campaign"
    """Not taken; nothing of this kind will be until somebody acts."""
    ACCOUNT = "account"
    """Not taken; the account cannot send until somebody acts."""
    QUOTA = "quota"
    """Not taken; the account's day is used up."""


@dataclass(frozen=True)
class Outcome:
    """An answer's code for programs, its class, and its sentence for people."""

    code: str
    reaction: Reaction
    sentence: str


ACCEPTED = Outcome("accepted", Reaction.ACCEPTED, "微信已受理")
NO_ANSWER = Outcome("no_answer", Reaction.AMBIGUOUS, "没有收到微信的答复，可能已发出")
BAD_ANSWER = Outcome("bad_answer", Reaction.AMBIGUOUS, "微信的答复无法识别，可能已发出")
NOT_SENT = Outcome("not_sent", Reaction.BACK_OFF, "暂时无法连接微信，稍后自动重试")
TEMPLATE_MISSING = Outcome(
    "template_missing", Reaction.CAMPAIGN, "公众平台上暂无可用的模板，请添加后同步"
)
TEMPLATE_CHANGED = Outcome(
    "template_changed", Reaction.CAMPAIGN, "公众平台上的模板字段已变更，模板同步后自动继续"
)
UNLISTED = Outcome("wechat_error", Reaction.PERSON, "微信返回了未收录的错误")
PAUSED_BY_OPERATOR = Outcome("paused_by_operator", Reaction.ACCOUNT, "平台运维已手动暂停")

LEDGER_RESTORED = Outcome(
    "ledger_restored",
    Reaction.ACCOUNT,
    "数据库已恢复到以前的备份，之后的发送没有记录，等平台运维核对",
)

_TOKEN = Outcome("token_refused", Reaction.TOKEN, "微信凭证已更换，自动重取后重发")
_SECRET = Outcome(
    "bad_secret", Reaction.ACCOUNT, "AppID 或 AppSecret 不正确，请核对公众平台“基本配置”"
)
TOKEN_LOST = Outcome(
    "token_lost", Reaction.ACCOUNT, "微信连续拒绝新取的凭证，请确认没有别的程序在强制刷新后恢复"
)
_BUG = Outcome("bad_request", Reaction.CAMPAIGN, "请求不被微信接受，请联系平台运维")
_TEMPLATE = Outcome(
    "template_gone", Reaction.CAMPAIGN, "模板已失效或不属于本账号，请在公众平台添加后同步模板"
)
_NOT_FOLLOWING = Outcome("not_following", Reaction.PERSON, "未关注公众号")
_REFUSED = Outcome("refused", Reaction.PERSON, "本人拒收该类消息")
_ADDRESS = Outcome("bad_address", Reaction.PERSON, "微信身份已失效，请本人重新绑定")
_OF_ANOTHER_ACCOUNT = "连续多人的微信身份不被公众号认可，请联系平台运维核对公众号设置后再继续"
_BANNED = Outcome(
    "template_banned", Reaction.CAMPAIGN, "模板被微信封禁，请查看公众平台站内信并停止该类消息"
)
_ACCOUNT_BANNED = Outcome(
    "account_banned", Reaction.ACCOUNT, "账号的模板消息接口被微信限制，请查看公众平台站内信"
)
_ADDRESS_LIST = Outcome(
    "server_not_listed", Reaction.ACCOUNT, "服务器 IP 不在公众平台的 IP 白名单中，请添加后恢复"
)
_QUOTA = Outcome("quota_used_up", Reaction.QUOTA, "今日模板消息额度已用完，零点后自动继续")
_BUSY = Outcome("wechat_busy", Reaction.AMBIGUOUS, "微信系统繁忙，稍后自动重试")

BY_ERRCODE: dict[int, Outcome] = {
    0: ACCEPTED,
    -1: _BUSY,
    40001: _TOKEN,
    40014: _TOKEN,
    42001: _TOKEN,
    41001: _BUG,
    40003: _ADDRESS,
    43004: _NOT_FOLLOWING,
    50005: _NOT_FOLLOWING,
    43019: Outcome("blacklisted", Reaction.PERSON, "在公众号的黑名单中"),
    43101: _REFUSED,
    48002: _REFUSED,
    43117: Outcome("person_too_often", Reaction.PERSON_LATER, "对此人发送过于频繁，数小时后再试"),
    40241: Outcome("duplicate_minute", Reaction.AMBIGUOUS, "微信称一分钟内重复，可能已发出"),
    43106: _ACCOUNT_BANNED,
    43116: _BANNED,
    40249: _BANNED,
    43104: _ACCOUNT_BANNED,
    48001: Outcome("not_granted", Reaction.ACCOUNT, "账号没有模板消息权限，或凭证属于别的账号"),
    48004: _ACCOUNT_BANNED,
    50002: _ACCOUNT_BANNED,
    40036: _BUG,
    40037: _TEMPLATE,
    47001: _BUG,
    47003: Outcome("field_refused", Reaction.TEXT, "字段内容不符合微信的格式要求"),
    41030: _BUG,
    40039: _BUG,
    40048: _BUG,
    40066: _BUG,
    45009: _QUOTA,
    45011: Outcome("minute_limit", Reaction.BACK_OFF, "触发微信的分钟限额，已自动降速"),
    40013: _SECRET,
    40125: _SECRET,
    40243: Outcome("secret_frozen", Reaction.ACCOUNT, "AppSecret 已被冻结，请在公众平台解冻"),
    40164: _ADDRESS_LIST,
    61004: _ADDRESS_LIST,
    89503: Outcome("address_needs_admin", Reaction.ACCOUNT, "请公众号管理员在微信中确认服务器 IP"),
    89501: Outcome("address_needs_admin", Reaction.ACCOUNT, "请公众号管理员在微信中确认服务器 IP"),
    89506: Outcome("address_refused", Reaction.ACCOUNT, "管理员拒绝了服务器 IP，24 小时后再申请"),
    89507: Outcome("address_refused", Reaction.ACCOUNT, "管理员拒绝了服务器 IP，1 小时后再申请"),
    61007: _SECRET,
    45103: Outcome("not_granted", Reaction.ACCOUNT, "该类型的账号不支持模板消息"),
}

PAUSED_BY_STAFF = "paused_by_staff"

OWN_REASONS: dict[str, str] = {
    "not_bound": "未绑定微信",
    "record_ended": "学校已停用这条记录",
    "not_following": _NOT_FOLLOWING.sentence,
    "refused": _REFUSED.sentence,
    "not_meant": "不在发送对象中",
    "audience_unreadable": "发送对象的筛选条件无法识别，请新建一个任务",
    "no_longer_applies": "发送前本人已办理，无需提醒",
    "field_impossible": "信息不完整，无法填入消息",
    "cap_reached": "今天已收到较多提醒，明天再发",
    "cancelled": "任务已取消",
    "put_back": "已恢复为更改之前的内容",
    "import_undone": "学校撤销了这次导入",
    "expired": "超过最晚发送时间",
    "crashed": "发送时程序多次异常，已搁置，请联系平台运维",
    "window_closed": "结果无法确认，为避免重复不再发送",
    "maybe_before_restore": "数据库是从备份恢复的，可能已经发过",
    "rebound": "微信绑定已变更",
    "user_block": "本人屏蔽了公众号消息",
    "system_failed": "微信投递失败",
    "freq_limit": "对此人发送过于频繁",
    "receipt_failed": "微信报告投递失败",
    "repeat_failed": "重发的一条没有送达，之前的一条可能已送达",
    "blocked": "被微信拦截，没有送达",
    "probe_failed": "试发没有成功",
    "quiet_hours": "免打扰时段，次日早上自动续发",
    "scheduled": "到时间自动开始",
    "starting": "马上开始",
    PAUSED_BY_STAFF: "已手动暂停",
    "too_many_refusals": "连续多人被拒，已自动暂停，请检查后再继续",
    "redis_away": "限速服务暂不可用，恢复后自动继续",
}

_NOT_BY_ERRCODE = (
    NO_ANSWER,
    BAD_ANSWER,
    NOT_SENT,
    TEMPLATE_MISSING,
    TEMPLATE_CHANGED,
    TOKEN_LOST,
    UNLISTED,
    PAUSED_BY_OPERATOR,
    LEDGER_RESTORED,
)

SENTENCES: dict[str, str] = {
    each.code: each.sentence for each in (*BY_ERRCODE.values(), *_NOT_BY_ERRCODE)
} | OWN_REASONS


TEMPLATE_GONE = _TEMPLATE.code
TEMPLATE_REFUSED = frozenset({_TEMPLATE.code, TEMPLATE_CHANGED.code})
"""WeChat does not know the template any more, or knows it otherwise than we read it."""
OF_THE_TEMPLATE = TEMPLATE_REFUSED | {TEMPLATE_MISSING.code}
"""What ends as soon as the account has a template of the kind that fits."""


def account_pauses() -> set[str]:
    """Return the codes of the outcomes that pause the whole account."""
    every = (*BY_ERRCODE.values(), *_NOT_BY_ERRCODE)
    return {each.code for each in every if each.reaction in {Reaction.ACCOUNT, Reaction.QUOTA}}


def of(errcode: int) -> Outcome:
    """Return what an errcode means; one that is not in the table stops only this person."""
    return BY_ERRCODE.get(errcode, UNLISTED)


def sentence(code: str) -> str:
    """Return what people read for a reason's code; empty for none."""
    return SENTENCES[code] if code else ""


def sentence_of(code: str, notice: str | None) -> str:
    """Return what people read for a reason's code, and for the notice that came instead."""
    instead = MINI_NOTICE_TITLES[MiniNoticeState(notice)] if notice else ""
    return "；".join(filter(None, (sentence(code), instead)))


def waiting_sentence(code: str) -> str:
    """Return why something waits, as people read it: for an answer got in a row, not her fault."""
    return _OF_ANOTHER_ACCOUNT if code == _ADDRESS.code else sentence(code)


IN_A_ROW: dict[str, int] = {
    # Seen for single valid calls, so it takes several different people to believe them.
    "template_gone": 3,
    "account_banned": 3,
    "wechat_error": 5,
    "bad_address": 20,  # openids of another account
    "field_refused": 10,
}
"""How many people in a row must get this answer before everything like it stops; else the first."""


def stops_after(outcome: Outcome) -> int | None:
    """Return how many such answers in a row stop the campaign or the account; None: never."""
    stopping = {Reaction.CAMPAIGN, Reaction.ACCOUNT, Reaction.QUOTA}
    return IN_A_ROW.get(outcome.code, 1 if outcome.reaction in stopping else None)


RECEIPT_REASONS = {
    "userblock": "user_block",
    "systemfailed": "system_failed",
    "freqlimit": "freq_limit",
}


def receipt_reason(status: str) -> str | None:
    """Return None for a delivered receipt, else the reason's code.

    WeChat writes `success`, `failed:user block`, `failed: system failed` and, undocumented,
    `failed:freq limit`: blanks and case are not relied on.
    """
    folded = "".join(status.lower().split())
    if folded == "success":
        return None
    return RECEIPT_REASONS.get(folded.removeprefix("failed:"), "receipt_failed")
