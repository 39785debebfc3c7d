"""What no field can hold is refused here, before any view: in a path, a query, a form, a cookie."""

from collections.abc import Iterable, Iterator
from typing import IO, Any

from flask import Flask, Request, request
from typing_extensions import override
from werkzeug.exceptions import BadRequest
from werkzeug.formparser import FormDataParser

NUL = "\x00"
"""PostgreSQL keeps it in no text (manual, 8.3), and nobody can type it."""
LARGEST = 2**31 - 1
"""What an INTEGER column holds."""


class UnreadableInput(BadRequest):
    """A request that holds what no field can hold; carries nothing of it."""


class FormParser(FormDataParser):
    """Reads a form whenever a view first asks for it, and refuses it as a whole."""

    @override
    def parse(
        self, stream: IO[bytes], mimetype: str, content_length: int | None, options: Any = None
    ) -> Any:
        parsed = super().parse(stream, mimetype, content_length, options)
        _, form, files = parsed
        names = [(name, file.filename or "") for name, file in files.items(multi=True)]
        try:
            _refuse(_texts((*form.items(multi=True), *names)))
        except UnreadableInput:
            for file in files.values():
                file.close()
            raise
        return parsed


class IncomingRequest(Request):
    """Flask's request, whose form is checked as it is read."""

    form_data_parser_class = FormParser


def whole(text: str) -> int:
    """Read a count or version of a form; raise ValueError for what no column holds.

    Given as `type=` of a form's `get`: what cannot be read is then as if it had not been sent.
    """
    if not (text.isascii() and text.isdigit() and len(text) <= len(str(LARGEST))):
        raise ValueError("not a number of this size")
    return min(int(text), LARGEST)


def refuse_unreadable_on(app: Flask) -> None:
    """Have every request of the application looked at before anything else is done with it."""
    app.request_class = IncomingRequest
    app.before_request(_look_at_address)


def _look_at_address() -> None:
    _refuse(
        (request.path, *_texts(request.args.items(multi=True)), *_texts(request.cookies.items()))
    )


def _texts(pairs: Iterable[tuple[str, str]]) -> Iterator[str]:
    return (text for pair in pairs for text in pair)


def _refuse(texts: Iterable[str]) -> None:
    if any(NUL in text for text in texts):
        raise UnreadableInput
