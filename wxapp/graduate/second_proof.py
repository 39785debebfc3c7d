"""Her second proof before she signs: her face, where that is set up, or a code to her phone.

Either is good for one act, by its name, in the browser session that asked for it, and is used up.
"""

from datetime import timedelta
from math import ceil

from flask import request
from sqlalchemy.orm import Session

from notifier.binding import own_hand, phone_codes
from notifier.binding.own_hand import Act
from registry.base.errors import RuleError
from registry.codes import identity
from registry.numbers.verification import authentication
from registry.record import privacy_notice
from wxapp.core.browser_session import browser
from wxapp.core.resources import now, resources, services
from wxapp.core.who import current_graduate
from wxapp.graduate import face_check

SENT = "own_hand_sent"
"""Of a browser session: for what a code was sent last, and when."""


def shown(session: Session, name: str) -> dict[str, object]:
    """Return what `graduate/signing_proof.html` asks for the proof of an act with."""
    graduate, passed = current_graduate(), _since_sent(name)
    sealed, hashed = graduate.phone_sealed, browser().token_hash
    return {
        "phone": resources().vault.open(identity.PHONE, graduate.id, sealed) if sealed else "",
        "code_sent": passed < timedelta(minutes=phone_codes.MINUTES),
        "wait": max(0, ceil((own_hand.RESEND - passed).total_seconds())),
        "by_face": face_check.is_offered(graduate),
        "proven": authentication.proves(session, graduate.id, hashed, name, now()),
        "notice": privacy_notice.of_school(session, graduate.school),
    }


def _since_sent(name: str) -> timedelta:
    """Return how long ago a code was sent for an act; since long ago where none was."""
    act, at = browser().get(SENT, ("", 0))
    return timedelta(seconds=now().timestamp() - (at if act == name else 0))


def send_code(session: Session, name: str) -> RuleError | None:
    """Send a code to the phone that her school has registered; return why it is not."""
    who, sms = current_graduate(), services().sms
    refusal = own_hand.send_code(session, resources().vault, sms, who, _act(name), now())
    if refusal is None:
        browser()[SENT] = [name, now().timestamp()]
    return refusal


def use_up(session: Session, name: str) -> RuleError | None:
    """Use up the proof of her face, or else the code she typed; return why neither is one."""
    who, act = current_graduate(), _act(name)
    if authentication.use_up(session, who.id, act.session_hash, name, now()):
        return None
    code = request.form.get("code", "")
    return own_hand.check(session, resources().vault, who, act, code, now())


def _act(name: str) -> Act:
    openid = browser().identity.openid
    assert openid is not None, "the door lets nobody in without"
    return Act(name, openid, browser().token_hash)
