"""Keeping secrets, tokens and codes out of every text that is logged or raised."""

import logging
import re
from typing import Literal

from typing_extensions import override

_PARAMETERS = re.compile(
    r"\b(secret|access_token|refresh_token|code|js_code|ticket|signature)=[^&\s'\"<>)]+"
)
_REQUEST_ID = re.compile(r"\brid:\s*([0-9A-Za-z-]{6,80})")
DETAIL_LENGTH = 200


def scrub(text: str, *secrets: str) -> str:
    """Return the text without the values of secret parameters and without `secrets` themselves."""
    for secret in secrets:
        if secret:
            text = text.replace(secret, "***")
    return _PARAMETERS.sub(r"\1=***", text)[:DETAIL_LENGTH]


def request_id(errmsg: str) -> str:
    """Return the id that WeChat's support asks for, empty where the answer has none."""
    found = _REQUEST_ID.search(errmsg)
    return found[1] if found else ""


class _QuietConnections(logging.Filter):
    """urllib3 logs whole addresses when it debugs; ours carry the secret and the token."""

    @override
    def filter(self, record: logging.LogRecord) -> Literal[True, False]:
        record.msg, record.args = scrub(record.getMessage()), ()
        return record.levelno >= logging.INFO


_QUIET = _QuietConnections()


def silence_connections() -> None:
    """Keep addresses with secrets out of the connection pool's log. May be called again."""
    for name in ("urllib3.connectionpool", "urllib3.util.retry"):
        logging.getLogger(name).addFilter(_QUIET)
