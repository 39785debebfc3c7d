"""An employer registers by itself (/employer/register), or asks for another manager: for strangers.

First a phone is proven, then the data are written; papers are handed in after the first sign-in.
"""

from collections.abc import Mapping

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from registry.accounts.tables import LOGIN_LENGTH, NAME_LENGTH, Role
from registry.base.errors import RuleError
from registry.record.validation import Refused
from registry.signing import employers, registering, takeovers
from registry.signing.registering import Registrant
from registry.signing.takeovers import Newcomer
from wxapp.core import document_uploads, region_picker
from wxapp.core.db import reading, writing
from wxapp.core.limits import BINDING_ADDRESS, SIGN_IN, limiter
from wxapp.core.refusals import status_of
from wxapp.core.resources import now, resources
from wxapp.core.unit_inputs import unit_inputs
from wxapp.employer import phone_proof

blueprint = Blueprint("registration", __name__, url_prefix="/employer/register")

LETTER = "letter"


blueprint.add_url_rule("/regions", "region_choices", region_picker.choices)


@blueprint.get("")
def page() -> str:
    """Show the form of the phone, or once it is proven that of the employer."""
    return _page()


@blueprint.post("/code")
@limiter.limit(SIGN_IN)
@limiter.limit(BINDING_ADDRESS)
def send_code() -> ResponseReturnValue:
    """Send a code to the phone."""
    refusal = phone_proof.send_code()
    return _answered(refusal)


@blueprint.post("/phone")
@limiter.limit(SIGN_IN)
def prove_phone() -> ResponseReturnValue:
    """Prove the phone by the code."""
    return _answered(phone_proof.prove())


def _answered(refusal: RuleError | None) -> ResponseReturnValue:
    taking_over = "takeover" in request.args
    if refusal is not None:
        return _page(refusal, taking_over=taking_over), status_of(refusal)
    view = "registration.takeover" if taking_over else "registration.page"
    return redirect(url_for(view), 303)


@blueprint.post("")
@limiter.limit(SIGN_IN)
def register() -> ResponseReturnValue:
    """Register the employer and its first account; it signs in next."""
    if request.form.get("go") == "unit_location_code":  # without scripts: list what lies below
        return _page()
    try:
        phone_proof.needed()
        wanted = _registrant()
        with writing() as session:
            registering.register(session, wanted, now())
    except RuleError as refusal:
        return _page(refusal), status_of(refusal)
    phone_proof.forget()
    second_factor = Role.EMPLOYER in resources().settings.second_factor
    return render_template(
        "employer/registered.html", login=wanted.login, second_factor=second_factor
    )


def _registrant() -> Registrant:
    form = request.form
    return Registrant(
        school=form.get("school", ""),
        name=form.get("name", ""),
        login=form.get("login", ""),
        password=_password(),
        unit=dict(_typed()),
    )


def _password() -> str:
    password = request.form.get("password", "")
    if password != request.form.get("again", ""):
        raise RuleError("passwords_differ", "两次输入的密码不一致，请重新输入。", "again")
    return password


def _typed() -> dict[str, str]:
    typed = employers.read(request.form)
    if "unit_location_code-province" in request.form:
        typed["unit_location_code"] = region_picker.picked(request.form, "unit_location_code")
    return typed


def _page(refusal: RuleError | None = None, *, taking_over: bool = False) -> str:
    if phone_proof.proven() is None:
        return render_template(
            "employer/prove_phone.html",
            form=phone_proof.form(refusal),
            refusal=refusal,
            taking_over=taking_over,
        )
    return _takeover_form(refusal) if taking_over else _form(refusal)


def _form(refusal: RuleError | None) -> str:
    problems = refusal.problems if isinstance(refusal, Refused) else []
    said = {each.field: each.sentence for each in problems}
    with reading() as session:
        schools = registering.schools(session)
    return render_template(
        "employer/register.html",
        inputs=unit_inputs(_typed(), {**said, **_by_field(refusal)}),
        schools=schools,
        form=request.form,
        said=said,
        refusal=refusal,
        phone=phone_proof.masked(),
        name_length=NAME_LENGTH,
        login_length=LOGIN_LENGTH,
    )


def _by_field(refusal: RuleError | None) -> Mapping[str, str]:
    return {refusal.field: refusal.sentence} if refusal and refusal.field else {}


@blueprint.get("/takeover")
def takeover() -> str:
    """Show the form by which somebody asks to manage an employer's accounts."""
    return _page(taking_over=True)


@blueprint.post("/takeover")
@limiter.limit(SIGN_IN)
def ask_to_take_over() -> ResponseReturnValue:
    """Ask to manage the accounts of an employer that is registered."""
    try:
        wanted = _newcomer()
        with writing() as session:
            keeps = resources().settings.keep
            asked = takeovers.ask(session, resources().vault, wanted, now(), keeps)
            from_day = asked.passable_from
    except RuleError as refusal:
        return _page(refusal, taking_over=True), status_of(refusal)
    phone_proof.forget()
    return render_template("employer/takeover_asked.html", from_day=from_day)


def _newcomer() -> Newcomer:
    letter = document_uploads.documents({LETTER: "管理员授权书"}).get(LETTER)
    if letter is None:
        raise RuleError("file_missing", "请上传授权书。", LETTER)
    form = request.form
    return Newcomer(
        unit_code=form.get("unit_code", ""),
        unit_name=form.get("unit_name", ""),
        name=form.get("name", ""),
        login=form.get("login", ""),
        password=_password(),
        phone=phone_proof.needed(),
        letter=letter,
    )


def _takeover_form(refusal: RuleError | None) -> str:
    return render_template(
        "employer/takeover.html",
        form=request.form,
        refusal=refusal,
        phone=phone_proof.masked(),
        name_length=NAME_LENGTH,
        login_length=LOGIN_LENGTH,
    )
