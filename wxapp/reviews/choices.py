"""What fits the words typed into a filter of which a school has hundreds: majors and classes."""

from flask import abort, jsonify, request
from flask.typing import ResponseReturnValue

from registry.record import filter_choices
from wxapp.core.db import reading
from wxapp.core.staff_context import staff_context


def show_choices(name: str) -> ResponseReturnValue:
    """Return, for a field's list, those that contain the words."""
    if name not in filter_choices.SEARCHED:
        abort(404)
    scope, year = staff_context().scope, staff_context().year
    words = request.args.get("words", "")[:80]
    with reading() as session:
        return jsonify(filter_choices.containing(session, scope, year, name, words))
