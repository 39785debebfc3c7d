"""How it works and whom to ask; open to everyone, since some need it to get in."""

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from registry.accounts import school_contacts
from wxapp.core.db import reading
from wxapp.core.resources import services
from wxapp.core.who import bound_graduate

blueprint = Blueprint("guide", __name__, url_prefix="/g/help")


@blueprint.get("")
def page() -> ResponseReturnValue:
    """Answer the usual questions."""
    return render_template("graduate/help.html", graduate=bound_graduate())


@blueprint.get("/phone")
def phone_lost() -> ResponseReturnValue:
    """Say who can put another phone on record, which nobody can do for herself before binding."""
    with reading() as session:
        found = school_contacts.find(session, request.args.get("school", ""))
    by_face = services().face.is_offered
    return render_template("graduate/phone_lost.html", found=found, by_face=by_face)
