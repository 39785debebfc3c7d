"""The first account of a school of the province, made by the province."""

from flask import url_for
from flask.typing import ResponseReturnValue

from registry.accounts.tables import Role
from wxapp.core import first_account
from wxapp.core.first_account import Place
from wxapp.core.staff_context import staff_context
from wxapp.province.door import blueprint


@blueprint.get("/schools/<school>/account", endpoint="first_account")
def show_form() -> str:
    """Show the form; the door has found the school in the province."""
    return first_account.show(_place())


@blueprint.post("/schools/<school>/account")
def create_account() -> ResponseReturnValue:
    """Make the school's first account."""
    return first_account.create(_place())


def _place() -> Place:
    context = staff_context()
    return Place(
        *(context.school_name, Role.SCHOOL, "province/page.html", "province.schools"),
        action=url_for("province.first_account"),
        back=url_for("province.schools"),
        school_id=context.scope.school_id,
    )
