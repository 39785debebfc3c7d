"""Between sign-in and second factor (二次验证): the code at a sign-in, and a phone set up.

Who gave the password alone, or comes from their campus, is nobody's session: no door knows them, so
there is no way around. What they are half way to stands in the session's content: whose password it
was, until when, and the secret that only this browser is shown.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import segno
from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from registry.accounts import audit, devices, staff_notices
from registry.accounts import staff as staff_rules
from registry.accounts.sessions import Identity, proven
from registry.accounts.staff_notices import NoticeKind
from registry.accounts.tables import Staff
from registry.base.crypto import UnreadableValue
from registry.base.errors import RuleError
from registry.second_factor import factor, totp
from wxapp.core import campus_session, known_device
from wxapp.core.browser_session import browser
from wxapp.core.campus_session import CampusProof
from wxapp.core.db import reading, writing
from wxapp.core.devices import note_device
from wxapp.core.limits import SIGN_IN, limiter
from wxapp.core.refusals import status_of
from wxapp.core.resources import now, resources
from wxapp.core.security_notices import KNOWN_SINCE
from wxapp.core.who import lacks_second_factor, signed_in_staff

blueprint = Blueprint("second_step", __name__, url_prefix="/login")

GOOD_FOR = timedelta(minutes=15)
"""From the password to the code; long enough to install an app."""
_HALF_WAY, _OFFERED, _MAY_SET_UP = "half_way", "offered_secret", "may_set_up"


@dataclass(frozen=True)
class HalfWay:
    """Whose password was right, where they wanted to go, and the campus they came from, if any."""

    staff: Staff
    target: str | None
    campus: CampusProof | None


def follows(staff: Staff, campus: CampusProof | None = None) -> bool:
    """Say whether somebody whose password was right, or who comes from a campus, is asked for more.

    Who has a first password changes it before a phone is set up. Of whom a campus has asked a
    second factor no other is asked.
    """
    if campus is not None and campus.asked_second_factor:
        return False
    if staff.second_factor_since is not None:
        return True
    return lacks_second_factor(staff) and staff.first_password_until is None


def note_way(session: Session, staff: Staff, campus: CampusProof | None = None) -> None:
    """Write down by which way somebody came, and that it signed in where no more is asked."""
    more = follows(staff, campus)
    if campus is None:
        record = audit.by_staff(staff, "sign_in_password" if more else "sign_in")
    else:
        action = "campus_passed" if more else "sign_in_campus"
        record = audit.by_staff(staff, action, details={"way": campus.title})
    audit.note(session, record, now())
    if not more:
        know_browser(session, staff)


def know_browser(session: Session, staff: Staff) -> None:
    """Know this browser from now on; a new one is told to who has others already."""
    others = devices.of_staff(session, staff.id, now())
    if known_device.remember(session, staff) and others:
        told = {"device": known_device.asking_device().summary or "未知设备"}
        staff_notices.tell(session, staff.id, NoticeKind.NEW_DEVICE, told, now())


def go_on(staff: Staff, campus: CampusProof | None = None) -> ResponseReturnValue:
    """Sign in whose password was right, or lead to the code, or to setting a phone up first."""
    target = browser().get("after_sign_in")
    if not follows(staff, campus):
        return enter(staff, target, campus)
    browser().become(Identity(campus_session=campus.session if campus else None))
    browser()[_HALF_WAY] = {
        "staff": staff.id,
        "password": _fingerprint(staff),
        "until": (now() + GOOD_FOR).isoformat(),
        "target": target,
        "campus": campus and campus.as_json(),
    }
    page = "ask" if staff.second_factor_since else "set_up"
    return redirect(url_for(f"second_step.{page}"), 303)


def enter(
    staff: Staff, target: str | None = None, campus: CampusProof | None = None
) -> ResponseReturnValue:
    """Begin the session of somebody who has proven all that is asked; lead to their pages."""
    become(staff, campus)
    return redirect(target or url_for("sign_in.landing"), 303)


def become(staff: Staff, campus: CampusProof | None) -> None:
    """Begin the session of somebody who has proven all that is asked, a campus among it or not."""
    browser().become(proven(staff, campus.session if campus else None))
    if campus is not None:
        campus_session.keep(campus)
    note_device()
    with reading() as session:
        token = known_device.asking_device().token
        since = devices.known_since(session, staff.id, token, now())
    browser()[KNOWN_SINCE] = (since or now()).isoformat()


def let_set_up() -> None:
    """Let who is signed in, and has just proven it anew, set another phone up."""
    browser()[_MAY_SET_UP] = (now() + GOOD_FOR).isoformat()


def _fingerprint(staff: Staff) -> str:
    """Return what tells whether the password is still the one that was given."""
    return hashlib.sha256(staff.password_hash.encode()).hexdigest()


def _half_way() -> HalfWay | None:
    """Return who is half way in this browser; None for nobody, or once the password changed."""
    kept: Mapping[str, Any] | None = browser().get(_HALF_WAY)
    if kept is None or datetime.fromisoformat(kept["until"]) <= now():
        return None
    with reading() as session:
        staff = staff_rules.find_active(session, int(kept["staff"]))
    if staff is None or _fingerprint(staff) != kept["password"]:
        return None
    return HalfWay(staff, kept["target"], CampusProof.from_json(kept.get("campus")))


def _may_set_up() -> bool:
    until = browser().get(_MAY_SET_UP)
    return until is not None and now() < datetime.fromisoformat(until)


@blueprint.before_request
def _let_in() -> ResponseReturnValue | None:
    """Let in who gave the password here, and who is signed in; lead others to the sign-in."""
    if _half_way() is None and signed_in_staff() is None:
        return redirect(url_for("sign_in.form"), 303)
    return None


@blueprint.get("/code")
def ask() -> ResponseReturnValue:
    """Ask for the code."""
    half_way = _half_way()
    if half_way is None:
        return redirect(url_for("sign_in.landing"), 303)
    if half_way.staff.second_factor_since is None:
        return redirect(url_for("second_step.set_up"), 303)
    return _code_page(half_way.staff, None)


def _code_page(staff: Staff, refusal: RuleError | None) -> str:
    return render_template("base/code.html", staff=staff, refusal=refusal)


@blueprint.post("/code")
@limiter.limit(SIGN_IN)
def take() -> ResponseReturnValue:
    """Take the code, and sign in with a new session."""
    half_way = _half_way()
    if half_way is None:
        return redirect(url_for("sign_in.landing"), 303)
    with writing() as session:
        refusal = check_code(session, half_way.staff, "sign_in")
        if refusal is None:
            know_browser(session, half_way.staff)
    if refusal is not None:
        return _code_page(half_way.staff, refusal), status_of(refusal)
    return enter(half_way.staff, half_way.target, half_way.campus)


def check_code(session: Session, staff: Staff, action: str = "") -> RuleError | None:
    """Use the form's code up for what the audit log calls `action`, if it is to say anything.

    Return the refusal as a value: its count has to be kept.
    """
    vault, written = resources().vault, request.form.get("code", "")
    found = factor.check(session, vault, staff, written, request.remote_addr or "", now())
    if isinstance(found, RuleError):
        audit.note(session, audit.by_staff(staff, "factor_wrong"), now())
        return found
    if action:
        done = audit.by_staff(staff, action, details={"factor": found})
        audit.note(session, done, now())
    return None


@blueprint.get("/set-up")
def set_up() -> ResponseReturnValue:
    """Show the secret to scan or type, and ask for its first code."""
    owner = _owner()
    if owner is None:
        return redirect(url_for("account.own"), 303)
    return _set_up_page(owner, _offered(owner), None)


def _owner() -> Staff | None:
    """Return who may set a phone up here: half way without one, or proven anew; None for others."""
    half_way = _half_way()
    if half_way is not None:
        return half_way.staff if half_way.staff.second_factor_since is None else None
    return signed_in_staff() if _may_set_up() else None


def _offered(owner: Staff) -> str:
    """Return the secret that this browser is shown, made when it first asks."""
    vault, purpose = resources().vault, f"offered {factor.PURPOSE}"
    try:
        return vault.open(purpose, owner.id, browser().get(_OFFERED, ""))
    except UnreadableValue:  # none yet, or of a key that is gone
        secret = totp.new_secret()
        browser()[_OFFERED] = vault.seal(purpose, owner.id, secret)
        return secret


def _set_up_page(owner: Staff, secret: str, refusal: RuleError | None) -> str:
    address = totp.address(owner.login, secret)
    scanned = segno.make(address, error="m", micro=False)
    return render_template(
        "base/set_up.html",
        staff=owner,
        secret=" ".join(secret[place : place + 4] for place in range(0, len(secret), 4)),
        address=address,
        code=scanned.svg_data_uri(scale=4),
        required=lacks_second_factor(owner),
        refusal=refusal,
    )


@blueprint.post("/set-up")
@limiter.limit(SIGN_IN)
def confirm() -> ResponseReturnValue:
    """Turn the second factor on by its first code; the backup codes are shown in this answer."""
    owner = _owner()
    if owner is None:
        return redirect(url_for("account.own"), 303)
    secret, written = _offered(owner), request.form.get("code", "")
    with writing() as session:
        mine = staff_rules.lock(session, owner.id)
        codes = factor.turn_on(session, resources().vault, mine, secret, written, now())
        if codes is not None:
            audit.note(session, audit.by_staff(mine, "factor_on"), now())
            know_browser(session, mine)
    if codes is None:
        return _set_up_page(owner, secret, factor.WRONG), status_of(factor.WRONG)
    half_way = _half_way()
    become(mine, half_way.campus if half_way else campus_session.kept())
    return codes_page(codes, new_phone=True)


def codes_page(codes: list[str], *, new_phone: bool = False) -> str:
    """Show new backup codes, this once."""
    return render_template("base/backup_codes.html", codes=codes, new_phone=new_phone)
