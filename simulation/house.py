"""Everything that sends, built once on one database, and put back as it was for each history."""

import gc
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import event
from sqlalchemy.engine import ExceptionContext

from notifier.ledger import kinds, notices
from notifier.ledger.tables import Account, AccountTemplate, Binding, Follower
from registry.accounts.school_tables import Department, School
from registry.base.database import open_engine
from registry.record.confirmation.states import ConfirmationState
from registry.record.scope import Scope
from registry.record.tables import Graduate
from runtime import schema
from runtime.jobs import Job
from runtime.resources import Resources, open_resources
from runtime.settings import Settings
from simulation.database import BEGIN, LOST, Connection, Database

YEAR = 2026
KIND = "confirmation_reminder"
PEOPLE = 4
_SECRET = "of a simulation, of no use outside"  # noqa: S105 - opens nothing


class Wakeups:
    """Passes wake-ups on to the history that is played."""

    def __init__(self) -> None:
        self.heard: Callable[[Job], None] = lambda _job: None

    def wake(self, job: Job) -> bool:
        """Pass it on."""
        self.heard(job)
        return True


@dataclass
class House:
    """The resources of all processes, the school, and the database as it was in the beginning."""

    resources: Resources
    wakeups: Wakeups
    scope: Scope
    path: Path
    pristine: Path
    database: Database | None = None
    """Of the history that is played."""
    _reader: sqlite3.Connection | None = None

    def renew(self, database: Database) -> None:
        """Put the database back as it was, to be reached through a history's own."""
        self.database = database
        self.resources.engine.dispose()
        if self._reader is not None:
            self._reader.close()
            self._reader = None
        for ending in ("-wal", "-shm"):
            Path(f"{self.path}{ending}").unlink(missing_ok=True)
        shutil.copy(self.pristine, self.path)

    def rows(self, query: str) -> list[sqlite3.Row]:
        """Return what the database holds, past the simulation."""
        if self._reader is None:  # to open one takes longer than to ask, for all those tables
            self._reader = sqlite3.connect(self.path, isolation_level=None)
            self._reader.row_factory = sqlite3.Row
        return self._reader.execute(query).fetchall()


@contextmanager
def built(folder: Path | None = None) -> Iterator[House]:
    """Build it in a folder of its own, in memory where the machine has such a place."""
    memory = Path("/dev/shm")  # noqa: S108 - the folder made in it is this process's own
    place = folder or (memory if memory.is_dir() else None)
    with tempfile.TemporaryDirectory(dir=place) as name:
        path, pristine = Path(name) / "now.sqlite", Path(name) / "pristine.sqlite"
        scope = _furnish(pristine)
        settings = _settings(path)
        wakeups = Wakeups()
        resources = open_resources(settings, notices.write, wakeups)
        resources.redis.close()
        house = House(resources, wakeups, scope, path, pristine)
        _simulate_connections(house)
        gc.freeze()
        yield house
        resources.engine.dispose()


def _settings(path: Path) -> Settings:
    fields: dict[str, Any] = {
        "database_url": f"sqlite:///{path}",
        "redis_url": "redis://localhost:1",
        "public_url": "http://localhost",
        "secret_key": _SECRET,
        "data_keys": "k1:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=",
        "index_key": _SECRET,
        "wechat_app_id": "wx0123456789abcdef",
        "wechat_app_secret": _SECRET,
        "wechat_token": "token",
        "wechat_aes_key": "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG",
        "send_rate": 0,
        "send_connections": 2,
        "quiet_hours": "",
    }
    return Settings(**fields)


def _furnish(path: Path) -> Scope:
    """Make a school of people who can all be reached; return its scope."""
    engine = open_engine(f"sqlite:///{path}")
    schema.upgrade(engine)
    settings = _settings(path)
    resources = open_resources(settings, notices.write)
    with resources.sessions.begin() as session:
        school = School(code="10001", name="某某大学", created_at=BEGIN)
        session.add(school)
        session.flush()
        department = Department(school_id=school.id, name="计算机学院")
        session.add(department)
        session.flush()
        people = [_graduate(school.id, department.id, number) for number in range(PEOPLE)]
        counted = Account(app_id=settings.wechat_app_id, ledger_mark=1)  # a clockwork ran before
        session.add_all([*people, _template(), counted])
        session.flush()
        for number, person in enumerate(people):
            openid = f"openid-{number}"
            session.add(Follower(openid=openid, subscribed=True, changed_at=BEGIN))
            session.add(Binding(openid=openid, graduate_id=person.id, bound_at=BEGIN))
        scope = Scope(school.id)
    resources.engine.dispose()
    engine.dispose()
    return scope


def _graduate(school: int, department: int, number: int) -> Graduate:
    return Graduate(
        school_id=school,
        department_id=department,
        year=YEAR,
        student_number=f"S{number:05}",
        name="李娟",
        identity_sealed="sealed",
        identity_index=f"index {number}",
        graduation_month="202606",
        confirmation=ConfirmationState.UNCONFIRMED,
        created_at=BEGIN,
        updated_at=BEGIN,
    )


def _template() -> AccountTemplate:
    kind = kinds.kinds()[KIND]
    return AccountTemplate(
        template_id="template",
        title=kind.title,
        content="",
        kind=KIND,
        fields={each.label: f"{each.type}{place}" for place, each in enumerate(kind.fields, 1)},
        read_at=BEGIN,
    )


def _simulate_connections(house: House) -> None:
    """Have the engine open connections of the simulation, that never wait for a disk."""

    def connect(_dialect: Any, _entry: Any, _given: Any, options: dict[str, Any]) -> None:  # noqa: ANN401 - the event's own
        options["factory"] = Connection

    def furnish(connection: Any, _entry: Any) -> None:  # noqa: ANN401 - the event's own
        connection.execute("PRAGMA synchronous=OFF")
        if house.database is not None:
            house.database.admit(connection)

    def notice(error: ExceptionContext) -> None:
        error.is_disconnect = LOST in str(error.original_exception)

    event.listen(house.resources.engine, "handle_error", notice)
    event.listen(house.resources.engine, "do_connect", connect)
    event.listen(house.resources.engine, "connect", furnish)
