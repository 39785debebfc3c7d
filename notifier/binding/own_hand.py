"""A second proof that it is she who acts: a code to the phone that her school has registered.

Asked for before what binds her (an acceptance), in the browser session and WeChat that are bound to
her, and good for that one act. A refusal is a value, never raised: a rollback would forget what was
counted.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil

from sqlalchemy.orm import Session

from notifier.binding import phone_codes, sms_after_commit
from notifier.binding.phone_codes import Asker, CodeVerdict, Holder
from notifier.providers.sms import CodeSender
from registry.accounts import attempts
from registry.accounts.attempts import Limit, Subject
from registry.base.crypto import Vault
from registry.base.errors import RuleError
from registry.codes import identity
from registry.record.tables import Graduate

PURPOSE = "own_hand"
RESEND = timedelta(seconds=60)
OF_GRADUATE = Limit(free=8, longest=timedelta(minutes=30))
"""Codes sent to one graduate and wrong tries of them, together."""

_SENTENCES = {
    "no_phone": "学校没有登记您的手机号，请联系学院就业老师登记后再办理。",
    "resend_too_soon": "验证码刚刚发送，请 {seconds} 秒后再获取。",
    "too_many_attempts": "操作太频繁，请 {seconds} 秒后再试。",
    "code_form": "请填写短信中的 6 位验证码。",
    "code_expired": "验证码已失效，请重新获取。",
    "code_wrong": "验证码不对，请核对短信后再输入。",
    "code_spent": "验证码输错次数过多，已失效，请重新获取。",
}


@dataclass(frozen=True)
class Act:
    """What she is about to do, in which browser session and WeChat identity."""

    name: str
    """Names the one act: a code asked for another does not fit it."""
    openid: str
    session_hash: str

    @property
    def asker(self) -> Asker:
        """Return for whom a code holds."""
        return Asker(PURPOSE, self.session_hash, f"{self.openid}\0{self.name}")


def send_code(
    session: Session, vault: Vault, sender: CodeSender, graduate: Graduate, act: Act, at: datetime
) -> RuleError | None:
    """Send a code once the door has committed; return `no_phone` or why it is too early."""
    if graduate.phone_sealed is None:
        return _refuse("no_phone")
    subjects = _subjects(vault, graduate)
    until = attempts.wait_until(session, PURPOSE, subjects, at)  # first: it takes her turn
    sent_at = phone_codes.last_sent_at(session, act.asker)
    if sent_at is not None and sent_at + RESEND > at:
        return _refuse("resend_too_soon", sent_at + RESEND - at)
    if until is not None:
        return _refuse("too_many_attempts", until - at)
    attempts.count_failure(session, PURPOSE, subjects, at)
    phone = vault.open(identity.PHONE, graduate.id, graduate.phone_sealed)
    holder = Holder(graduate.id, identity.phone_index(vault, phone) or "")
    code = phone_codes.issue(session, vault, act.asker, holder, at)
    sms_after_commit.send_after_commit(session, sender, phone, code, phone_codes.MINUTES)
    return None


def check(
    session: Session, vault: Vault, graduate: Graduate, act: Act, typed: str, at: datetime
) -> RuleError | None:
    """Return None for the code that was sent for this act, which is used up by it.

    Refuses with `code_form` and `too_many_attempts`, which take none of the code's tries,
    `code_expired`, `code_wrong` or `code_spent`.
    """
    if not phone_codes.is_code(typed):
        return _refuse("code_form")
    subjects = _subjects(vault, graduate)
    until = attempts.wait_until(session, PURPOSE, subjects, at)
    if until is not None:
        return _refuse("too_many_attempts", until - at)
    checked = phone_codes.check(session, vault, act.asker, typed, at)
    verdict = checked.verdict
    if verdict is CodeVerdict.RIGHT and checked.graduate_id == graduate.id:
        for each in subjects:
            attempts.forget(session, PURPOSE, each)
        return None
    if verdict is CodeVerdict.WRONG:
        attempts.count_failure(session, PURPOSE, subjects, at)
    return _refuse(f"code_{CodeVerdict.WRONG if verdict is CodeVerdict.RIGHT else verdict}")


def _subjects(vault: Vault, graduate: Graduate) -> list[Subject]:
    return [Subject(vault.index("attempt own hand", str(graduate.id)), OF_GRADUATE)]


def _refuse(code: str, left: timedelta = timedelta()) -> RuleError:
    field = "code" if code.startswith("code_") else None
    return RuleError(code, _SENTENCES[code].format(seconds=ceil(left.total_seconds())), field)
