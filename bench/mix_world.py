"""A country's schools in season: a million graduates, as the product would have written them.

People and destinations are those of `registry.population`, two thousand of each, dealt out by SQL;
what is sealed or found by an index is made for each graduate and her row alone.
"""

import secrets
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, insert, text

from bench import mix_rows
from bench.country import SCHOOL_SIZE, Country, SchoolPlace, of_one_size
from bench.loading import without_indexes
from bench.mix_people import DEALT, Filling, fill, school_code
from migrations import count_triggers
from registry.accounts import sessions
from registry.accounts.school_tables import Department, School
from registry.base.clock import utc_now
from registry.base.crypto import Vault
from registry.base.database import random_key
from registry.population import facts
from registry.population.people import People, PopulationSize, TargetSchool
from registry.record.cohort import cohort_in_season
from registry.record.registration import COLUMNS

CAMPAIGNS = 20
"""Finished campaigns of a school, whose messages are there."""
_OTHERS = """
SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'
AND NOT relname = ANY(:filled)
"""


def make_country(
    engine: Engine, vault: Vault, graduates: int, at: datetime, size: int = SCHOOL_SIZE
) -> Country:
    """Fill an empty database of PostgreSQL; graduates, schools and staff are numbered from 1."""
    return fill_country(engine, vault, of_one_size(graduates, size), at)


def fill_country(
    engine: Engine,
    vault: Vault,
    places: Sequence[SchoolPlace],
    at: datetime,
    campaigns: int = 0,
) -> Country:
    """Fill an empty database with the people of some schools, and so many old campaigns in all."""
    country = Country(places, cohort_in_season(at), secrets.token_urlsafe(32))
    with without_indexes(engine, mix_rows.TABLES):
        with engine.begin() as connection:
            _add_schools(connection, country)
            _deal(connection, vault, country.year)
            _add_what_is_of_all(connection, country, at, campaigns)
        fill(Filling(engine.url.render_as_string(hide_password=False), vault, country, at))
    with engine.begin() as connection:
        connection.execute(text("SET LOCAL work_mem = '256MB'"))
        count_triggers.count_anew(connection, count_triggers.kept(connection))
        for table in ("bench_person", "bench_destination"):
            connection.execute(text(f"DROP TABLE {table}"))
    with engine.connect() as connection:
        free = connection.execution_options(isolation_level="AUTOCOMMIT")
        for table in free.execute(text(_OTHERS), {"filled": list(mix_rows.TABLES)}).scalars().all():
            free.execute(text(f"VACUUM ANALYZE {table}"))
        free.execute(text("CHECKPOINT"))
    return country


def _add_schools(connection: Connection, country: Country) -> None:
    at = utc_now()
    schools = [
        {"id": each.number, "key": random_key(), "code": school_code(each.number)}
        | {"name": f"某某大学{each.number}", "province": each.province, "helpline": ""}
        | {"created_at": at, "synced_at": at}
        for each in country.places
    ]
    names = list(facts.DEPARTMENTS)
    departments = [
        {"id": (each.number - 1) * len(names) + place, "key": random_key()}
        | {"school_id": each.number, "name": name}
        for each in country.places
        for place, name in enumerate(names, 1)
    ]
    connection.execute(insert(School), schools)
    connection.execute(insert(Department), departments)


def _add_what_is_of_all(
    connection: Connection, country: Country, at: datetime, campaigns: int
) -> None:
    values = {
        "at": at,
        "begun": at,
        "year": country.year,
        "count": country.graduates,
        "schools": country.schools,
        "campaigns": max(campaigns, country.schools * CAMPAIGNS),
        "provinces": country.provinces,
        "secret": country.secret,
        "staff_ends": at + sessions.LONGEST,
    }
    for statement in mix_rows.OF_ALL:
        connection.execute(text(statement), values)


def _deal(connection: Connection, vault: Vault, year: int) -> None:
    """Make the people and destinations that are dealt out, in tables that go afterwards."""
    places = {name: at + 1 for at, name in enumerate(facts.DEPARTMENTS)}
    size = PopulationSize(year, DEALT)
    made = People(vault, "20001", size, TargetSchool(1, places), utc_now())
    people = [made.person(number, number) for number in range(1, DEALT + 1)]
    destinations = [made.registration(number, number) or {} for number in range(1, DEALT + 1)]
    _keep(connection, "bench_person", mix_rows.OF_A_PERSON, people)
    _keep(connection, "bench_destination", tuple(COLUMNS), destinations)


def _keep(
    connection: Connection, table: str, columns: tuple[str, ...], rows: list[dict[str, Any]]
) -> None:
    """Keep rows of texts under their number from 0."""
    named = ", ".join(f"{each} text" for each in columns)
    connection.execute(text(f"CREATE UNLOGGED TABLE {table} (number int, {named})"))
    values = [
        {"number": at, **{name: None if row[name] is None else str(row[name]) for name in columns}}
        for at, row in enumerate(rows)
    ]
    listed = ", ".join(f":{each}" for each in ("number", *columns))
    connection.execute(text(f"INSERT INTO {table} VALUES ({listed})"), values)  # noqa: S608 - names of columns
