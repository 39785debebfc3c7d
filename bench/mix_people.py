"""The people of a country, written by several processes at once, some schools in a transaction.

Each process seals what is sealed, copies it to the server and has the rows made of it there, while
the other's rows are made. Foreign keys are not checked and no trigger counts: what is written here
is right by itself, and is counted at the end.
"""

import multiprocessing
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, text

from bench import mix_rows
from bench.country import Country, SchoolPlace
from registry.accounts import sessions
from registry.base.crypto import Vault
from registry.base.database import open_engine
from registry.base.short_json import written_json
from registry.codes import identity
from registry.numbers import issuing, shape
from registry.numbers.sealed_number import LINK, NUMBER, link_hash, place_of
from registry.numbers.shape import Issue, Kind
from registry.population import facts

DEALT = 2_000
"""Made-up people and destinations; a graduate has those of her number."""
AT_ONCE = 25_000
"""Graduates of a transaction, at least."""
PROCESSES = 2
_PARTICULARS = written_json({"ethnicity": "汉族", "political": "共青团员", "enrolled": "202209"})
_BIRTHDAYS = [f"{2003 + day // 336}{day % 336 // 28 + 1:02}{day % 28 + 1:02}" for day in range(672)]
_IS_SUPERUSER = "SELECT rolsuper FROM pg_roles WHERE rolname = current_user"


@dataclass(frozen=True)
class Filling:
    """What the people of a country are written with."""

    url: str
    vault: Vault
    country: Country
    at: datetime

    def values(self, places: Sequence[SchoolPlace]) -> Mapping[str, object]:
        """Return what the statements name, for the people of some schools."""
        return {
            "at": self.at,
            "year": self.country.year,
            "departments": len(facts.DEPARTMENTS),
            "dealt": DEALT,
            "secret": self.country.secret,
            "step": self.country.step,
            "begun": self.at - timedelta(minutes=5),
            "ends": self.at + sessions.GRADUATE_IDLE,
            "first": places[0].first,
            "last": places[-1].first + places[-1].size - 1,
        }


def school_code(number: int) -> str:
    """Return the code of a school, by its number from 1."""
    return f"{20_000 + number}"


def fill(filling: Filling) -> None:
    """Write all people; a small country in this process."""
    parts = list(_parts(filling.country.places))
    if len(parts) == 1:
        _write(filling, parts[0])
        return
    forked = multiprocessing.get_context("fork")
    with forked.Pool(PROCESSES, _begin, (filling,)) as pool:
        for _ in pool.imap_unordered(_write_part, parts):
            pass


_given: list[Filling] = []
"""Of a process of the pool: what it was begun with."""


def _begin(filling: Filling) -> None:
    _given.append(filling)


def _write_part(places: Sequence[SchoolPlace]) -> None:
    _write(_given[0], places)


def _parts(places: Sequence[SchoolPlace]) -> Iterator[list[SchoolPlace]]:
    """Yield schools whose people are written in one transaction."""
    part, held = list[SchoolPlace](), 0
    for each in places:
        part.append(each)
        held += each.size
        if held >= AT_ONCE:
            yield part
            part, held = [], 0
    if part:
        yield part


def _write(filling: Filling, places: Sequence[SchoolPlace]) -> None:
    engine = open_engine(filling.url)
    with engine.begin() as connection:
        connection.execute(text("SET LOCAL work_mem = '256MB'"))
        connection.execute(text("SET LOCAL synchronous_commit = off"))
        if connection.scalar(text(_IS_SUPERUSER)):
            connection.execute(text("SET LOCAL session_replication_role = replica"))
        _copy_sealed(connection, filling, places)
        values = filling.values(places)
        for statement in mix_rows.OF_PEOPLE:
            connection.execute(text(statement), values)
    engine.dispose()


def _copy_sealed(connection: Connection, filling: Filling, places: Sequence[SchoolPlace]) -> None:
    """Write down what is sealed for each graduate, and each of the numbers."""
    connection.execute(text(mix_rows.SEALED))
    connection.execute(text(mix_rows.NUMBERS))
    people = [(school, place) for school in places for place in range(1, school.size + 1)]
    rows = (_person(filling.vault, *each) for each in people)
    _copy(connection, "sealed_person", rows)
    rows = (
        _number(filling, school.number, ident)
        for school, place in people
        if (ident := school.first + place - 1) % 4 == 0
    )
    _copy(connection, "sealed_number", rows)
    for table in ("sealed_person", "sealed_number"):
        connection.execute(text(f"ANALYZE {table}"))


def _copy(connection: Connection, table: str, rows: Iterator[str]) -> None:
    with (
        connection.connection.driver_connection.cursor() as cursor,  # type: ignore[union-attr]  # it is open
        cursor.copy(f"COPY {table} FROM STDIN") as copy,
    ):
        while lines := "".join(_some(rows)):
            copy.write(lines)


def _some(rows: Iterator[str]) -> Iterator[str]:
    """Yield the next thousand: a line alone costs as much to hand over."""
    for _, row in zip(range(1000), rows, strict=False):
        yield row


def _person(vault: Vault, school: SchoolPlace, place: int) -> str:
    """Return a line of COPY: nothing in it needs an escape."""
    ident = school.first + place - 1
    region = facts.REGIONS[ident % len(facts.REGIONS)]
    born = _BIRTHDAYS[ident // len(facts.REGIONS) % len(_BIRTHDAYS)]
    resident = identity.with_check_character(f"{region}{born}{ident // 30_000 % 1000:03}")
    phone = f"160{ident:08}"
    sealed = (
        *(vault.seal(identity.IDENTITY, ident, resident), identity.identity_index(vault, resident)),
        *(vault.seal(identity.PHONE, ident, phone), identity.phone_index(vault, phone) or ""),
        vault.seal(identity.PARTICULARS, ident, _PARTICULARS),
    )
    return "\t".join((str(ident), str(school.number), str(place), *sealed)) + "\n"


def _number(filling: Filling, school: int, ident: int) -> str:
    """Return a line of COPY: a school's number of every eighth, every other eighth's own."""
    vault = filling.vault
    issue = Issue.TRANSFER if ident % 8 else Issue.VERIFICATION
    number = shape.make(issue, filling.country.year, school_code(school))
    place = place_of(ident, issue, Kind.FILE, 1)
    token = issuing.link_token()
    sealed = (
        *(issuing.number_index(vault, number), vault.seal(NUMBER, place, number)),
        *(link_hash(token), vault.seal(LINK, place, token)),
    )
    return "\t".join((str(ident), issue, *sealed)) + "\n"
