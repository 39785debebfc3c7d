"""A province's system as tests play it: signs its calls, and sends them through Flask's client."""

import base64
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from werkzeug.test import TestResponse

from registry.interface import keys
from registry.interface.signatures import Algorithm, headers_for
from registry.record.tables import Graduate
from tests.wxapp.school.records import Campus
from tests.wxapp.site import Site
from wxapp.api.examples import RECORD

PREFIX = "/api/province/v1"
PROVINCE = "370000"
SYSTEM = "山东省高校毕业生就业信息网"


@dataclass
class ProvincialSystem:
    """One system, with a key of its province."""

    site: Site
    keyid: str
    secret: bytes
    algorithm: Algorithm = Algorithm.HMAC_SHA256
    clock_ahead: timedelta = field(default_factory=timedelta)

    def call(self, method: str, path: str, said: object = None, **headers: str) -> TestResponse:
        """Make a signed call; `headers` stand for, or beside, those that it would have."""
        body = b"" if said is None else json.dumps(said, ensure_ascii=False).encode()
        return self.send(method, path, body, headers)

    def send(
        self, method: str, path: str, body: bytes, headers: Mapping[str, str] | None = None
    ) -> TestResponse:
        """Make a signed call with these bytes."""
        signed = self.signed(method, path, body)
        if body:
            signed["Content-Type"] = "application/json"
        client = self.site.app.test_client()
        return client.open(
            f"{PREFIX}{path}", method=method, data=body, headers={**signed, **(headers or {})}
        )

    def signed(self, method: str, path: str, body: bytes) -> dict[str, str]:
        """Return the headers that sign a call."""
        where, _, query = f"{PREFIX}{path}".partition("?")
        return headers_for(
            (method, where, query, body),
            (self.keyid, self.algorithm, self.secret),
            secrets.token_hex(16),
            self.site.clock() + self.clock_ahead,
        )

    def push(self, *records: Mapping[str, Any], dry_run: bool = False) -> dict[str, Any]:
        """Push records; return the answer, which has to be 200."""
        path = "/records?dry_run=1" if dry_run else "/records"
        answer = self.call("PUT", path, {"records": list(records)})
        assert answer.status_code == 200, answer.text
        told: dict[str, Any] = answer.get_json()
        return told

    def outcomes(self, *records: Mapping[str, Any], dry_run: bool = False) -> list[str]:
        """Push records; return what became of each."""
        return [each["outcome"] for each in self.push(*records, dry_run=dry_run)["results"]]


def open_system(
    site: Site, province: str = PROVINCE, algorithm: Algorithm = Algorithm.HMAC_SHA256
) -> ProvincialSystem:
    """Give a province's system a key."""
    with site.resources.sessions.begin() as session:
        at = site.clock()
        key, secret = keys.create(
            session, site.resources.vault, province, algorithm, (at, None), at
        )
        return ProvincialSystem(site, key.keyid, base64.b64decode(secret), algorithm)


def synced_graduate(site: Site, **about: object) -> Graduate:
    """Add a graduate of a school whose province has a system of its own."""

    def move(campus: Campus, graduate: Graduate) -> None:
        campus.school.correction_system = SYSTEM
        graduate.candidate_number = f"2637{graduate.id:010}"
        for name, value in about.items():
            setattr(graduate, name, value)

    return site.graduate(move)


def record_of(graduate: Graduate, version: int = 1, **said: object) -> dict[str, Any]:
    """Return a record of a graduate, complete enough to be accepted without a warning."""
    return {
        **RECORD,
        "source_id": f"37-2026-{graduate.id:04}",
        "version": version,
        "xm": graduate.name,
        "ksh": graduate.candidate_number,
        **said,
    }
