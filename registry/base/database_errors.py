"""What an error of the database means, read off its code or, on SQLite, off its words."""

from sqlalchemy.exc import DBAPIError

_GIVEN_UP = {"40001", "40P01"}  # serialization failure, deadlock: PostgreSQL's words for "again"


def was_given_up(error: DBAPIError) -> bool:
    """Say whether the transaction was undone for another's sake, and may just be tried again."""
    return getattr(error.orig, "sqlstate", None) in _GIVEN_UP


_MET_ANOTHERS_ROW = {"23505", "23503"}  # unique or foreign key violation


def met_anothers_row(error: DBAPIError) -> bool:
    """Say whether a row failed on one that another transaction may have written or deleted since.

    Done anew, the same work sees that row and can say so. On SQLite, where one writes at a time,
    it had seen it.
    """
    return getattr(error.orig, "sqlstate", None) in _MET_ANOTHERS_ROW


_UNKNOWN_TABLE_OR_COLUMN = {"42P01", "42703"}  # SQLSTATE; SQLite only has words for it
_MISSING = ("no such table", "no such column", "has no column named")


def is_of_another_version(error: DBAPIError) -> bool:
    """Say whether a statement failed since the tables are not those that the code knows."""
    said = str(error.orig)
    state = getattr(error.orig, "sqlstate", None)
    return state in _UNKNOWN_TABLE_OR_COLUMN or any(words in said for words in _MISSING)
