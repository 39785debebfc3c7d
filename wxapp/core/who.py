"""Who is asking: staff or graduate, looked up once a request, so that a loss of rights is felt."""

from collections.abc import Sequence
from typing import cast

from flask import g

from notifier.ledger import bindings
from registry.accounts import staff as staff_rules
from registry.accounts.tables import Role, Staff
from registry.record.scope import Scope
from registry.record.tables import Graduate
from wxapp.core import campus_session
from wxapp.core.browser_session import browser
from wxapp.core.db import reading
from wxapp.core.record_choice import shown_record
from wxapp.core.remembered import remembered
from wxapp.core.resources import now, resources


class SignInNeeded(Exception):
    """Nobody of the staff is signed in."""


class FirstPassword(Exception):
    """Signed in with a password that somebody else gave: it is to be changed before all else."""


class WeChatNeeded(Exception):
    """No WeChat identity was proven in this session."""


class BindingNeeded(Exception):
    """The WeChat identity is proven, but not yet bound to a graduate."""


class WrongRole(Exception):
    """Signed in, but this page is for others."""


def signed_in_staff() -> Staff | None:
    """Return who of the staff is asking, with school and department; None for nobody.

    Who has no second factor though their role asks for one is nobody, but for changing a first
    password, or unless their campus asked for one: signing in leads to setting it up.
    """
    if "staff" not in g:
        g.staff = _find_staff(browser().identity.staff_id)
    found = g.staff
    assert found is None or isinstance(found, Staff)
    if found and lacks_second_factor(found) and found.first_password_until is None:
        return found if campus_session.asked_second_factor() else None
    return found


def lacks_second_factor(staff: Staff) -> bool:
    """Say whether the settings ask this role for a second factor, and there is none."""
    return staff.second_factor_since is None and must_have_second_factor(staff)


def must_have_second_factor(staff: Staff) -> bool:
    """Say whether the settings ask this role for a second factor."""
    return staff.role in resources().settings.second_factor


def current_staff() -> Staff:
    """Return who of the staff is asking; raise SignInNeeded for nobody, or FirstPassword."""
    staff = signed_in_staff()
    if staff is None:
        raise SignInNeeded
    if staff.first_password_until is not None:
        raise FirstPassword
    return staff


def bound_graduate() -> Graduate | None:
    """Return the record of the graduate who is asking that her page shows; None for nobody.

    With school and department. Read through the active bindings: one that the school ends is felt
    on the next request.
    """
    own = remembered()
    if "graduate" not in own:
        records = own_records()
        own.graduate = shown_record(records, now()) if records else None
    found = own.graduate
    assert found is None or isinstance(found, Graduate)
    return found


def own_records() -> Sequence[Graduate]:
    """Return all records of the graduate who is asking, newest first; none for nobody."""
    own = remembered()
    if "records" not in own:
        own.records = _find_records(browser().identity.openid)
    found: Sequence[Graduate] = own.records
    return found


def other_records() -> list[Graduate]:
    """Return the records of who is asking that her page does not show; none on other pages."""
    shown = g.get("graduate")
    return [each for each in g.records if each.id != shown.id] if shown else []


def current_graduate() -> Graduate:
    """Return the graduate who is asking; raise WeChatNeeded or BindingNeeded for nobody."""
    if browser().identity.openid is None:
        raise WeChatNeeded
    graduate = bound_graduate()
    if graduate is None:
        raise BindingNeeded
    return graduate


def scope_of(staff: Staff) -> Scope:
    """Return how far a member of staff sees; raise WrongRole for those of no school."""
    if staff.role == Role.SCHOOL and staff.school_id is not None:
        return Scope(staff.school_id)
    if staff.role == Role.DEPARTMENT and staff.school_id and staff.department_id:
        return Scope(staff.school_id, staff.department_id)
    if staff.role == Role.COUNSELLOR and staff.school_id is not None:
        return Scope(staff.school_id, counsellor_id=staff.id)
    raise WrongRole


def _find_staff(staff_id: int | None) -> Staff | None:
    if staff_id is None:
        return None
    found: Staff | None = g.pop("found_staff", None)
    if found is not None and found.id == staff_id:
        return found
    with reading() as session:
        return staff_rules.find_active(session, staff_id)


def _find_records(openid: str | None) -> Sequence[Graduate]:
    if openid is None:
        return []
    whose, found = g.get("found_records", (None, []))
    if whose == openid:
        return cast("Sequence[Graduate]", found)
    with reading() as session:
        return bindings.records_of(session, openid)
