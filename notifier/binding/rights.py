"""What a graduate does about her own data: withdraws consent, proves herself for a copy of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from notifier.binding import bind, phone_codes, sms_after_commit
from notifier.binding.phone_codes import Asker, CodeVerdict
from notifier.providers.sms import CodeSender
from registry.accounts import attempts
from registry.accounts.attempts import Limit, Subject
from registry.base.crypto import Vault
from registry.base.database import one_of
from registry.base.errors import RuleError
from registry.base.moves import move
from registry.codes import identity
from registry.numbers.shape import Issue
from registry.numbers.states import ISSUED_NUMBER, NumberEvent
from registry.numbers.tables import IssuedNumber
from registry.record import consents
from registry.record.consents import ConsentPurpose
from registry.record.tables import Graduate

PURPOSE = "own copy"
CODES = Limit(free=3, longest=timedelta(hours=12))
"""Codes for a copy that one record may ask for, before each next one has to wait twice as long."""
WITHDRAWN = "consent_withdrawn"
"""Why a binding ended: she withdrew her consent."""

_SENTENCES = {
    "no_phone": "学校没有登记您的手机号码，请到学校就业指导中心办理。",
    "too_many_attempts": "今天获取验证码的次数过多，请稍后再试。",
    "code_form": "请填写短信中的 6 位验证码。",
    "code_wrong": "验证码不对，请核对短信后再输入。",
    "code_expired": "验证码已失效，请重新获取。",
    "code_spent": "验证码输错次数过多，已失效，请重新获取。",
}


@dataclass(frozen=True)
class OwnRequest:
    """Who asks for her own data, in which browser session and WeChat."""

    graduate: Graduate
    openid: str
    session_hash: str
    at: datetime

    @property
    def asker(self) -> Asker:
        """Return whom a code is good for."""
        return Asker(PURPOSE, self.session_hash, self.openid)


def withdraw(session: Session, asked: OwnRequest, records: Sequence[int]) -> None:
    """Withdraw her consent for all her records: binding and authorizations end at once.

    What the school registers by law stays, and may be looked after at the school.
    """
    for purpose in ConsentPurpose:
        consents.withdraw(session, records, purpose, asked.at)
    move(
        session,
        ISSUED_NUMBER,
        IssuedNumber.standing,
        NumberEvent.REVOKE,
        one_of(session, IssuedNumber.graduate_id, records),
        IssuedNumber.issue == Issue.VERIFICATION,
        IssuedNumber.newest.is_(True),
        ended_at=asked.at,
    )
    by = f"graduate:{asked.graduate.key}"
    bind.end(session, asked.graduate.id, reason=WITHDRAWN, by=by, at=asked.at)


def send_code(
    session: Session, vault: Vault, sender: CodeSender, asked: OwnRequest
) -> RuleError | None:
    """Send a code to her phone, once the door has committed; a refusal is returned.

    That is `no_phone` or `too_many_attempts`.
    """
    sealed = asked.graduate.phone_sealed
    if not sealed:
        return _refuse("no_phone")
    subject = Subject(vault.index("attempt own copy", asked.graduate.key), CODES)
    if attempts.wait_until(session, PURPOSE, [subject], asked.at) is not None:
        return _refuse("too_many_attempts")
    attempts.count_failure(session, PURPOSE, [subject], asked.at)
    code = phone_codes.issue(session, vault, asked.asker, asked.graduate.id, asked.at)
    phone = vault.open(identity.PHONE, asked.graduate.id, sealed)
    sms_after_commit.send_after_commit(session, sender, phone, code, phone_codes.MINUTES)
    return None


def prove(session: Session, vault: Vault, asked: OwnRequest, typed: str) -> RuleError | None:
    """Take the code from her phone; a refusal is returned, so that the try stays counted."""
    if not phone_codes.is_code(typed):
        return _refuse("code_form")
    verdict, whose = phone_codes.check(session, vault, asked.asker, typed, asked.at)
    if verdict is CodeVerdict.RIGHT and whose == asked.graduate.id:
        return None
    return _refuse(f"code_{verdict}" if verdict is not CodeVerdict.RIGHT else "code_wrong")


def _refuse(code: str) -> RuleError:
    return RuleError(code, _SENTENCES[code], "code")
