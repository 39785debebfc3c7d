"""The headers of every answer: what a page may load, who may frame it, what is kept of it."""

import secrets
from collections.abc import Mapping
from http import HTTPStatus

from flask import Flask, Response, g, request

from runtime.settings import Settings
from wxapp.core.remembered import remembered

HSTS = "max-age=31536000; includeSubDomains"
NOBODY = "'none'"
NOTHING = (
    "default-src 'none'; base-uri 'none'; form-action 'none'; object-src 'none'; "
    "frame-ancestors 'none'"
)
"""The policy of an answer that is no page: frame-ancestors and base-uri follow no default."""
FIXED = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=()",
}


def nonce() -> str:
    """Return this answer's nonce: a script or style that carries it may run."""
    own = remembered()
    if "nonce" not in own:
        own.nonce = secrets.token_urlsafe(16)
    return str(own.nonce)


def allow_own_frames() -> None:
    """Let this page show other answers of ours in frames; the others show none."""
    g.own_frames = True


def policy(wechat_open_url: str, framed_by: str = "") -> str:
    """Return the Content-Security-Policy of this answer.

    WeChat's script is named on the pages that it helps (`wxapp/wechat/page_script.py`). A form may
    lead to WeChat's sign-in: a session that ended while a page stood open is found out when its
    form is sent.
    """
    own, ours = remembered(), nonce()
    frames = "'self'" if own.get("own_frames") else NOBODY
    script = f" {own.other_script}" if own.get("other_script") else ""
    return (
        f"default-src 'none'; script-src 'self' 'nonce-{ours}'{script}; "
        f"style-src 'self' 'nonce-{ours}'; img-src 'self' data:; connect-src 'self'; "
        f"font-src 'self'; media-src 'self'; frame-src {frames}; "
        f"form-action 'self' {wechat_open_url}; "
        f"base-uri 'none'; object-src 'none'; frame-ancestors {framed_by or NOBODY}"
    )


def headers_of_all(settings: Settings) -> dict[str, str]:
    """Return what every answer carries, whichever door gives it."""
    secure = settings.public_url.startswith("https://")
    return FIXED | ({"Strict-Transport-Security": HSTS} if secure else {})


def set_headers_on(app: Flask, settings: Settings) -> None:
    """Have every answer of the application carry them, with a policy of its own."""
    common = headers_of_all(settings)

    def add(response: Response) -> Response:
        is_file = request.endpoint == "static"
        ours = NOTHING if is_file else policy(settings.wechat_open_url, settings.framed_by)
        _set_missing(response, common | {"Content-Security-Policy": ours})
        if (
            not is_file or response.status_code >= HTTPStatus.BAD_REQUEST
        ):  # WeChat's browser keeps what it is not told to drop
            response.headers["Cache-Control"] = "no-store"
        return response

    app.after_request(add)


def _set_missing(response: Response, wanted: Mapping[str, str]) -> None:
    """Set what a view has not: all at once, where each by itself goes through all that are set."""
    there = {name.lower() for name, _ in response.headers}
    missing = [(name, value) for name, value in wanted.items() if name.lower() not in there]
    response.headers.extend(missing)
