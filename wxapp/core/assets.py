"""Styles, scripts and pictures: named by content, kept for a year, compressed once."""

import gzip
import hashlib
from functools import cache
from pathlib import Path
from typing import Any

from flask import Flask, Response, request, send_from_directory

FOLDER = Path(__file__).resolve().parent.parent / "static"
COMPRESSED = {".css", ".js", ".svg", ".md", ".txt"}
A_YEAR = 31_536_000


@cache
def _version(name: str) -> str:
    """Return a few digits of the content's hash, so that a new file has a new address."""
    return hashlib.sha256((FOLDER / name).read_bytes()).hexdigest()[:12]


@cache
def _gzipped(name: str) -> bytes:
    return gzip.compress((FOLDER / name).read_bytes(), mtime=0)


def static(filename: str) -> Response:
    """Send a file of the static folder, compressed where the browser takes it."""
    response = send_from_directory(FOLDER, filename)
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
