"""What every form carries unseen: the CSRF token, and on a graduate's pages her record."""

import hashlib
import secrets

from flask import Flask, g
from flask_wtf.csrf import generate_csrf
from itsdangerous import TimestampSigner
from markupsafe import Markup

from wxapp.core import unsent
from wxapp.core.browser_session import browser
from wxapp.core.record_choice import FIELD
from wxapp.core.who import other_records

_HIDDEN = Markup('<input type="hidden" name="{}" value="{}">')
_IN_SESSION = "csrf_token"

TimestampSigner.default_digest_method = staticmethod(hashlib.sha256)
"""What signs the tokens: the library's own default, SHA-1, is not for new programs."""


def csrf_token() -> str:
    """Return the token of this browser's forms: 256 random bits kept with its session, signed."""
    if _IN_SESSION not in browser():
        browser()[_IN_SESSION] = secrets.token_hex(32)
    return str(generate_csrf())


def form_tokens(keeps: str = "") -> Markup:
    """Return the unseen fields of a form; its record only where she has several.

    `keeps` is where a form is sent whose text is kept if her session has ended by then; its page
    asks `unsent.typed`.
    """
    token = _HIDDEN.format("csrf_token", csrf_token())
    if keeps:
        token += unsent.owner_field(keeps)
    return token + _HIDDEN.format(FIELD, g.graduate.key) if other_records() else token


def give_forms_tokens_on(app: Flask) -> None:
    """Give the templates `csrf_token`, `form_tokens` and, for the switch, `other_records`."""
    own = {"csrf_token": csrf_token, "form_tokens": form_tokens, "other_records": other_records}
    app.jinja_env.globals.update(own)
    app.context_processor(lambda: own)  # after Flask-WTF's, whose it takes the place of
