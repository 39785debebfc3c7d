"""Finding an employer among those registered before, and taking over what is known of it."""

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from registry.base.errors import RuleError
from registry.record import employers
from registry.record.employers import KnownEmployer
from registry.record.unit_names import SHORTEST
from registry.record.validation import MOST_TYPED
from registry.review import applications
from wxapp.core.db import reading, writing
from wxapp.core.incoming import whole
from wxapp.core.limits import SUGGESTIONS, limiter
from wxapp.core.who import current_graduate
from wxapp.graduate import register_form
from wxapp.graduate.register_door import blueprint, form_state, writer
from wxapp.graduate.register_form import Step

MOST, FEW = 12, 4


@blueprint.get("/employers", endpoint="employers")
def find() -> ResponseReturnValue:
    """Show the employers whose name holds what she typed, or whose credit code begins so."""
    found = form_state()
    if not (found.may_write and found.employed):
        return redirect(url_for("registering.page"), 303)
    text = request.args.get("text", "")[:MOST_TYPED].strip()
    with reading() as session:
        known = employers.find_employers(session, text, MOST)
    return render_template(
        "graduate/register_employers.html",
        form_state=found,
        text=text,
        known=known,
        shortest=SHORTEST,
    )


@blueprint.get("/employers/known", endpoint="suggest_employers")
@limiter.limit(SUGGESTIONS, key_func=lambda: current_graduate().key)
def suggest() -> str:
    """Return the few employers that fit what she has typed so far, as buttons of her form."""
    text = request.args.get("text", "")[:MOST_TYPED].strip()
    with reading() as session:
        known = employers.find_employers(session, text, FEW)
    return render_template("graduate/employers_known.html", known=known)


@blueprint.post("/employers", endpoint="take_employer")
def take() -> ResponseReturnValue:
    """Fill the form with what is known of the employer she chose; contacts stay hers to fill in."""
    found, who, given = form_state(), writer(), request.form
    revision = given.get("revision", 0, type=whole)
    typed: dict[str, str] = {}
    if "unit_name" in given:  # chosen beside the form: what else was typed there is kept
        typed = register_form.typed(Step.DESTINATION, found.category, given)
    with writing() as session:
        chosen = _chosen(session, given.get("employer", ""))
        said = {**typed, **_said(chosen)}
        values = register_form.merged(who, Step.DESTINATION, found.values, said)
        applications.save(session, who, values, revision)
    return redirect(url_for("registering.ask", step="destination"), 303)


def _chosen(session: Session, employer: str) -> KnownEmployer:
    """Return the employer that a button names: its code, a stroke, its name."""
    code, _, name = employer.partition("|")
    for each in employers.find_employers(session, name[:MOST_TYPED]):
        if (each.name, each.code) == (name, code):
            return each
    raise RuleError("employer_gone", "没有找到这家单位，请返回上一页重新查找，或直接填写。")


def _said(employer: KnownEmployer) -> dict[str, str]:
    said = {
        "unit_name": employer.name,
        "unit_code": employer.code,
        "unit_nature": employer.nature,
        "unit_industry": employer.industry,
        "unit_location_code": employer.location_code,
        "unit_address": employer.address,
    }
    return {name: text for name, text in said.items() if text}
