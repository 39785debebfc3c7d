"""What a graduate typed when her session had ended: kept by the server, given back signed in again.

A form that keeps names its owner, sealed (`form_tokens(keeps=…)`): a request without a session, or
with a token of an earlier one, does not say whose it is, and what it brings is nobody else's.
"""

from collections.abc import Mapping
from urllib.parse import urlencode

from flask import Flask, Response, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup
from werkzeug.datastructures import MultiDict

from registry.accounts import unsent_forms
from registry.accounts.unsent_forms import FormOwner
from registry.base.crypto import UnreadableValue
from wxapp.core import uploads
from wxapp.core.browser_session import browser
from wxapp.core.db import reading, writing
from wxapp.core.record_choice import FIELD as RECORD
from wxapp.core.resources import now, resources
from wxapp.core.targets import target_of

OWNER = "owner"
PURPOSE = "form owner"
LEADS_BACK = "unsent"
"""Where a browser's session remembers which form waits."""
TECHNICAL = (OWNER, "csrf_token")
_HIDDEN = Markup('<input type="hidden" name="{}" value="{}">')


def owner_field(form: str) -> Markup:
    """Return the unseen field that says whose a form is, for the path it is sent to."""
    path, whose = form.partition("?")[0], browser().identity.openid
    value = resources().vault.seal(PURPOSE, path, f"{g.graduate.id} {whose}")
    return _HIDDEN.format(OWNER, value)


def refused() -> ResponseReturnValue | None:
    """Keep what a refused form brought, and lead back to it, past signing in where that is needed.

    None where the form keeps nothing.
    """
    owner = _owner()
    if owner is None:
        return None
    typed = [each for each in request.form.items(multi=True) if each[0] not in TECHNICAL]
    with writing() as session:
        unsent_forms.keep(session, resources().vault, owner, typed, now())
    g.was_kept = True
    browser()[LEADS_BACK] = _address()
    here = browser().identity.openid == owner.openid
    return redirect(_address() if here else _way_in(), 303)


def _owner() -> FormOwner | None:
    sealed = uploads.typed().get(OWNER, "")
    try:
        said = resources().vault.open(PURPOSE, request.path, sealed)
    except UnreadableValue:
        return None
    graduate, openid = said.split(" ", 1)
    return FormOwner(int(graduate), openid, request.path)


def _address() -> str:
    """Return where the form is shown: at the path it is sent to, for the record it was made for."""
    asked: Mapping[str, str] = request.args
    if record := request.form.get(RECORD):
        asked = {**asked, RECORD: record}
    return f"{request.path}?{urlencode(asked)}" if asked else request.path


def _way_in() -> str:
    return url_for("oauth.login", to=target_of(request.endpoint))


def typed() -> MultiDict[str, str]:
    """Return what was typed into the form at this address; nothing where nothing is kept.

    It stays until the form is sent: a page may be loaded twice.
    """
    browser().pop(LEADS_BACK, None)
    if not g.get("has_unsent", True):  # found out with who she is
        g.typed_before = False
        return MultiDict()
    with reading() as session:
        found = unsent_forms.find(session, resources().vault, _of_page(), now())
    g.typed_before = bool(found)
    return MultiDict(found)


def filled() -> MultiDict[str, str]:
    """Return what stands in the form of this page: as it was just sent, or as it was kept."""
    return uploads.typed() if request.method == "POST" else typed()


def way_back() -> str | None:
    """Return the form that waits for who has just signed in; None where it is another's."""
    address, openid = browser().get(LEADS_BACK), browser().identity.openid
    if not address or not openid:
        return None
    with reading() as session:
        kept = unsent_forms.is_kept(session, openid, address.partition("?")[0], now())
    return address if kept else None


def _of_page() -> FormOwner:
    return FormOwner(g.graduate.id, browser().identity.openid or "", request.path)


def forget_what_was_sent_on(app: Flask) -> None:
    """Forget what was kept of a form once it was sent and taken; tell pages of what came back."""

    def forget(response: Response) -> Response:
        if request.method == "POST" and g.get("graduate") and _is_taken(response):
            with writing() as session:
                unsent_forms.drop(session, _of_page())
        return response

    app.after_request(forget)
    app.jinja_env.globals["typed_before"] = lambda: g.get("typed_before", False)


def _is_taken(response: Response) -> bool:
    """Say whether a form that keeps was answered, and not with what is wrong of it."""
    return "was_kept" not in g and response.status_code < 400 and OWNER in request.form
