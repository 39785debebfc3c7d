"""A form with a file: its own limit of size holds, and its token is checked after that."""

from flask import current_app, request
from flask_wtf.csrf import CSRFProtect
from werkzeug.datastructures import FileStorage, MultiDict
from werkzeug.exceptions import RequestEntityTooLarge

from registry.base.errors import RuleError

DRAINED = 200 * 1024 * 1024
"""How much of a body that is too large is read away, so that the browser hears the answer."""
CHUNK = 256 * 1024


def csrf_of(extensions: dict[str, object]) -> CSRFProtect:
    """Return what checks the tokens: a view that takes a file is exempt and checks its own."""
    found = extensions["csrf"]
    assert isinstance(found, CSRFProtect)
    return found


def uploaded(name: str, most_bytes: int, too_large: RuleError) -> FileStorage | None:
    """Return the form's file, its token checked; None where none was chosen.

    Raises `too_large` where the body, fields and all, weighs more than `most_bytes`.
    """
    return next(iter(all_uploaded(most_bytes, too_large).getlist(name)), None)


def all_uploaded(most_bytes: int, too_large: RuleError) -> MultiDict[str, FileStorage]:
    """Return the files that were chosen by the fields of the form, its token checked.

    Raises `too_large` as `uploaded` does.
    """
    request.max_content_length = most_bytes
    try:
        csrf_of(dict(current_app.extensions)).protect()
        files = request.files
    except RequestEntityTooLarge:
        _drain()
        raise too_large from None
    return MultiDict([(name, file) for name, file in files.items(multi=True) if file.filename])


def typed() -> MultiDict[str, str]:
    """Return the fields of the form; none of a body that was too large to be read."""
    try:
        return request.form
    except RequestEntityTooLarge:
        return MultiDict()


def _drain() -> None:
    left = min(request.content_length or 0, DRAINED)
    while left > 0 and (read := request.environ["wsgi.input"].read(min(CHUNK, left))):
        left -= len(read)
