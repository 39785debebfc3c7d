"""What follows when a campus has said who came back: staff sign in, others are led on.

The first time the account's own password is asked for once; it binds the campus account.
"""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from notifier.providers.campus import CampusVisitor
from registry.accounts import audit, campus_accounts, failed_sign_ins, schools
from registry.accounts.campus_accounts import CampusMatch, CampusPerson
from registry.accounts.tables import Staff
from registry.base.errors import RuleError
from runtime.campus_logins import CampusLogin
from wxapp.core import second_step, sign_in_form
from wxapp.core.browser_session import browser
from wxapp.core.campus_session import CampusProof
from wxapp.core.db import writing
from wxapp.core.limits import SIGN_IN, limiter
from wxapp.core.refusals import status_of
from wxapp.core.resources import now, resources
from wxapp.core.sign_in_form import SignInTry

blueprint = Blueprint("campus_arrival", __name__, url_prefix="/login/campus-first")

GOOD_FOR = timedelta(minutes=10)
_FIRST, _STUDENT, _TRIAL = "campus_first", "campus_student", "campus_trial"
"""Of a browser session: who came back for the first time, to bind, or to look."""
REFUSAL = "campus_refusal"
"""Of a browser session: what the next page says."""
NOT_STAFF = RuleError(
    "campus_kind", "您在统一身份认证中的身份不是教职工，不能作为工作人员登录。请联系本校管理员。"
)
NOT_THEIRS = RuleError(
    "campus_not_theirs", "这个账号登记的工号与统一身份认证的工号不一致，请核对登录名。", "login"
)
_NO_SCHOOL = RuleError("campus_no_school", "本系统暂无这所学校，请联系平台管理员。")


class Purpose(StrEnum):
    """What somebody went to the campus for."""

    STAFF = "staff"
    BIND = "bind"
    TRIAL = "trial"
    """An administrator of the school looks what comes back."""


@dataclass(frozen=True)
class FirstArrival:
    """Who came back whose account no campus account is bound to yet."""

    school_id: int
    issuer: str
    subject: str = field(repr=False)
    number: str = field(repr=False)
    name: str
    session: str
    asked_second_factor: bool
    title: str
    until: str

    @property
    def person(self) -> CampusPerson:
        """Return who that is."""
        return CampusPerson(self.school_id, self.issuer, self.subject, self.number)

    @property
    def proof(self) -> CampusProof:
        """Return what the campus has proven."""
        return CampusProof(self.name, self.title, self.session, self.asked_second_factor)


@dataclass(frozen=True)
class StudentArrival:
    """Who came back to bind her WeChat: the number that the campus of a school has proven."""

    school: str
    number: str = field(repr=False)
    is_graduate: bool
    """As far as the settings say who is."""


@dataclass(frozen=True)
class TrialArrival:
    """What came back when an administrator of the school looked; of attributes the names alone."""

    name: str
    number: str = field(repr=False)
    kinds: list[str]
    attributes: list[str]


def refused(purpose: Purpose, refusal: RuleError) -> ResponseReturnValue:
    """Lead to the page that says why, with nothing of the campus in its address."""
    browser()[REFUSAL] = [refusal.code, refusal.sentence]
    status_of(refusal)  # names it in the log
    return redirect(url_for(_BEGINNINGS[purpose]), 303)


_BEGINNINGS = {
    Purpose.STAFF: "sign_in.form",
    Purpose.BIND: "binding.who",
    Purpose.TRIAL: "school.campus",
}


def told() -> RuleError | None:
    """Return what this page is to say of a campus, this once."""
    kept: tuple[str, str] | None = browser().pop(REFUSAL, None)
    return RuleError(*kept) if kept else None


def proof_of(login: CampusLogin, visitor: CampusVisitor) -> CampusProof:
    """Return what a campus has proven of who came back."""
    return CampusProof(login.name, login.title, visitor.session, login.asks_second_factor)


def _sign_in(login: CampusLogin, visitor: CampusVisitor) -> ResponseReturnValue:
    proof = proof_of(login, visitor)
    with writing() as session:
        person = _person(session, login, visitor)
        found = _match(session, login, visitor, person)
        if isinstance(found, RuleError):
            failed_sign_ins.note_campus(
                session, resources().vault, person, login.title, found, now()
            )
        elif found.is_bound:
            campus_accounts.note_use(session, found.staff, person, now())
            second_step.note_way(session, found.staff, proof)
    if isinstance(found, RuleError):
        return refused(Purpose.STAFF, found)
    if found.is_bound:
        return second_step.go_on(found.staff, proof)
    return _ask_password(login, person, proof)


def _person(session: Session, login: CampusLogin, visitor: CampusVisitor) -> CampusPerson:
    """Return whom a campus names; 0 stands for a school that is not there."""
    school = schools.find_by_code(session, login.school)
    school_id = school.id if school else 0
    return CampusPerson(school_id, login.issuer, visitor.subject, visitor.number)


def _match(
    session: Session, login: CampusLogin, visitor: CampusVisitor, person: CampusPerson
) -> CampusMatch | RuleError:
    if not person.school_id:
        return _NO_SCHOOL
    if login.staff_kinds and not login.staff_kinds & visitor.kinds:
        return NOT_STAFF
    return campus_accounts.find(session, person)


def _ask_password(
    login: CampusLogin, person: CampusPerson, proof: CampusProof
) -> ResponseReturnValue:
    until = (now() + GOOD_FOR).isoformat()
    browser()[_FIRST] = asdict(
        FirstArrival(
            *(person.school_id, person.issuer, person.subject, person.number, login.name),
            *(proof.session, proof.asked_second_factor, login.title, until),
        )
    )
    return redirect(url_for("campus_arrival.ask"), 303)


def _first() -> FirstArrival | None:
    kept: dict[str, Any] | None = browser().get(_FIRST)
    found = FirstArrival(**kept) if kept else None
    return found if found and now() < datetime.fromisoformat(found.until) else None


@blueprint.before_request
def _let_in() -> ResponseReturnValue | None:
    """Let in who has just come back from their campus for the first time."""
    return None if _first() else redirect(url_for("sign_in.form"), 303)


@blueprint.get("")
def ask() -> str:
    """Ask for login and password, once."""
    return _page("", None, None)


def _page(login: str, refusal: RuleError | None, picture: str | None) -> str:
    return render_template(
        "base/campus_first.html",
        first=_first(),
        login=login,
        refusal=refusal,
        picture=picture,
    )


@blueprint.post("")
@limiter.limit(SIGN_IN)
def take() -> ResponseReturnValue:
    """Bind the campus account to whose password is right and whose number it is; sign in."""
    first = _first()
    assert first is not None, "the door lets nobody in without"
    with writing() as session:
        attempt = sign_in_form.tried(session)
        found = _bound(session, first, attempt)
        if isinstance(found, RuleError):
            vault = resources().vault
            failed_sign_ins.note(session, vault, attempt.login, found, now())
    if isinstance(found, RuleError):
        return _page(attempt.login, found, attempt.picture), status_of(found)
    browser().pop(_FIRST)
    return second_step.go_on(found, first.proof)


def _bound(session: Session, first: FirstArrival, attempt: SignInTry) -> Staff | RuleError:
    if isinstance(attempt.found, RuleError):
        return attempt.found
    match = campus_accounts.find(session, first.person)
    if isinstance(match, RuleError):
        return match
    staff = attempt.found
    if match.staff.id != staff.id or not campus_accounts.bind(session, staff, first.person, now()):
        return NOT_THEIRS
    audit.note(session, audit.by_staff(staff, "campus_bound", details={"way": first.title}), now())
    second_step.note_way(session, staff, first.proof)
    return staff


def _lead_to_binding(login: CampusLogin, visitor: CampusVisitor) -> ResponseReturnValue:
    is_graduate = not login.graduate_kinds or bool(login.graduate_kinds & visitor.kinds)
    browser()[_STUDENT] = asdict(StudentArrival(login.school, visitor.number, is_graduate))
    return redirect(url_for("binding.back_from_campus"), 303)


def student() -> StudentArrival | None:
    """Return who has just come back to bind her WeChat, this once."""
    kept: dict[str, Any] | None = browser().pop(_STUDENT, None)
    return StudentArrival(**kept) if kept else None


def _show_trial(login: CampusLogin, visitor: CampusVisitor) -> ResponseReturnValue:
    shown = TrialArrival(login.name, visitor.number, sorted(visitor.kinds), list(visitor.names))
    browser()[_TRIAL] = asdict(shown)
    return redirect(url_for("school.campus"), 303)


def trial() -> TrialArrival | None:
    """Return what came back when an administrator looked, this once."""
    kept: dict[str, Any] | None = browser().pop(_TRIAL, None)
    return TrialArrival(**kept) if kept else None


Arrival = Callable[[CampusLogin, CampusVisitor], ResponseReturnValue]
ARRIVALS: Mapping[Purpose, Arrival] = {
    Purpose.STAFF: _sign_in,
    Purpose.BIND: _lead_to_binding,
    Purpose.TRIAL: _show_trial,
}
