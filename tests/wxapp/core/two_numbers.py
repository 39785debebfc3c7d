"""One graduate with both numbers of both kinds, everybody who may look, and what they got."""

import io
import re
import unicodedata
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

from sqlalchemy import select
from sqlalchemy.orm import joinedload, undefer
from werkzeug.routing import Rule

from migrations.metadata import metadata
from registry.accounts import sessions
from registry.accounts.tables import Role
from registry.numbers.sealed_number import sealed_number
from registry.numbers.service import Validity
from registry.numbers.shape import Issue, Kind
from registry.numbers.tables import IssuedNumber
from registry.numbers.transfer import generate
from registry.numbers.transfer.generate import IssuingSchool
from registry.numbers.verification import authentication, authorize
from registry.numbers.verification.authentication import IdentityDocument
from registry.numbers.verification.authorize import AuthorizationRequest
from registry.record.confirmation.confirm import Reply, answer
from registry.record.tables import Answer, Graduate
from tests.pages import Browser
from tests.pdf_reading import codes_of, words_of
from tests.wxapp.school.records import Campus
from tests.wxapp.site import Site, find_campus

_BETWEEN = re.compile(r"[\W_]+")
OWNER, CLASSMATE, STRANGER = "owner", "classmate", "stranger"
MAY_SEE: dict[str, set[Issue]] = {
    OWNER: {Issue.VERIFICATION},
    CLASSMATE: set(),
    STRANGER: set(),
    Role.SCHOOL: {Issue.TRANSFER},
    Role.DEPARTMENT: {Issue.TRANSFER},
    Role.COUNSELLOR: set(),
    Role.PROVINCE: set(),
    Role.OPERATOR: set(),
    Role.RECEIVER: set(),
    Role.EMPLOYER: set(),
    Role.MINISTRY: set(),
}
"""Who sees which number, by the table of the domain: graduate hers, school its own, others none."""


@dataclass(frozen=True)
class Canary:
    """A number in all its writings."""

    issue: Issue
    number: str
    token: str
    kept: tuple[str, str, str]
    """How the database keeps it: sealed, its index, the link's hash. Nobody ever sees those."""


@dataclass(frozen=True)
class Got:
    """What a role was answered, unpacked."""

    role: str
    what: str
    content: str

    @cached_property
    def folded(self) -> str:
        """Return it so that a number stands as one word."""
        return folded(self.content)


@dataclass
class Stage:
    """The site with the graduate, and a browser for each role."""

    site: Site
    graduate: Graduate
    browsers: dict[str, Browser] = field(default_factory=dict)
    got: list[Got] = field(default_factory=list)

    def ask(self, role: str, path: str, what: str, sent: dict[str, str] | None = None) -> None:
        """Ask as a role, and keep the answer with its headers."""
        client = self.browsers[role].client
        response = client.get(path) if sent is None else client.post(path, data=sent)
        headers = "\n".join(f"{name}: {value}" for name, value in response.headers)
        self.got.append(Got(role, what, f"{headers}\n{unpacked(response.get_data())}"))
        fresh = response.headers.get("Cache-Control") == "no-store"
        assert fresh or "/static/" in what, f"{role} may keep {what}"
        response.close()

    def canaries(self) -> list[Canary]:
        """Return every number that was ever issued here."""
        wanted = select(IssuedNumber).options(
            undefer(IssuedNumber.number_sealed), undefer(IssuedNumber.link_sealed)
        )
        return [self._canary(row) for row in self.site.read(lambda s: s.scalars(wanted).all())]

    def _canary(self, row: IssuedNumber) -> Canary:
        vault = self.site.resources.vault
        sealed = sealed_number(row)
        kept = (row.number_sealed, row.number_index, row.link_hash)
        return Canary(Issue(row.issue), sealed.number(vault), sealed.token(vault), kept)

    def database(self) -> str:
        """Return every row of every table but the numbers' own, as text."""
        tables = [each for each in metadata.sorted_tables if each.name != "issued_number"]
        with self.site.resources.readers.begin() as session:
            return "\n".join(
                str(tuple(row)) for each in tables for row in session.execute(select(each))
            )

    def redis(self) -> str:
        """Return every key of Redis with what it holds."""
        client = self.site.resources.redis
        keys = [key for key in client.scan_iter() if isinstance(key, bytes)]
        return "\n".join(f"{key!r} {client.dump(key)!r} {self._read(key)!r}" for key in keys)

    def _read(self, key: bytes) -> object:
        client = self.site.resources.redis
        kind = client.type(key)
        readers = {b"string": client.get, b"hash": client.hgetall, b"set": client.smembers}
        return readers[kind](key) if kind in readers else ""


def unpacked(content: bytes) -> str:
    """Return what a file says: an archive's files, a PDF's text and codes, a page as it is."""
    if content.startswith(b"PK\x03\x04"):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return "\n".join(unpacked(archive.read(name)) for name in archive.namelist())
    if content.startswith(b"%PDF"):
        return "\n".join([words_of(content), *codes_of(content)])
    return content.decode("utf-8", "replace")


def folded(content: str) -> str:
    """Return a text in which a number stands as one word, however it was written."""
    return _BETWEEN.sub("", unicodedata.normalize("NFKC", content).upper())


def set_up(site: Site) -> Stage:
    """Plant the numbers and let everybody in."""
    graduate = site.graduate(lambda campus, her: _with_numbers(site, campus, her))
    stage = Stage(site, graduate)
    stage.browsers = {
        STRANGER: site.browser(),
        OWNER: site.enter(site.bind(graduate)),
        CLASSMATE: site.enter(site.bind(site.graduate(Campus.report), "王芳")),
        **{role: _staff(site, role) for role in Role},
    }
    return stage


def _with_numbers(site: Site, campus: Campus, graduate: Graduate) -> None:
    session, at, vault = campus.session, site.clock(), site.resources.vault
    campus.report(graduate)
    reply = Reply(Answer.CORRECT, graduate.registration_id or 0)
    answer(session, graduate.id, reply, channel="wechat", at=at)
    authentication.record_in_person(
        session, graduate.id, IdentityDocument.IDENTITY_CARD, "system", at
    )
    session.refresh(graduate)
    with_school = [joinedload(Graduate.school)]
    for kind in Kind:
        her = session.get_one(Graduate, graduate.id, options=with_school, populate_existing=True)
        asked = AuthorizationRequest(her, "a" * 64, at)
        authorize.authorize(session, vault, asked, kind, Validity.SERVICE)
        office = IssuingSchool(campus.school, "staff:clerk", at)
        generate.generate(session, vault, office, [graduate.id], kind)


def _staff(site: Site, role: Role) -> Browser:
    token = sessions.new_token()
    with site.resources.sessions.begin() as session:
        department = 0 if role is Role.DEPARTMENT else None
        staff = find_campus(session, site).staff(role, department)
        sessions.start(session, token, sessions.proven(staff), {}, site.clock())
    browser = site.browser()
    browser.client.set_cookie("quxiang", token)
    return browser


def addresses(rule: Rule, filled: dict[str, list[str]]) -> Iterator[str]:
    """Return a route's addresses, its arguments filled with each of what there is."""
    paths = [rule.rule]
    for argument in sorted(rule.arguments - set(rule.defaults or {})):
        mark = next(part for part in (f"<{argument}>", f"<path:{argument}>") if part in rule.rule)
        values = filled.get(argument, ["1"])
        paths = [path.replace(mark, value) for path in paths for value in values]
    yield from paths
