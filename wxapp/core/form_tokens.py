"""What every form of a graduate's pages carries unseen: the CSRF token, and its record."""

from flask import Flask, g
from flask_wtf.csrf import generate_csrf
from markupsafe import Markup

from wxapp.core.record_choice import FIELD
from wxapp.core.who import other_records

_HIDDEN = Markup('<input type="hidden" name="{}" value="{}">')


def form_tokens() -> Markup:
    """Return the unseen fields of a form; its record only where she has several."""
    token = _HIDDEN.format("csrf_token", generate_csrf())
    return token + _HIDDEN.format(FIELD, g.graduate.key) if other_records() else token


def give_forms_tokens_on(app: Flask) -> None:
    """Give the templates `form_tokens` and, for the switch, `other_records`."""
    app.jinja_env.globals.update(form_tokens=form_tokens, other_records=other_records)
