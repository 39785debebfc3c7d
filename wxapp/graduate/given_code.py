"""Her one-time code for an employer (一次性代码): made at a press, shown once."""

from flask import Response, render_template, url_for

from registry.numbers import link
from registry.signing import given_codes
from registry.signing.given_codes import LASTS
from wxapp.core.browser_session import browser
from wxapp.core.db import writing
from wxapp.core.limits import BINDING, limiter
from wxapp.core.resources import now, resources
from wxapp.core.who import current_graduate
from wxapp.graduate.signing import blueprint, this_browser

MINUTES = int(LASTS.total_seconds() // 60)


@blueprint.get("/code")
def given_code() -> str:
    """Say what the code is for."""
    return render_template("graduate/given_code.html", code=None, minutes=MINUTES)


@blueprint.post("/code")
@limiter.limit(BINDING, key_func=this_browser)
def make_code() -> Response:
    """Make a code, and show it as text and as a picture; the one before holds no more."""
    with writing() as session:
        made = given_codes.make(
            session, resources().vault, current_graduate(), browser().token_hash, now()
        )
    path = url_for("employer.new_invitation", code=made.code)
    address = f"{resources().settings.public_url}{path}"
    page = render_template(
        "graduate/given_code.html", code=made, picture=link.embedded(address), minutes=MINUTES
    )
    return Response(page, headers={"Cache-Control": "no-store"})
