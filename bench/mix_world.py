"""A country's schools in season: a million graduates, as the product would have written them.

People and destinations are those of `registry.population`, two thousand of each, dealt out by SQL;
what is sealed or found by an index is made for each graduate and her row alone.
"""

import json
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Engine, insert, text

from bench import mix_rows
from bench.loading import without_indexes
from migrations import count_triggers
from registry.accounts import sessions
from registry.accounts.school_tables import Department, School
from registry.base.clock import utc_now
from registry.base.crypto import Vault
from registry.base.database import random_key
from registry.codes import identity
from registry.numbers import issuing, shape
from registry.numbers.sealed_number import LINK, NUMBER, link_hash, place_of
from registry.numbers.shape import Issue, Kind
from registry.population import facts
from registry.population.people import People, PopulationSize, TargetSchool
from registry.record.cohort import cohort_in_season
from registry.record.registration import COLUMNS

SCHOOL_SIZE = 20_000
"""Graduates of one of the largest schools."""
DEALT = 2_000
"""Made-up people and destinations; a graduate has those of her number."""
SIGNED_IN = 20_000
"""Graduates with a session, at most."""
_PARTICULARS = json.dumps({"ethnicity": "汉族", "political": "共青团员", "enrolled": "202209"})
_BIRTHDAYS = [f"{2003 + day // 336}{day % 336 // 28 + 1:02}{day % 28 + 1:02}" for day in range(672)]


@dataclass(frozen=True)
class Country:
    """What was made, and how whoever is signed in is known: by a token of the secret and the id."""

    graduates: int
    schools: int
    size: int
    """Graduates of a school."""
    year: int
    """The cohort that registers now."""
    secret: str

    @property
    def step(self) -> int:
        """Return how many graduates lie between two who are signed in."""
        return max(1, self.graduates // SIGNED_IN)

    @property
    def signed_in(self) -> list[int]:
        """Return the ids of the graduates with a session: all are bound."""
        return [each for each in range(1, self.graduates + 1, self.step) if each % 20 < 17]

    def graduate_token(self, ident: int) -> str:
        """Return the token of a graduate's session."""
        return f"{self.secret}g{ident}"

    def staff_token(self, school: int) -> str:
        """Return the token of the session of a school's staff, by the school's number from 1."""
        return f"{self.secret}s{school}"


def make_country(
    engine: Engine, vault: Vault, graduates: int, at: datetime, size: int = SCHOOL_SIZE
) -> Country:
    """Fill an empty database of PostgreSQL; graduates, schools and staff are numbered from 1."""
    schools, year = -(-graduates // size), cohort_in_season(at)
    country = Country(graduates, schools, size, year, secrets.token_urlsafe(32))
    with engine.begin() as connection:
        connection.execute(text("SET LOCAL work_mem = '256MB'"))
        _add_schools(connection, country)
        with without_indexes(connection, mix_rows.TABLES):
            _deal(connection, vault, year)
            _copy_sealed(connection, vault, country)
            _fill(connection, country, at)
        count_triggers.count_anew(connection)
    with engine.connect() as connection:
        free = connection.execution_options(isolation_level="AUTOCOMMIT")
        free.execute(text("VACUUM ANALYZE"))
        free.execute(text("CHECKPOINT"))
    return country


def school_code(number: int) -> str:
    """Return the code of a school, by its number from 1."""
    return f"{20_000 + number}"


def _add_schools(connection: Connection, country: Country) -> None:
    at, numbers = utc_now(), range(1, country.schools + 1)
    schools = [
        {"id": each, "key": random_key(), "code": school_code(each), "name": f"某某大学{each}"}
        | {"province": "370000", "helpline": "", "created_at": at, "synced_at": at}
        for each in numbers
    ]
    names = list(facts.DEPARTMENTS)
    departments = [
        {
            "id": (each - 1) * len(names) + place,
            "key": random_key(),
            "school_id": each,
            "name": name,
        }
        for each in numbers
        for place, name in enumerate(names, 1)
    ]
    connection.execute(insert(School), schools)
    connection.execute(insert(Department), departments)


def _deal(connection: Connection, vault: Vault, year: int) -> None:
    """Make the people and destinations that are dealt out, in tables of this transaction."""
    places = {name: at + 1 for at, name in enumerate(facts.DEPARTMENTS)}
    size = PopulationSize(year, DEALT)
    made = People(vault, "20001", size, TargetSchool(1, places), utc_now())
    people = [made.person(number, number) for number in range(1, DEALT + 1)]
    destinations = [made.registration(number, number) or {} for number in range(1, DEALT + 1)]
    _keep(connection, "dealt_person", mix_rows.OF_A_PERSON, people)
    _keep(connection, "dealt_destination", tuple(COLUMNS), destinations)


def _keep(
    connection: Connection, table: str, columns: tuple[str, ...], rows: list[dict[str, Any]]
) -> None:
    """Keep rows of texts under their number from 0."""
    named = ", ".join(f"{each} text" for each in columns)
    connection.execute(text(f"CREATE TEMP TABLE {table} (number int, {named}) ON COMMIT DROP"))
    values = [
        {"number": at, **{name: None if row[name] is None else str(row[name]) for name in columns}}
        for at, row in enumerate(rows)
    ]
    listed = ", ".join(f":{each}" for each in ("number", *columns))
    connection.execute(text(f"INSERT INTO {table} VALUES ({listed})"), values)  # noqa: S608 - names of columns


def _copy_sealed(connection: Connection, vault: Vault, country: Country) -> None:
    """Write down what is sealed for each graduate, and each of the numbers."""
    connection.execute(text(mix_rows.SEALED))
    connection.execute(text(mix_rows.NUMBERS))
    people = range(1, country.graduates + 1)
    numbered = (each for each in people if each % 4 == 0)
    _copy(connection, "sealed_person", (_person(vault, each) for each in people))
    _copy(connection, "sealed_number", (_number(vault, country, each) for each in numbered))


def _copy(connection: Connection, table: str, rows: Iterator[str]) -> None:
    with (
        connection.connection.driver_connection.cursor() as cursor,  # type: ignore[union-attr]  # it is open
        cursor.copy(f"COPY {table} FROM STDIN") as copy,
    ):
        for row in rows:
            copy.write(row)


def _person(vault: Vault, ident: int) -> str:
    """Return a line of COPY: nothing in it needs an escape."""
    region = facts.REGIONS[ident % len(facts.REGIONS)]
    born = _BIRTHDAYS[ident // len(facts.REGIONS) % len(_BIRTHDAYS)]
    resident = identity.with_check_character(f"{region}{born}{ident // 30_000 % 1000:03}")
    phone = f"160{ident:08}"
    sealed = (
        *(vault.seal(identity.IDENTITY, ident, resident), identity.identity_index(vault, resident)),
        *(vault.seal(identity.PHONE, ident, phone), identity.phone_index(vault, phone) or ""),
        vault.seal(identity.PARTICULARS, ident, _PARTICULARS),
    )
    return "\t".join((str(ident), *sealed)) + "\n"


def _number(vault: Vault, country: Country, ident: int) -> str:
    """Return a line of COPY: a school's number of every eighth, every other eighth's own."""
    issue = Issue.TRANSFER if ident % 8 else Issue.VERIFICATION
    number = shape.make(issue, country.year, school_code(1 + (ident - 1) // country.size))
    place = place_of(ident, issue, Kind.FILE, 1)
    token = issuing.link_token()
    sealed = (
        *(issuing.number_index(vault, number), vault.seal(NUMBER, place, number)),
        *(link_hash(token), vault.seal(LINK, place, token)),
    )
    return "\t".join((str(ident), issue, *sealed)) + "\n"


def _fill(connection: Connection, country: Country, at: datetime) -> None:
    values = {
        "at": at,
        "year": country.year,
        "size": country.size,
        "count": country.graduates,
        "departments": len(facts.DEPARTMENTS),
        "schools": country.schools,
        "dealt": DEALT,
        "secret": country.secret,
        "step": country.step,
        "begun": at - timedelta(minutes=5),
        "ends": at + sessions.GRADUATE_IDLE,
        "staff_ends": at + sessions.LONGEST,
    }
    for statement in mix_rows.STATEMENTS:
        connection.execute(text(statement), values)
