"""A form with a file: its larger limit holds for the views named here, after the sign-in."""

from flask import current_app, request
from flask.blueprints import BlueprintSetupState
from flask_wtf.csrf import CSRFProtect
from werkzeug.datastructures import FileStorage
from werkzeug.exceptions import RequestEntityTooLarge

from registry.errors import RuleError
from registry.roster.reading import MAX_FILE_BYTES, SENTENCES
from wxapp.school.door import blueprint

FORM_BYTES = 64 * 1024
DRAINED = 200 * 1024 * 1024
"""How much of a body that is too large is read away, so that the browser hears the answer."""
CHUNK = 256 * 1024
VIEWS = ("wxapp.school.imports.upload",)


@blueprint.record
def _check_csrf_later(state: BlueprintSetupState) -> None:
    """Leave the token's check to `uploaded`: it reads the body, which has to be allowed first."""
    for view in VIEWS:
        _csrf(state.app.extensions).exempt(view)


def _csrf(extensions: dict[str, object]) -> CSRFProtect:
    found = extensions["csrf"]
    assert isinstance(found, CSRFProtect)
    return found


def uploaded(name: str) -> FileStorage:
    """Return the form's file, its token checked.

    Raises RuleError `file_missing`, or `too_large`.
    """
    request.max_content_length = MAX_FILE_BYTES + FORM_BYTES
    try:
        _csrf(current_app.extensions).protect()
        file = request.files.get(name)
    except RequestEntityTooLarge:
        _drain()
        raise RuleError("too_large", SENTENCES["too_large"], name) from None
    if file is None or not file.filename:
        raise RuleError("file_missing", "请先选择要导入的文件。", name)
    return file


def _drain() -> None:
    left = min(request.content_length or 0, DRAINED)
    while left > 0 and (read := request.environ["wsgi.input"].read(min(CHUNK, left))):
        left -= len(read)
