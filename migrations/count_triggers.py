"""The triggers that keep the counts, made for both databases from one description.

On PostgreSQL one trigger a statement reads the rows it changed (transition tables), on SQLite one a
row. What is told apart in which table of counts: `registry.record.count_tables`; why triggers:
docs/decisions/0072-kept-counts.md. A later migration that changes what is counted drops these
(`drop`), changes, counts anew (`count_anew`) and makes them (`make`).
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import Connection, inspect

Happened = Literal["INSERT", "UPDATE", "DELETE"]
HAPPENED: tuple[Happened, ...] = ("INSERT", "UPDATE", "DELETE")

_PERSON = ("school_id", "year", "department_id", "level", "graduation_month")
_GRADUATES = (*_PERSON, "confirmation", "provenance", "category")
_NUMBERS = (*_PERSON, "is_registered", "issue", "kind", "standing", "ends_on")
_APPLICATIONS = ("school_id", "year", "purpose", "state")
_COLUMNS = {
    "graduate_count": _GRADUATES,
    "number_count": _NUMBERS,
    "application_count": _APPLICATIONS,
}

_HERS = tuple(f"g.{name}" for name in _PERSON)
_PROVENANCE = """CASE
    WHEN r.source = 'national' AND substr(r.source_name, 1, 4) = '本人登记' THEN 'own'
    WHEN r.source = 'national' AND substr(r.source_name, 1, 4) = '网上签约' THEN 'agreement'
    WHEN r.source = 'national' AND substr(r.source_name, 1, 4) = '线下签约' THEN 'agreement'
    WHEN r.source = 'national' AND substr(r.source_name, 1, 4) = '学校更正' THEN 'school'
    ELSE coalesce(r.source, '') END"""
_CATEGORY = "coalesce(substr(r.category, 1, 2), '')"
_REGISTERED = (*_HERS, "g.confirmation", _PROVENANCE, _CATEGORY)
_UNREGISTERED = (*_HERS, "g.confirmation", "''", "''")
_NUMBER = (
    *(*_HERS, "g.registration_id IS NOT NULL"),
    *("n.issue", "n.kind", "n.standing", "n.ends_on"),
)


@dataclass(frozen=True)
class Part:
    """A query of what rows add to a table of counts, each row once, or take from it."""

    columns: tuple[str, ...]
    """What makes each column of the counts."""
    source: str
    """What follows FROM; `{rows}` stands for the rows."""
    weight: int = 1


@dataclass(frozen=True)
class Watched:
    """Rows of a table that add to a table of counts."""

    table: str
    counts: str
    columns: tuple[str, ...]
    """What of a row is read: an UPDATE of others counts nothing."""
    parts: tuple[Part, ...]


_IN_FORCE = "{rows} r JOIN graduate g ON g.id = r.graduate_id AND g.registration_id = r.id"
WATCHED = (
    Watched(
        "graduate",
        "graduate_count",
        ("id", *_PERSON, "confirmation", "registration_id"),
        (Part(_REGISTERED, "{rows} g LEFT JOIN registration r ON r.id = g.registration_id"),),
    ),
    Watched(
        "graduate",
        "number_count",
        ("id", *_PERSON, "registration_id"),
        (Part(_NUMBER, "{rows} g JOIN issued_number n ON n.graduate_id = g.id AND n.newest"),),
    ),
    # A version is written before it is in force, and deleted while it is.
    Watched(
        "registration",
        "graduate_count",
        ("id", "graduate_id", "source", "source_name", "category"),
        (Part(_REGISTERED, _IN_FORCE), Part(_UNREGISTERED, _IN_FORCE, weight=-1)),
    ),
    Watched(
        "issued_number",
        "number_count",
        ("id", "graduate_id", "newest", "issue", "kind", "standing", "ends_on"),
        (Part(_NUMBER, "{rows} n JOIN graduate g ON g.id = n.graduate_id WHERE n.newest"),),
    ),
    Watched(
        "application",
        "application_count",
        ("id", *_APPLICATIONS),
        (Part(tuple(f"a.{name}" for name in _APPLICATIONS), "{rows} a"),),
    ),
)
OF_PEOPLE = ("graduate_count", "number_count")
OF_APPLICATIONS = ("application_count",)
_WHOLE = {"graduate_count": WATCHED[0], "number_count": WATCHED[3], "application_count": WATCHED[4]}
"""What makes each table of counts when all is counted anew."""


def make(connection: Connection, counts: Collection[str]) -> None:
    """Make the triggers that keep these tables of counts."""
    watched = _of(counts)
    sqlite = connection.dialect.name == "sqlite"
    for statement in _sqlite_triggers(watched) if sqlite else _postgresql_triggers(watched):
        connection.exec_driver_sql(statement)


def drop(connection: Connection, counts: Collection[str] = (*OF_PEOPLE, *OF_APPLICATIONS)) -> None:
    """Drop the triggers that keep these tables of counts, those there are."""
    watched = _of(counts)
    if connection.dialect.name == "sqlite":
        for name, *_ in _of_sqlite(watched):
            connection.exec_driver_sql(f"DROP TRIGGER IF EXISTS {name}")
        return
    for table in _tables(watched):
        for happened in HAPPENED:
            name = _name(table, happened)
            connection.exec_driver_sql(f"DROP TRIGGER IF EXISTS {name} ON {table}")
            connection.exec_driver_sql(f"DROP FUNCTION IF EXISTS {name}()")


def count_anew(connection: Connection, counts: Collection[str]) -> None:
    """Count all there are; these tables hold nothing else afterwards."""
    for name in counts:
        connection.exec_driver_sql(f"DELETE FROM {name}")  # noqa: S608 - names from here
        everybody = [(_WHOLE[name].table, 1, _WHOLE[name].parts)]
        connection.exec_driver_sql(_added(name, everybody, folded="TRUE"))


def kept(connection: Connection) -> list[str]:
    """Return which tables of counts the database has by now."""
    there = inspect(connection)
    return [name for name in _COLUMNS if there.has_table(name)]


def _of(counts: Collection[str]) -> list[Watched]:
    return [each for each in WATCHED if each.counts in counts]


def _tables(watched: Sequence[Watched]) -> Iterator[str]:
    return iter(dict.fromkeys(each.table for each in watched))


def _name(table: str, happened: Happened) -> str:
    return f"count_{table}_{happened.lower()}"


def _sides(happened: Happened) -> Iterator[tuple[Literal["NEW", "OLD"], int]]:
    """Yield what a change leaves and what it takes away."""
    if happened != "DELETE":
        yield "NEW", 1
    if happened != "INSERT":
        yield "OLD", -1


def _added(counts: str, rows: Sequence[tuple[str, int, Sequence[Part]]], *, folded: str) -> str:
    """Return the INSERT of what rows come to, grouped; each with where they are, and its weight."""
    columns = ", ".join(_COLUMNS[counts])
    united = " UNION ALL ".join(
        f"SELECT {_labelled(counts, part)}, {part.weight * weight} AS number"  # noqa: S608 - names from here
        f" FROM {part.source.format(rows=where)}"
        for where, weight, parts in rows
        for part in parts
    )
    return (
        f"INSERT INTO {counts} ({columns}, number, folded)"  # noqa: S608 - names from here
        f" SELECT {columns}, sum(number), {folded} FROM ({united}) AS changed"
        f" GROUP BY {columns} HAVING sum(number) <> 0"
    )


def _labelled(counts: str, part: Part) -> str:
    named = _COLUMNS[counts]
    return ", ".join(f"{made} AS {name}" for made, name in zip(part.columns, named, strict=True))


def _postgresql_triggers(watched: Sequence[Watched]) -> Iterator[str]:
    """Yield for each table and happening a function that counts, and what calls it."""
    for table in _tables(watched):
        of_table = [each for each in watched if each.table == table]
        for happened in HAPPENED:
            name = _name(table, happened)
            yield (
                f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS"
                f" $$ BEGIN {_counting(of_table, happened)} RETURN NULL; END $$"
            )
            given = " ".join(f"{side} TABLE AS {side.lower()}_rows" for side, _ in _sides(happened))
            yield (
                f"CREATE TRIGGER {name} AFTER {happened} ON {table} REFERENCING {given}"
                f" FOR EACH STATEMENT EXECUTE FUNCTION {name}()"
            )


def _counting(watched: Sequence[Watched], happened: Happened) -> str:
    """Return what a function does: of one row that changed, which is the usual case, by itself.

    To group what thousands of rows come to takes longer than to answer does, if it is one row.
    """
    if happened != "UPDATE":
        return " ".join(_grouped(each, happened) for each in watched)
    of_one = " ".join(_if_one_differs(each) for each in watched)
    of_many = " ".join(_if_any_differ(each) for each in watched)
    return f"IF (SELECT count(*) FROM new_rows) = 1 THEN {of_one} ELSE {of_many} END IF;"  # noqa: S608 - names from here


def _grouped(watched: Watched, happened: Happened) -> str:
    rows = [(f"{side.lower()}_rows", sign, watched.parts) for side, sign in _sides(happened)]
    return f"{_added(watched.counts, rows, folded='FALSE')};"


def _if_any_differ(watched: Watched) -> str:
    read = ", ".join(watched.columns)
    differ = f"SELECT {read} FROM new_rows EXCEPT SELECT {read} FROM old_rows"  # noqa: S608 - names from here
    return f"IF EXISTS ({differ}) THEN {_grouped(watched, 'UPDATE')} END IF;"


def _if_one_differs(watched: Watched) -> str:
    was, stands = (", ".join(f"{row}.{each}" for each in watched.columns) for row in "on")
    differ = f"SELECT FROM old_rows o, new_rows n WHERE ({was}) IS DISTINCT FROM ({stands})"  # noqa: S608 - names from here
    columns = ", ".join(_COLUMNS[watched.counts])
    rows = " ".join(
        f"INSERT INTO {watched.counts} ({columns}, number, folded)"  # noqa: S608 - names from here
        f" SELECT {_labelled(watched.counts, part)}, {part.weight * sign}, FALSE"
        f" FROM {part.source.format(rows=f'{side.lower()}_rows')};"
        for side, sign in _sides("UPDATE")
        for part in watched.parts
    )
    return f"IF EXISTS ({differ}) THEN {rows} END IF;"


def _of_sqlite(watched: Sequence[Watched]) -> Iterator[tuple[str, Watched, Happened]]:
    for each in watched:
        for happened in HAPPENED:
            yield f"{_name(each.table, happened)}_in_{each.counts}", each, happened


def _sqlite_triggers(of: Sequence[Watched]) -> Iterator[str]:
    for name, watched, happened in _of_sqlite(of):
        rows = [(_row(watched, side), sign, watched.parts) for side, sign in _sides(happened)]
        differ = " OR ".join(f"NEW.{each} IS NOT OLD.{each}" for each in watched.columns)
        when = f" WHEN {differ}" if happened == "UPDATE" else ""
        yield (
            f"CREATE TRIGGER {name} AFTER {happened} ON {watched.table}{when}"
            f" BEGIN {_added(watched.counts, rows, folded='FALSE')}; END"
        )


def _row(watched: Watched, side: str) -> str:
    return f"(SELECT {', '.join(f'{side}.{each} AS {each}' for each in watched.columns)})"
