"""How it works and whom to ask; open to everyone, since some need it to get in."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from wxapp.core.who import bound_graduate

blueprint = Blueprint("guide", __name__, url_prefix="/g/help")


@blueprint.get("")
def page() -> ResponseReturnValue:
    """Answer the usual questions."""
    return render_template("graduate/help.html", graduate=bound_graduate())
