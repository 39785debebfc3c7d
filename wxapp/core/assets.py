"""Styles, scripts and pictures: named by content, kept for a year, compressed once."""

import gzip
import hashlib
from functools import cache
from mimetypes import guess_type
from pathlib import Path
from typing import Any

from flask import Flask, Response, request, send_from_directory

FOLDER = Path(__file__).resolve().parent.parent / "static"
COMPRESSED = {".css", ".js", ".svg", ".md", ".txt"}
A_YEAR = 31_536_000
BUNDLES = {
    "phone-page.css": ("weui.css", "phone.css"),
    "phone-page.js": ("phone.js", "session.js", "regions.js", "employers.js"),
}
"""What a page fetches in one request -> the files it is made of, in their order."""


@cache
def _version(name: str) -> str:
    """Return a few digits of the content's hash, so that a new file has a new address."""
    return hashlib.sha256(content_of(name)).hexdigest()[:12]


@cache
def _gzipped(name: str) -> bytes:
    return gzip.compress(content_of(name), mtime=0)


def content_of(name: str) -> bytes:
    """Return what is sent for a file or bundle; raise OSError for a name that is neither."""
    return b"\n".join((FOLDER / each).read_bytes() for each in BUNDLES.get(name, (name,)))


def static(filename: str) -> Response:
    """Send a file of the static folder, compressed where the browser takes it."""
    response = _whole(filename)
    if Path(filename).suffix in COMPRESSED:
        response.vary.add("Accept-Encoding")
        if request.accept_encodings["gzip"]:
            response.close()
            response = _compressed(filename, response.mimetype)
    if "v" in request.args:
        response.cache_control.public = True
        response.cache_control.max_age = A_YEAR
        response.cache_control.immutable = True
    return response


def _whole(filename: str) -> Response:
    if filename not in BUNDLES:
        return send_from_directory(FOLDER, filename)
    response = Response(content_of(filename), mimetype=guess_type(filename)[0])
    response.set_etag(_version(filename))
    return response


def _compressed(filename: str, mimetype: str | None) -> Response:
    response = Response(_gzipped(filename), mimetype=mimetype)
    response.content_encoding = "gzip"
    response.vary.add("Accept-Encoding")
    response.set_etag(f"{_version(filename)}-gzip")
    response.make_conditional(request)
    return response


def _name_by_content(endpoint: str, values: dict[str, Any]) -> None:
    if endpoint == "static" and "v" not in values:
        values["v"] = _version(values["filename"])


def serve_assets_on(app: Flask) -> None:
    """Serve the static folder, and have `url_for('static', …)` name files by content."""
    app.add_url_rule("/static/<path:filename>", "static", static)
    app.url_default_functions.setdefault(None, []).append(_name_by_content)
