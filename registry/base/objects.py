"""Where files lie that are not kept in the database: an object store, where a setting names one.

What it holds is sealed. The sessions of a process know it, so that whoever finds a file reads it
without asking where it lies.
"""

from typing import Protocol

from sqlalchemy.orm import Session

from registry.base.errors import RuleError

_KNOWN_AS = "object store"


class ObjectMissing(Exception):
    """The store answers, and has nothing under this name."""


class StoreAway(RuleError):
    """The store does not answer, refuses, or is not set though files lie there."""

    def __init__(self, why: str) -> None:
        """Keep why in a word or two for the log: a status, a class of error."""
        super().__init__("file_store_away", "文件暂时打不开，请几分钟后再试。文件没有丢失。")
        self.why = why


class ObjectStore(Protocol):
    """Whatever keeps content under a name: `runtime.object_store.Bucket`."""

    def put(self, name: str, content: bytes) -> None:
        """Keep content, in place of what the name had; raise StoreAway."""
        ...

    def get(self, name: str) -> bytes:
        """Return what was kept; raise ObjectMissing or StoreAway."""
        ...

    def delete(self, name: str) -> None:
        """Keep it no longer; it may be gone already. Raise StoreAway."""
        ...


def session_facts(store: ObjectStore | None) -> dict[str, object]:
    """Return what sessions are to know (`info` of a sessionmaker)."""
    return {_KNOWN_AS: store}


def store_of(session: Session) -> ObjectStore:
    """Return the store that a session knows; raise StoreAway where none is set."""
    store: ObjectStore | None = session.info.get(_KNOWN_AS)
    if store is None:
        raise StoreAway("not set")
    return store
