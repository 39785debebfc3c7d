"""What staff are told about their own account (安全提醒), on every page until they have seen it."""

from dataclasses import dataclass
from datetime import datetime

from flask import Flask

from registry.accounts import staff_notices
from registry.accounts.staff_notices import NoticeKind
from registry.accounts.tables import StaffNotice
from wxapp.core.browser_session import browser
from wxapp.core.db import reading
from wxapp.core.resources import now
from wxapp.core.showing import moment_reader
from wxapp.core.who import signed_in_staff

KNOWN_SINCE = "known_since"
"""Of a session: when its browser first signed in."""
_CHANGE = "不是您本人操作的，请立即修改密码"
SENTENCES = {
    NoticeKind.NEW_DEVICE: "有新设备登录了您的账号：{device}。"
    f"{_CHANGE}，并在“我的账号”退出其他设备。",
    NoticeKind.WRONG_CODES: f"有人输入了您的密码，但动态码多次不对。{_CHANGE}。",
    NoticeKind.BACKUP_CODE_USED: "您的账号用备用码登录了一次，还剩 {left} 个备用码。"
    f"{_CHANGE}，并重新生成备用码。",
    NoticeKind.PASSWORD_GIVEN: "{by}为您的账号重设了初始密码。不是您本人要求的，请联系管理员。",
    NoticeKind.FACTOR_RESET: "您的二次验证已重置（{asked_by}申请，{by}批准）。"
    "不是您本人要求的，请联系管理员。",
    NoticeKind.FACTOR_RESET_BY_HOST: "系统管理员已重置您的二次验证。"
    "不是您本人要求的，请联系管理员。",
    NoticeKind.RESET_ASKED: "{by}申请重置您的二次验证，待其他管理人员批准。"
    "不是您本人要求的，请立即联系管理员。",
    NoticeKind.RESET_WAITS: "{by}申请重置{name}的二次验证，待批准。"
    "请先向本人核实，再到“我的账号”的“重置二次验证”中办理。",
    NoticeKind.TOO_MANY_REVEALS: "{name}查看完整证件号、手机号超过每小时 {budget} 次的上限，"
    "之后的查看已被拒绝。请在“日志查询”中核实。",
    NoticeKind.QUALIFIED: "{by}已通过贵单位的签约资质，有效期至{day}，可以发起签约邀请。",
    NoticeKind.PAPERS_CHECKED: "{by}已通过贵单位的招聘资质。如需签约，请补充签约授权书后重新提交。",
    NoticeKind.PAPERS_RETURNED: "{by}退回了贵单位的资质材料：{reason}。"
    "请在“单位资质”修改后重新提交。",
    NoticeKind.QUALIFICATION_ENDING: "贵单位在{schools}的签约资质将于{day}到期，请在“单位资质”"
    "重新提交材料。",
    NoticeKind.QUALIFICATION_ENDED: "贵单位在{schools}的签约资质已到期，不能再发起邀请。"
    "请在“单位资质”重新提交材料。",
    NoticeKind.SUSPENDED: "{school}已暂停贵单位签约：{reason}。待应约的邀请已停止，"
    "已签协议和解约照常办理。",
    NoticeKind.RESUMED: "{school}已恢复贵单位签约，可以继续发起邀请。",
    NoticeKind.LISTED: "贵单位已列入签约黑名单（{where}，至{day}）：{reason}。"
    "有异议请联系列入的部门。",
    NoticeKind.TAKEOVER_ASKED: "{name}持授权书申请担任贵单位的管理员，{when}起由学校审核。"
    "不同意的，请在“单位资质”提出异议。",
    NoticeKind.TAKEOVER_DECLINED: "学校未同意{name}担任贵单位的管理员。",
    NoticeKind.INVITATION_ACCEPTED: "有毕业生接受了贵单位的邀请，等待学校审核。",
    NoticeKind.INVITATION_REFUSED: "有毕业生拒绝了贵单位的邀请，原因见“签约邀请”。",
    NoticeKind.INVITATION_LAPSED: "贵单位的邀请有逾期未应约的，已自动失效，可重新邀请。",
    NoticeKind.INVITATION_CANCELLED: "贵单位的邀请有被停止的，详见“签约邀请”。",
    NoticeKind.ACCEPTANCE_RETRACTED: "有毕业生撤销了应约，详见“签约邀请”。",
    NoticeKind.AGREEMENT_SIGNED: "有就业协议通过学校审核，已经生效，详见“签约邀请”。",
    NoticeKind.AGREEMENT_FAILED: "有就业协议未签成，原因见“签约邀请”。",
    NoticeKind.AGREEMENT_RETURNED: "有就业协议被学校退回修改，请在“签约邀请”按原因修改，"
    "10 天内未办理的协议未签成。",
    NoticeKind.AGREEMENT_SENT_AGAIN: "退回修改的协议，有毕业生已同意修改或重新提交，等待学校审核。",
    NoticeKind.AGREEMENT_VOIDED: "有就业协议被学校作废，原因见“签约邀请”。",
    NoticeKind.SUPPLEMENT_ANSWERED: "有补充协议得到答复、失效或停止，详见“签约邀请”。",
    NoticeKind.TERMINATION_ASKED: "有毕业生申请解约，请在 10 个工作日内到“解约”答复。",
    NoticeKind.TERMINATION_MOVED: "有解约申请有新进展，详见“解约”。",
    NoticeKind.SYNC_TROUBLED: "{schools}的接口同步异常：{state}。请联系省级系统核实。",
    NoticeKind.TERMINATION_DECIDED: "学校已审核解约申请，结果见“解约”。",
}


@dataclass(frozen=True)
class Told:
    """One notice as it is read; `id` says how far somebody has read."""

    id: int
    sentence: str


def sentence_of(notice: StaffNotice) -> str:
    """Return what a notice says, with its time."""
    at = moment_reader(now)(notice.at)
    return f"{at} {SENTENCES[NoticeKind(notice.kind)].format_map(notice.details)}"


def known_since() -> datetime:
    """Return when the browser that is asking first signed in."""
    since = browser().get(KNOWN_SINCE)
    return datetime.fromisoformat(since) if since else now()


def unseen() -> list[Told]:
    """Return what who is asking was told and has not seen: after a first password was changed.

    Where there is nothing, nothing is asked of the database.
    """
    staff = signed_in_staff()
    if staff is None or not staff.has_notices or staff.first_password_until is not None:
        return []
    with reading() as session:
        found = staff_notices.unseen(session, staff.id, known_since())
    return [Told(each.id, sentence_of(each)) for each in found]


def show_notices_on(app: Flask) -> None:
    """Let templates show them."""
    app.jinja_env.globals["security_notices"] = unseen
