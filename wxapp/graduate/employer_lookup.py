"""Finding an employer among those registered before, and taking over what is known of it."""

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from registry import applications, employers, form
from registry.employers import Employer
from registry.errors import RuleError
from registry.form import MOST_TYPED
from wxapp.core.db import reading, writing
from wxapp.graduate.register_door import blueprint, desk, writer

MOST = 12


@blueprint.get("/employers", endpoint="employers")
def find() -> ResponseReturnValue:
    """Show the employers whose name or credit code begins with what she typed."""
    found = desk()
    if not (found.may_write and found.employed):
        return redirect(url_for("registering.page"), 303)
    text = request.args.get("text", "")[:MOST_TYPED].strip()
    with reading() as session:
        known = employers.find_employers(session, text, MOST)
    return render_template(
        "graduate/register_employers.html",
        desk=found,
        text=text,
        known=known,
        shortest=employers.SHORTEST,
    )


@blueprint.post("/employers", endpoint="take_employer")
def take() -> ResponseReturnValue:
    """Fill the form with what is known of the employer she chose; contacts stay hers to fill in."""
    found, who = desk(), writer()
    revision = request.form.get("revision", 0, type=int)
    with writing() as session:
        chosen = _chosen(
            employers.find_employers(session, request.form.get("name", "")[:MOST_TYPED]),
            request.form.get("code", ""),
        )
        values = {**found.values, **form.cleaned(_said(chosen))}
        applications.save(session, who, values, revision)
    return redirect(url_for("registering.ask", step="destination"), 303)


def _chosen(known: list[Employer], code: str) -> Employer:
    name = request.form.get("name", "")
    for each in known:
        if (each.name, each.code) == (name, code):
            return each
    raise RuleError("employer_gone", "没有找到这家单位，请返回上一页重新查找，或直接填写。")


def _said(employer: Employer) -> dict[str, str]:
    said = {
        "unit_name": employer.name,
        "unit_code": employer.code,
        "unit_nature": employer.nature,
        "unit_industry": employer.industry,
        "unit_location_code": employer.location_code,
        "unit_address": employer.address,
    }
    return {name: text for name, text in said.items() if text}
