"""A one-time code that a graduate gives to an employer, by which it names her instead of by name.

Eight characters, good for ten minutes and one invitation; only a keyed hash is kept. The last one
that she made holds. What is typed wrongly is held against the employer as a wrong name is.
"""

import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.orm import Session, joinedload

from registry.accounts import attempts
from registry.accounts.tables import OneTimeCode, Staff
from registry.base.crypto import Vault
from registry.base.errors import RuleError
from registry.base.text import folded_number
from registry.record.scope import not_ended
from registry.record.tables import Graduate
from registry.signing import naming, qualified
from registry.signing.tables import Qualification

PURPOSE = "invite_me"
CHARACTERS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
"""Without those that are taken for others when read aloud or copied."""
LENGTH = 8
LASTS = timedelta(minutes=10)
_BETWEEN = re.compile(r"[-‐–—_·.\s]+")
_FORM = re.compile(f"[{CHARACTERS}]{{{LENGTH}}}")


@dataclass(frozen=True)
class GivenCode:
    """A code that was just made; it is shown once and kept nowhere."""

    code: str
    until: datetime

    @property
    def grouped(self) -> str:
        """Return it as people read it."""
        return f"{self.code[: LENGTH // 2]}-{self.code[LENGTH // 2 :]}"


def make(
    session: Session, vault: Vault, graduate: Graduate, session_hash: str, at: datetime
) -> GivenCode:
    """Make a code for a graduate; those before it hold no more."""
    session.execute(
        update(OneTimeCode)
        .where(*_good(at), OneTimeCode.graduate_id == graduate.id)
        .values(used_at=at)
        .execution_options(synchronize_session=False)
    )
    made = GivenCode("".join(secrets.choice(CHARACTERS) for _ in range(LENGTH)), at + LASTS)
    row = OneTimeCode(
        purpose=PURPOSE,
        session_hash=session_hash,
        graduate_id=graduate.id,
        code_hash=vault.index("given code", made.code),
        sent_at=at,
        expires_at=made.until,
    )
    session.add(row)
    return made


def find_graduate(
    session: Session, vault: Vault, staff: Staff, typed: str, at: datetime
) -> Graduate | RuleError:
    """Return whose code was typed, with school and department, or a refusal as a value.

    As of `naming.find_graduate` its count has to be kept: `code_form` (which counts nothing),
    `code_unknown`, `not_qualified` or `too_many_attempts`.
    """
    code = read(typed)
    if code is None:
        sentence = f"一次性代码是 {LENGTH} 位字母和数字，请核对后重新填写。"
        return RuleError("code_form", sentence, "given_code")
    employer = naming.subject_of(vault, staff)
    until = attempts.wait_until(session, naming.PURPOSE, [employer], at)
    if until is not None:
        return naming.wait(until, at, "given_code")
    ident = session.scalar(select(OneTimeCode.graduate_id).where(*_those(vault, code, at)))
    if ident is None:
        attempts.count_failure(session, naming.PURPOSE, [employer], at)
        return _unknown()
    return _graduate(session, staff, ident, at)


def _graduate(session: Session, staff: Staff, ident: int, at: datetime) -> Graduate | RuleError:
    graduate = session.scalar(
        select(Graduate)
        .join(Qualification, Qualification.school_id == Graduate.school_id)
        .where(
            Graduate.id == ident,
            Qualification.employer_id == staff.employer_id,
            qualified.may_sign(at),
            not_ended(),
        )
        .options(joinedload(Graduate.school), joinedload(Graduate.department))
    )
    if graduate is None:
        sentence = "贵单位在这位毕业生所在学校的签约资格未开通或已暂停，请联系该校就业指导中心。"
        return RuleError("not_qualified", sentence, "given_code")
    return graduate


def use_up(session: Session, vault: Vault, typed: str, at: datetime) -> None:
    """Use a code up as the invitation is sent; raise RuleError `code_unknown` where it is over."""
    used = session.scalars(
        update(OneTimeCode)
        .where(*_those(vault, read(typed) or "", at))
        .values(used_at=at)
        .returning(OneTimeCode.id)
        .execution_options(synchronize_session=False)
    ).all()
    if not used:
        raise _unknown()


def read(typed: str) -> str | None:
    """Return a code as it was made, whatever stands between its characters; None for no code."""
    code = _BETWEEN.sub("", folded_number(typed))
    return code if _FORM.fullmatch(code) else None


def _unknown() -> RuleError:
    sentence = "一次性代码不存在、已使用或已过期，请毕业生在微信中重新生成。"
    return RuleError("code_unknown", sentence, "given_code")


def _those(vault: Vault, code: str, at: datetime) -> tuple[ColumnElement[bool], ...]:
    hashes = vault.indexes("given code", code)
    return *_good(at), OneTimeCode.code_hash.in_(hashes)


def _good(at: datetime) -> tuple[ColumnElement[bool], ...]:
    return (
        OneTimeCode.purpose == PURPOSE,
        OneTimeCode.used_at.is_(None),
        OneTimeCode.expires_at > at,
    )
