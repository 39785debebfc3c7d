"""`quxiang province push`: plays a province's system, which pushes the records of a file."""

import argparse
import base64
import json
import secrets
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import requests

from commands.answers import Answer, Misused, Refused, count, runs
from registry.base.clock import Clock, utc_now
from registry.interface.pushing import MOST_ROWS
from registry.interface.signatures import Algorithm, headers_for

PATH = "/api/province/v1/records"
PATIENCE = 30
"""Seconds that an answer may take."""
TRIES = 5
LONGEST_PAUSE = 60
LISTED = 20
"""Refused records that are shown."""


@dataclass(frozen=True)
class Connection:
    """Where to, and by which key."""

    url: str
    keyid: str
    algorithm: Algorithm
    secret: bytes
    clock: Clock = utc_now

    def put(self, records: Sequence[object], *, dry_run: bool) -> Mapping[str, Any]:
        """Push a batch, again where the answer is to wait; raise Refused for any other."""
        body = json.dumps({"records": records}, ensure_ascii=False).encode()
        query = "dry_run=1" if dry_run else ""
        for _ in range(TRIES):
            answer = self._send(query, body)
            if answer.status_code not in {429, 503}:
                return _told(answer)
            time.sleep(_pause(answer))
        raise Refused("busy", "The interface asks to wait, again and again.")

    def _send(self, query: str, body: bytes) -> requests.Response:
        at: datetime = self.clock()
        key = (self.keyid, self.algorithm, self.secret)
        signed = headers_for(("PUT", PATH, query, body), key, secrets.token_hex(16), at)
        try:
            return requests.put(
                f"{self.url}{PATH}{'?' if query else ''}{query}",
                data=body,
                headers={**signed, "Content-Type": "application/json"},
                timeout=PATIENCE,
                allow_redirects=False,
            )
        except requests.RequestException as error:
            raise Refused("unreachable", f"{self.url}: {type(error).__name__}") from None


def fill(push: argparse.ArgumentParser) -> None:
    """Describe the arguments."""
    push.add_argument("file", type=Path, help='JSON: {"records": [...]}')
    push.add_argument(
        "--key", type=Path, required=True, help="what `province key create --json` printed"
    )
    push.add_argument("--url", default="http://127.0.0.1:8000", help="(http://127.0.0.1:8000)")
    push.add_argument("--batch", type=count, default=MOST_ROWS, help=f"records each ({MOST_ROWS})")
    push.add_argument("--dry-run", action="store_true", help="only say what it would do")
    runs(push, _push)


def _push(options: argparse.Namespace) -> Answer:
    connection = _connection(options.key, options.url)
    records = _records(options.file)
    counts, refused = Counter[str](), list[Mapping[str, Any]]()
    for batch in _batches(records, min(options.batch, MOST_ROWS)):
        told = connection.put(batch, dry_run=options.dry_run)
        counts.update(told["counts"])
        refused += [each for each in told["results"] if each["errors"]]
    lines = [f"{name} {number}" for name, number in counts.items() if number] + [
        f"{each['source_id']}: {each['errors'][0]['detail']}" for each in refused[:LISTED]
    ]
    facts = {"records": len(records), "counts": dict(counts), "refused": refused[:LISTED]}
    return Answer({**facts, "dry_run": options.dry_run}, "\n".join(lines) or "No records.")


def _connection(path: Path, url: str) -> Connection:
    if urlsplit(url).scheme not in {"http", "https"}:
        raise Misused(f"{url} does not begin with https:// or http://")
    said = _json(path)
    try:
        algorithm = Algorithm(said.get("algorithm", Algorithm.HMAC_SHA256))
        return Connection(url.rstrip("/"), said["keyid"], algorithm, base64.b64decode(said["key"]))
    except (KeyError, ValueError):
        raise Misused(f"{path} holds no keyid and key") from None


def _records(path: Path) -> list[object]:
    records = _json(path).get("records")
    if not isinstance(records, list):
        raise Misused(f'{path} is not {{"records": [...]}}')
    return records


def _json(path: Path) -> dict[str, Any]:
    try:
        said = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise Misused(f"{path}: {error.strerror}") from None
    except ValueError:
        raise Misused(f"{path} is not JSON") from None
    return said if isinstance(said, dict) else {}


def _batches(records: Sequence[object], size: int) -> Iterator[Sequence[object]]:
    for start in range(0, len(records), size):
        yield records[start : start + size]


def _pause(answer: requests.Response) -> float:
    """Return how many seconds the interface says to wait, a minute at most."""
    said = answer.headers.get("Retry-After", "")
    return min(int(said), LONGEST_PAUSE) if said.isdecimal() else 1


def _told(answer: requests.Response) -> Mapping[str, Any]:
    try:
        said: Mapping[str, Any] = answer.json()
    except ValueError:
        said = {}
    if answer.status_code != 200 or "results" not in said:
        words = said.get("detail", "The answer is not the interface's.")
        raise Refused(str(said.get("code", "refused")), f"{answer.status_code}: {words}")
    return said
