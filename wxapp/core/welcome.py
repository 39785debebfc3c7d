"""The first page: leads who is signed in to her pages, and tells others which door is theirs."""

from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from wxapp.core.browser_session import browser
from wxapp.core.who import signed_in_staff

blueprint = Blueprint("welcome", __name__)


@blueprint.get("/")
def page() -> ResponseReturnValue:
    """Lead on, or show the two doors."""
    if browser().identity.openid:
        return redirect(url_for("record.home"), 303)
    if signed_in_staff():
        return redirect(url_for("sign_in.landing"), 303)
    return render_template("base/welcome.html")
