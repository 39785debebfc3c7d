"""The triggers that keep school and cohort of a graduate on the rows below her.

What is inserted without them gets hers; what says them is taken at its word. When hers change, all
follow in the same statement (docs/decisions/0072-kept-counts.md).
"""

from collections.abc import Iterator

from sqlalchemy import Connection, inspect

OF_GRADUATES = (
    *("registration", "confirmation", "binding", "issued_number", "evidence"),
    *("authentication", "province_entry"),
)
"""Tables whose rows name the graduate."""
OF_APPLICATIONS = ("review_step",)
TABLES = (*OF_GRADUATES, *OF_APPLICATIONS)
_HER = "SELECT g.school_id, g.year FROM graduate g WHERE g.id = {row}.graduate_id"
_WHOSE = (
    "SELECT g.school_id, g.year FROM application a JOIN graduate g ON g.id = a.graduate_id"
    " WHERE a.id = {row}.application_id"
)
_FOLLOW = "follow_graduate"


def make(connection: Connection) -> None:
    """Make the triggers."""
    sqlite = connection.dialect.name == "sqlite"
    for statement in _sqlite_triggers() if sqlite else _postgresql_triggers():
        connection.exec_driver_sql(statement)


def drop(connection: Connection) -> None:
    """Drop the triggers, those there are."""
    sqlite = connection.dialect.name == "sqlite"
    for table, name in (*((each, _name(each)) for each in TABLES), ("graduate", _FOLLOW)):
        of = "" if sqlite else f" ON {table}"
        connection.exec_driver_sql(f"DROP TRIGGER IF EXISTS {name}{of}")
        if not sqlite:
            connection.exec_driver_sql(f"DROP FUNCTION IF EXISTS {name}()")


def fill(connection: Connection) -> None:
    """Give school and cohort to the rows that have none."""
    for table in TABLES:
        connection.exec_driver_sql(
            f"UPDATE {table} SET (school_id, year) = ({_found(table, table)})"  # noqa: S608 - names from here
            " WHERE school_id IS NULL"
        )


def has_cohorts(connection: Connection) -> bool:
    """Say whether the database has the columns by now."""
    look = inspect(connection)
    names = look.get_columns(TABLES[-1]) if look.has_table(TABLES[-1]) else []
    return "school_id" in {each["name"] for each in names}


def _name(table: str) -> str:
    return f"cohort_of_{table}"


def _found(table: str, row: str) -> str:
    return (_WHOSE if table in OF_APPLICATIONS else _HER).format(row=row)


def _postgresql_triggers() -> Iterator[str]:
    for table in TABLES:
        found = _found(table, "NEW").replace(" FROM", " INTO NEW.school_id, NEW.year FROM", 1)
        yield _function(_name(table), f"{found}; RETURN NEW;")
        yield (
            f"CREATE TRIGGER {_name(table)} BEFORE INSERT ON {table} FOR EACH ROW"
            f" WHEN (NEW.school_id IS NULL) EXECUTE FUNCTION {_name(table)}()"
        )
    read = "SELECT id, school_id, year FROM"
    moved = f"EXISTS ({read} new_rows EXCEPT {read} old_rows)"
    followed = " ".join(f"{_following(table)};" for table in TABLES)
    yield _function(_FOLLOW, f"IF {moved} THEN {followed} END IF; RETURN NULL;")
    yield (
        f"CREATE TRIGGER {_FOLLOW} AFTER UPDATE ON graduate"
        " REFERENCING NEW TABLE AS new_rows OLD TABLE AS old_rows"
        f" FOR EACH STATEMENT EXECUTE FUNCTION {_FOLLOW}()"
    )


def _function(name: str, body: str) -> str:
    return f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {body} END $$"


def _following(table: str) -> str:
    """Return the UPDATE of the rows below the graduates that changed."""
    by_application = table in OF_APPLICATIONS
    joined = " JOIN application a ON a.graduate_id = g.id" if by_application else ""
    hers = "t.application_id = a.id" if by_application else "t.graduate_id = g.id"
    return (
        f"UPDATE {table} t SET school_id = g.school_id, year = g.year FROM new_rows g{joined}"  # noqa: S608 - names from here
        f" WHERE {hers} AND (t.school_id, t.year) IS DISTINCT FROM (g.school_id, g.year)"
    )


def _sqlite_triggers() -> Iterator[str]:
    for table in TABLES:
        hers = f"({_found(table, 'NEW')}) WHERE rowid = NEW.rowid"
        filled = f"UPDATE {table} SET (school_id, year) = {hers}"  # noqa: S608 - names from here
        when = f"AFTER INSERT ON {table} WHEN NEW.school_id IS NULL"
        yield f"CREATE TRIGGER {_name(table)} {when} BEGIN {filled}; END"
    followed = " ".join(f"{_each_following(table)};" for table in TABLES)
    moved = "NEW.school_id IS NOT OLD.school_id OR NEW.year IS NOT OLD.year"
    yield f"CREATE TRIGGER {_FOLLOW} AFTER UPDATE ON graduate WHEN {moved} BEGIN {followed} END"


def _each_following(table: str) -> str:
    hers = "graduate_id = NEW.id"
    if table in OF_APPLICATIONS:
        hers = "application_id IN (SELECT id FROM application WHERE graduate_id = NEW.id)"
    return f"UPDATE {table} SET school_id = NEW.school_id, year = NEW.year WHERE {hers}"  # noqa: S608 - names from here
