"""The head of the audit log's chain, written elsewhere: to a file, or to an address.

Whoever owns the database can make the whole chain anew; what was written elsewhere they cannot, so
the place should be another machine's: a log collector's address, a file that is shipped or mounted.
"""

import json
import os
from pathlib import Path

import requests
import structlog

from notifier.providers.connections import TIMEOUT, open_connections
from registry.accounts.audit_log.chain import ChainHead

log = structlog.get_logger(__name__)


def write_head(place: str, head: ChainHead) -> None:
    """Write a head to the log, and to a place: a file's path or an address; empty for none.

    Raises OSError or requests.RequestException where the place does not take it: the duty is tried
    again at its next turn, and until then the log has it.
    """
    said = said_of(head)
    log.info("audit head", **said)
    if place.startswith("/"):
        _append(Path(place), json.dumps(said))
    elif place:
        _post(place, said)


def said_of(head: ChainHead) -> dict[str, str | int]:
    """Return a head as it is written down."""
    at = head.at.isoformat()
    return {"link": head.link, "hash": head.hash, "total": head.total, "chained_at": at}


def read_heads(path: Path) -> dict[int, str]:
    """Return hash by link of a file of heads; raise OSError, or ValueError for another file."""
    heads: dict[int, str] = {}
    with path.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            try:
                said = json.loads(line)
                heads[int(said["link"])] = str(said["hash"])
            except (ValueError, KeyError, TypeError):
                raise ValueError(f"line {number} of {path} is no head") from None
    return heads


def _append(path: Path, line: str) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    with os.fdopen(descriptor, "a", encoding="utf-8") as file:
        file.write(f"{line}\n")
        file.flush()
        os.fsync(file.fileno())


def _post(address: str, said: dict[str, str | int]) -> None:
    with open_connections(address, size=1) as connections:
        answer = connections.post(address, json=said, timeout=TIMEOUT, allow_redirects=False)
    if not answer.ok:
        raise requests.HTTPError(f"the place of audit heads answered {answer.status_code}")
