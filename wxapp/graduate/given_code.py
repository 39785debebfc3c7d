"""Her one-time code for an employer (一次性代码): made at a press, shown once."""

from flask import render_template, url_for

from registry.numbers import link
from registry.signing import given_codes
from wxapp.core.browser_session import browser
from wxapp.core.db import writing
from wxapp.core.limits import BINDING, limiter
from wxapp.core.resources import now, resources
from wxapp.core.who import current_graduate
from wxapp.graduate.signing import blueprint, this_browser


@blueprint.get("/code")
def given_code() -> str:
    """Say what the code is for."""
    return render_template("graduate/given_code.html", code=None)


@blueprint.post("/code")
@limiter.limit(BINDING, key_func=this_browser)
def make_code() -> str:
    """Make a code, and show it as text and as a picture; the one before holds no more."""
    with writing() as session:
        made = given_codes.make(
            session, resources().vault, current_graduate(), browser().token_hash, now()
        )
    path = url_for("employer.new_invitation", code=made.code)
    address = f"{resources().settings.public_url}{path}"
    return render_template("graduate/given_code.html", code=made, picture=link.embedded(address))
