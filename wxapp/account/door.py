"""Who may come in at the accounts' door, and how what is done here is kept."""

from collections.abc import Mapping
from typing import Any

from flask import Blueprint
from sqlalchemy.orm import Session

from registry.accounts import audit, employer_people, members
from registry.accounts.tables import ROLE_TITLES, Role, Staff
from registry.codes import regions
from wxapp.account.page_help import HELP
from wxapp.core.menus import Entry
from wxapp.core.page_help import helper
from wxapp.core.resources import now
from wxapp.core.who import SignInNeeded, WrongRole, current_staff, signed_in_staff

blueprint = Blueprint("account", __name__, url_prefix="/account")


OWN = Entry("account.own", "我的账号", "settings")
MEMBERS = Entry("account.members", "工作人员", "people")
RESETS = Entry("account.factor_resets", "重置二次验证", "check")
BACK = Entry("sign_in.landing", "回到工作台", "home")


def me() -> Staff:
    """Return who of the staff is asking, with a first password too: here it is changed."""
    staff = signed_in_staff()
    if staff is None:
        raise SignInNeeded
    return staff


def caretaker() -> Staff:
    """Return who is asking and looks after others' accounts; raise WrongRole for all others."""
    staff = current_staff()
    if not members.looked_after(staff):
        raise WrongRole
    return staff


def note(
    session: Session, action: str, about: Staff, details: Mapping[str, Any] | None = None
) -> None:
    """Keep what was done to an account, and by whom."""
    audit.note(session, audit.by_staff(me(), action, about.actor, details), now())


@blueprint.before_request
def _let_in() -> None:
    me()


def _menu(staff: Staff) -> list[Entry]:
    if staff.first_password_until is not None:
        return [OWN]
    return [OWN, *([MEMBERS, RESETS] if members.looked_after(staff) else []), BACK]


def _place(staff: Staff) -> str:
    """Return for whom somebody works."""
    if staff.school is not None:
        return staff.school.name
    if staff.employer is not None:
        return staff.employer.unit_name
    return regions.region_name(staff.province) if staff.province else ""


@blueprint.context_processor
def _for_templates() -> dict[str, Any]:
    staff = me()
    return {
        "me": staff,
        "menu": _menu(staff),
        "page_help": helper(HELP),
        "place": _place(staff),
        "role_titles": {role.value: title for role, title in ROLE_TITLES.items()},
        "duty_title": employer_people.title,
        "whole_school": staff.role == Role.SCHOOL,
    }
