"""A call outside whose answer has a length and a time, however it drips in; no redirects."""

import time
from collections.abc import Mapping
from dataclasses import dataclass

import requests
from requests.exceptions import RequestException
from urllib3.exceptions import HTTPError

CONNECT_SECONDS, SILENT_SECONDS = 3, 5
"""To connect, and to wait for the next byte."""
ALL_SECONDS = 8
MOST_BYTES = 64 * 1024
_PIECE = 8 * 1024


class FetchError(Exception):
    """No whole answer came. `code` is one word for the log; carries nothing of what was asked."""

    def __init__(self, code: str) -> None:
        """Keep the word."""
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class Fetched:
    """An answer: its status, and its body of `MOST_BYTES` at most."""

    status: int
    body: bytes


def fetch(
    connections: requests.Session,
    address: str,
    *,
    query: Mapping[str, str] | None = None,
    form: Mapping[str, str] | None = None,
    headers: Mapping[str, str] | None = None,
) -> Fetched:
    """Ask by GET, or by POST where there is a form; raise FetchError."""
    ends = time.monotonic() + ALL_SECONDS
    try:
        answer = connections.request(
            "GET" if form is None else "POST",
            address,
            params=query,
            data=form,
            headers=headers,
            timeout=(CONNECT_SECONDS, SILENT_SECONDS),
            allow_redirects=False,
            stream=True,
        )
        with answer:
            return Fetched(answer.status_code, _read(answer, ends))
    except (RequestException, HTTPError) as error:
        failure = type(error).__name__
    raise FetchError(failure)  # outside the handler: its error holds the request


def _read(answer: requests.Response, ends: float) -> bytes:
    """Read what comes as it comes; raise FetchError for too much, or too late."""
    found = b""
    while piece := answer.raw.read1(_PIECE, decode_content=True):
        found += piece
        if len(found) > MOST_BYTES:
            raise FetchError("too_long")
        if time.monotonic() > ends:
            raise FetchError("too_slow")
    return found
