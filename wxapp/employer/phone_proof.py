"""The phone of who handles an employer's papers, proven in this browser session by a code."""

from dataclasses import dataclass
from datetime import timedelta
from math import ceil

from flask import request

from notifier.binding import employer_phone, phone_codes
from notifier.binding.employer_phone import PhoneClaim
from registry.accounts import puzzles
from registry.base.errors import RuleError
from registry.codes import identity
from wxapp.core import puzzle_pictures
from wxapp.core.browser_session import browser
from wxapp.core.db import writing
from wxapp.core.resources import now, resources, services

_ASKED, _SENT_AT, _PROVEN = "phone_asked", "phone_code_sent_at", "phone_proven"
_PURPOSE = "phone of a session"


@dataclass(frozen=True)
class PhoneForm:
    """What the form shows: the phone that was typed, the puzzle, whether a code was sent."""

    phone: str
    picture: str | None
    """A puzzle that comes first; None until one is asked for."""
    code_sent: bool
    wait: int
    """Seconds until another may be asked for."""


def proven() -> str | None:
    """Return the phone that was proven in this session."""
    return _opened(_PROVEN)


def needed() -> str:
    """Return the phone that was proven in this session; raise RuleError `phone_needed`."""
    phone = proven()
    if phone is None:
        raise RuleError("phone_needed", "请先验证手机号。", "phone")
    return phone


def forget() -> None:
    """Have the next papers prove a phone anew."""
    for name in (_ASKED, _SENT_AT, _PROVEN):
        browser().pop(name, None)


def send_code() -> RuleError | None:
    """Send a code to the phone of the form; return the refusal."""
    claim = _claim(employer_phone.normalised(request.form.get("phone", "")))
    with writing() as session:
        vault, sender = resources().vault, services().sms
        refusal = employer_phone.send_code(session, vault, sender, claim, now())
    if refusal is None:
        _keep(_ASKED, claim.phone)
        browser()[_SENT_AT] = now().timestamp()
    return refusal


def prove() -> RuleError | None:
    """Take the code of the form; return the refusal."""
    claim = _claim(_opened(_ASKED) or "")
    with writing() as session:
        typed = request.form.get("code", "")
        refusal = employer_phone.check(session, resources().vault, claim, typed, now())
    if refusal is None:
        _keep(_PROVEN, claim.phone)
    return refusal


def form(refusal: RuleError | None = None) -> PhoneForm:
    """Return what the form shows, with a new puzzle after a refusal that wants one."""
    passed = timedelta(seconds=now().timestamp() - browser().get(_SENT_AT, 0))
    return PhoneForm(
        phone=request.form.get("phone", "") or _opened(_ASKED) or "",
        picture=_picture(refusal),
        code_sent=passed < timedelta(minutes=phone_codes.MINUTES),
        wait=max(0, ceil((phone_codes.APART - passed).total_seconds())),
    )


def _picture(refusal: RuleError | None) -> str | None:
    if refusal is None or refusal.code not in {"puzzle_needed", "puzzle_wrong"}:
        return None
    browser()["puzzle"] = True  # so that the session is kept which the puzzle is given out to
    with writing() as session:
        digits = puzzles.give_out(session, browser().token_hash, now())
    return puzzle_pictures.drawn(digits)


def masked() -> str:
    """Return the proven phone as it may be shown."""
    return identity.masked_phone(proven() or "")


def _claim(phone: str) -> PhoneClaim:
    answer = request.form.get("puzzle_answer", "")
    return PhoneClaim(phone, browser().token_hash, request.remote_addr or "", answer)


def _keep(name: str, phone: str) -> None:
    browser()[name] = resources().vault.seal(_PURPOSE, browser().token_hash, phone)


def _opened(name: str) -> str | None:
    sealed = browser().get(name)
    return resources().vault.open(_PURPOSE, browser().token_hash, sealed) if sealed else None
