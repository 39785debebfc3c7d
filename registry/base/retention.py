"""How long what is kept is kept, and why: the one table that sweeps, pages and docs go by.

Source of the principle: Personal Information Protection Law, article 19 (the shortest time that the
purpose needs) and 47 (deletion when the term is over). `docs/privacy.md` shows the table, and every
notice to graduates says it; a test compares it with all tables of the database.
"""

from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from registry.base.clock import SHANGHAI

TASK_FILE = timedelta(hours=24)
"""A file that was made for download."""
OWN_COPY = timedelta(hours=2)
"""A copy of all that is kept about a person: as long as her session may be idle."""
IMPORT_FILE = timedelta(days=7)
"""An uploaded roster, its plan and its refused rows."""
TASK = timedelta(days=30)
"""A finished task in the list of tasks."""
SELECTION = timedelta(days=1)
"""Graduates chosen from a list, to do something for them."""
IMPORT_CHANGE = timedelta(days=30)
"""What an import changed, to undo it."""
PUSH = timedelta(days=30)
"""What WeChat pushed and was worked on."""
UNSENT_FORM = timedelta(minutes=55)
"""What was typed into a form whose session had ended; swept each minute, so gone within an hour."""
ATTEMPT = timedelta(days=2)
"""A counted try; the longest budget is a day."""
CODE = timedelta(days=1)
"""A code sent by SMS, after its five minutes."""
FEED = timedelta(days=180)
"""What a province's system may read of what happened here: longer than it is ever away."""
FORWARDING_FILE = timedelta(days=90)
"""A file for the Ministry: until it was fetched and its receipt came."""
LEFT_FOLLOWER = timedelta(days=30)
"""An openid that follows no more and is bound to nobody."""


class Kept(StrEnum):
    """What has a term that a setting may lengthen (`QUXIANG_KEEP`)."""

    EVIDENCE = "evidence"
    GRADUATES = "graduates"
    LOOKUPS = "lookups"
    MESSAGES = "messages"
    AUDIT = "audit"


LEAST: Mapping[Kept, int] = {
    Kept.EVIDENCE: 36,
    Kept.GRADUATES: 36,
    Kept.LOOKUPS: 6,
    Kept.MESSAGES: 12,
    Kept.AUDIT: 36,
}
"""Months, by default and at least: a law, an official rule, or what the purpose needs."""


@dataclass(frozen=True)
class RetentionTerm:
    """How long something is kept."""

    title: str
    """What, in the words of the notice."""
    tables: tuple[str, ...]
    length: str
    """In words; `{}` is where the months of `kept` are said."""
    basis: str
    """Why so long: a source, or the purpose."""
    kept: Kept | None = None
    """Which setting lengthens it; None: nothing does."""


TERMS = (
    RetentionTerm(
        "学籍与毕业去向登记信息（含证件号码、手机号码）、登记确认、核验编号和转递编号、档案寄送记录",
        (
            *("graduate", "registration", "confirmation", "application", "review_step"),
            *("issued_number", "authentication", "province_entry", "binding", "consent"),
            *("invitation", "offline_request", "agreement", "agreement_paper", "terms_version"),
            *("supplement", "voiding", "termination", "termination_step", "source_record"),
            *("posting", "forwarded_entry"),
        ),
        "所在届档案转递服务结束（毕业次年3月31日）后 {}",
        "毕业去向登记与档案、户口转递的需要；就业数据核查期三年（教学厅函〔2021〕19号要求材料备查）",
        Kept.GRADUATES,
    ),
    RetentionTerm(
        "佐证材料",
        ("evidence", "termination_document"),
        "毕业当年和上传当年（取较晚者）年底后 {}",
        "就业材料留存备查不少于三年（教育部毕业生就业数据核查要求）",
        Kept.EVIDENCE,
    ),
    RetentionTerm(
        "举报、材料和处理记录",
        ("breach_report", "breach_step", "breach_file"),
        "办结后 {}，最迟随毕业记录",
        "查处、复核所需；就业材料留存备查不少于三年",
        Kept.EVIDENCE,
    ),
    RetentionTerm(
        "核验记录（何时被核验；网络地址只保留带密钥的摘要）",
        ("lookup",),
        "{}",
        "网络日志留存不少于六个月（网络安全法第二十一条）",
        Kept.LOOKUPS,
    ),
    RetentionTerm(
        "消息、提醒及送达结果，改发的小程序通知",
        ("message", "mini_notice", "campaign", "campaign_drive"),
        "{}",
        "通知义务的证明与退信、投诉的核对",
        Kept.MESSAGES,
    ),
    RetentionTerm(
        "操作日志",
        ("audit_entry", "audit_detail", "audit_link", "merged_school"),
        "{}",
        "网络日志不少于六个月（网络安全法第二十一条）；个人信息处理情况记录至少三年（个人信息保护法第五十六条）",
        Kept.AUDIT,
    ),
    RetentionTerm("任务生成的文件（名单、转递单、报告、操作日志）", (), "24 小时", "下载所需"),
    RetentionTerm("省级转报教育部的文件", (), "90 天", "教育部下载、核对回执所需"),
    RetentionTerm("本人信息副本", (), "2 小时", "下载所需"),
    RetentionTerm("上传的名单、批量邀请文件及其核对结果", (), "7 天", "核对、更正所需"),
    RetentionTerm("名单导入前的原值", ("import_change",), "30 天", "撤销导入所需"),
    RetentionTerm(
        "任务记录",
        (
            "task",
            "task_person",
            "task_application",
            *("office_task", "office_task_person", "roster_import"),
        ),
        "完成后 30 天；导入记录作为历史保留，其中涉及个人的核对提示 30 天后清除",
        "查看办理结果所需",
    ),
    RetentionTerm(
        "供省级系统读取的办理结果（确认、反馈、审核、编号失效）",
        ("feed_change",),
        "180 天，最迟随毕业记录",
        "省级系统中断后补取所需",
    ),
    RetentionTerm(
        "名单中选定的人员", ("selection", "selected_graduate"), "1 天", "为选定的人员办理所需"
    ),
    RetentionTerm(
        "手机号码、证件号码更改，新增毕业记录和解除绑定的提示",
        ("contact_change",),
        "原手机号、证件号码和微信标识 30 天，其余随毕业记录",
        "告知本人并受理异议",
    ),
    RetentionTerm("微信推送的事件", ("inbox_event",), "处理后 30 天", "核对送达回执所需"),
    RetentionTerm(
        "微信标识（openid）的关注、拒收状态和小程序通知的订阅次数",
        ("follower", "refusal", "mini_user", "mini_allowance"),
        "取消关注且未绑定任何毕业生后 30 天",
        "判断消息能否送达",
    ),
    RetentionTerm(
        "登录状态",
        ("web_session", "one_time_state", "mini_handover", "puzzle"),
        "到期即删除：毕业生 2 小时未操作、最长 12 小时",
        "保持登录所需",
    ),
    RetentionTerm(
        "登录失效时未提交成功的表单内容",
        ("unsent_form",),
        "1 小时内；提交后即删除",
        "重新登录后继续填写",
    ),
    RetentionTerm(
        "短信验证码和签约一次性代码（只保留带密钥的摘要）",
        ("one_time_code",),
        "失效后 1 天",
        "核对身份所需",
    ),
    RetentionTerm(
        "尝试次数（只保留带密钥的摘要）",
        ("attempt",),
        "2 天",
        "防止猜测密码、编号和验证码",
    ),
    RetentionTerm("工作人员的常用浏览器", ("staff_device",), "180 天未使用", "识别陌生设备的登录"),
    RetentionTerm("文件内容", ("stored_file", "file_piece"), "随所属的材料或任务", "同上"),
)
"""Every table that says something of a person, and how long."""

NOBODYS = frozenset(
    {
        *("school", "department", "season", "review_reason", "province_batch"),
        *(
            "unit_name_part",
            "graduate_count",
            "number_count",
            "application_count",
            "province_figures",
            "auto_reply",
            "account",
            "account_template",
            "mini_template",
            "quota_day",
            "privacy_notice",
            "gone_object",
        ),
        *("employer", "qualification", "employer_listing", "province_signing"),
        *("province_key", "spent_nonce", "sync_day", "feed_head"),
        *("forwarding", "forwarding_head"),
        "poster",
    }
)
"""Tables that say nothing of a graduate: they stay."""
OF_STAFF = frozenset(
    {
        "staff",
        "staff_charge",
        "colleague",
        "campus_account",
        "second_factor",
        "backup_code",
        "factor_reset",
    }
    | {"staff_notice", "certification", "employer_takeover", "employer_text", "list_view"}
)
"""Accounts of staff, and who handles what for an employer: as long as they are accounts."""


@dataclass(frozen=True)
class Retention:
    """The months in force: the least, or what a setting lengthens them to."""

    months: Mapping[Kept, int]

    def before(self, kept: Kept, at: datetime) -> datetime:
        """Return the moment before which it goes, counted back from `at`."""
        day = months_before(at.astimezone(SHANGHAI).date(), self.months[kept])
        return datetime(day.year, day.month, day.day, tzinfo=SHANGHAI)

    def last_cohort(self, at: datetime) -> int:
        """Return the last cohort (届) whose records go: its service ended long enough ago."""
        day = self.before(Kept.GRADUATES, at).date()
        return day.year - 1 if (day.month, day.day) > (3, 31) else day.year - 2

    def goes_on(self, cohort: int) -> date:
        """Return the day on which the records of a cohort go."""
        return months_after(date(cohort + 1, 4, 1), self.months[Kept.GRADUATES])

    def length(self, term: RetentionTerm) -> str:
        """Return how long, in words."""
        return term.length.format(in_words(self.months[term.kept])) if term.kept else term.length


DEFAULT = Retention(LEAST)


def longer(given: Mapping[str, int]) -> Retention:
    """Return the months in force where a setting gives some; raise ValueError for less than LEAST.

    Raises ValueError for a name that is none of `Kept` too.
    """
    unknown = given.keys() - {each.value for each in Kept}
    if unknown:
        raise ValueError(f"nothing is called {', '.join(sorted(unknown))}: {', '.join(Kept)}")
    short = [f"{each}:{LEAST[each]}" for each in Kept if given.get(each, LEAST[each]) < LEAST[each]]
    if short:
        raise ValueError(f"not less than {', '.join(short)} (docs/privacy.md)")
    return Retention({each: given.get(each, LEAST[each]) for each in Kept})


def in_words(months: int) -> str:
    """Return a number of months as people say it."""
    return f"{months // 12} 年" if months % 12 == 0 else f"{months} 个月"


def months_after(day: date, months: int) -> date:
    """Return the day some months later; the last of a shorter month."""
    place = day.year * 12 + day.month - 1 + months
    year, month = divmod(place, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def months_before(day: date, months: int) -> date:
    """Return the day some months earlier."""
    return months_after(day, -months)


def as_markdown(retention: Retention = DEFAULT) -> str:
    """Return the table as `docs/privacy.md` has it."""
    lines = ["| 内容 | 保存多久 | 依据 | 表 | 可延长 |", "|---|---|---|---|---|"]
    for term in TERMS:
        tables = "、".join(f"`{each}`" for each in term.tables) or "`stored_file`"
        setting = f"`{term.kept}`" if term.kept else "—"
        lines.append(
            f"| {term.title} | {retention.length(term)} | {term.basis} | {tables} | {setting} |"
        )
    return "\n".join(lines) + "\n"
