"""That somebody of an employer holds a phone, proven by a code before they register or hand in.

Anybody may type anybody's phone, so each code wants a puzzle, and a phone gets no more codes than
`phone_codes` lets it have. Refusals are values: their counts have to be kept.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil

from sqlalchemy.orm import Session

from notifier.binding import phone_codes, sms_after_commit
from notifier.binding.phone_codes import Asker, CodeVerdict, Holder
from notifier.providers.sms import CodeSender
from registry.accounts import addresses, attempts, puzzles
from registry.accounts.attempts import Limit, Subject
from registry.base.crypto import Vault
from registry.base.errors import RuleError
from registry.codes import identity

PURPOSE = "employer_phone"
OF_ADDRESS = Limit(free=20, longest=timedelta(minutes=30))
"""Codes asked for, and wrong ones, from one address (IPv6: /64, and /48): an office shares one."""
OF_PHONE = Limit(free=8, longest=timedelta(minutes=30))
"""The same of one phone, in one browser."""

_SENTENCES = {
    "phone_form": "请填写 11 位手机号码。",
    "resend_too_soon": "验证码刚刚发送，请 {seconds} 秒后再获取。",
    "too_many_attempts": "操作太频繁，请 {seconds} 秒后再试。",
    "phone_spent": "该手机号刚刚收到过验证码，或今天已达 5 条上限，请稍后再试。",
    "puzzle_needed": "请输入图中的数字，再获取验证码。",
    "puzzle_wrong": puzzles.WRONG,
    "code_form": "请填写短信中的 6 位验证码。",
    "code_expired": "验证码已失效，请重新获取。",
    "code_wrong": "验证码不对，请核对短信后再输入。",
    "code_spent": "验证码输错次数过多，已失效，请重新获取。",
}


@dataclass(frozen=True)
class PhoneClaim:
    """Whose phone it is said to be, in which browser session, and from where."""

    phone: str
    session_hash: str
    address: str
    puzzle_answer: str = ""

    @property
    def asker(self) -> Asker:
        """Return for whom a code holds."""
        return Asker(PURPOSE, self.session_hash, self.phone)


def normalised(text: str) -> str:
    """Return a phone as it is kept: digits alone."""
    return identity.normalised_phone(text)


def send_code(
    session: Session, vault: Vault, sender: CodeSender, claim: PhoneClaim, at: datetime
) -> RuleError | None:
    """Send a code once the door has committed; or return why not.

    Codes `phone_form`, `resend_too_soon`, `too_many_attempts`, `puzzle_needed`, `puzzle_wrong`, and
    `phone_spent` for a phone that has had its codes of the day.
    """
    if not identity.is_mobile(claim.phone):
        return _refuse("phone_form")
    holder = Holder(None, vault.index(identity.PHONE, claim.phone))
    subjects = _subjects(vault, claim)
    refusal = _not_now(session, claim, holder, subjects, at)
    if refusal is not None:
        return refusal
    attempts.count_failure(session, PURPOSE, subjects, at)
    code = phone_codes.issue(session, vault, claim.asker, holder, at)
    sms_after_commit.send_after_commit(session, sender, claim.phone, code, phone_codes.MINUTES)
    return None


def _not_now(
    session: Session,
    claim: PhoneClaim,
    holder: Holder,
    subjects: Sequence[Subject],
    at: datetime,
) -> RuleError | None:
    """Return why no code is sent now; a puzzle that was solved is used up."""
    until = attempts.wait_until(session, PURPOSE, subjects, at)  # first: it takes their turn
    sent_at = phone_codes.last_sent_at(session, claim.asker)
    if sent_at is not None and sent_at + phone_codes.APART > at:
        return _refuse("resend_too_soon", sent_at + phone_codes.APART - at)
    if until is not None:
        return _refuse("too_many_attempts", until - at)
    if not puzzles.solve(session, claim.session_hash, claim.puzzle_answer, at):
        return _refuse("puzzle_wrong" if claim.puzzle_answer else "puzzle_needed")
    spent = not phone_codes.may_be_sent(session, claim.asker, holder, at)
    return _refuse("phone_spent") if spent else None


def check(
    session: Session, vault: Vault, claim: PhoneClaim, typed: str, at: datetime
) -> RuleError | None:
    """Return None for the code that came to the phone, which is used up by it; or a refusal."""
    if not phone_codes.is_code(typed):
        return _refuse("code_form")
    subjects = _subjects(vault, claim)
    until = attempts.wait_until(session, PURPOSE, subjects, at)
    if until is not None:
        return _refuse("too_many_attempts", until - at)
    verdict = phone_codes.check(session, vault, claim.asker, typed, at).verdict
    if verdict is CodeVerdict.RIGHT:
        attempts.count_success(session, PURPOSE, subjects, at)
        return None
    if verdict is CodeVerdict.WRONG:
        attempts.count_failure(session, PURPOSE, subjects, at)
    return _refuse(f"code_{verdict}")


def _subjects(vault: Vault, claim: PhoneClaim) -> list[Subject]:
    places = addresses.counted(claim.address)
    own = f"{claim.session_hash}\0{claim.phone}"
    return [
        Subject(vault.index("attempt employer phone", own), OF_PHONE),
        *(Subject(vault.index("attempt address", each), OF_ADDRESS) for each in places),
    ]


def _refuse(code: str, left: timedelta = timedelta()) -> RuleError:
    field = "code" if code.startswith("code_") else "phone" if code == "phone_form" else None
    return RuleError(code, _SENTENCES[code].format(seconds=ceil(left.total_seconds())), field)
