"""What a process holds open: the database, Redis, the keys. Opened once, after a fork."""

from collections.abc import Mapping
from dataclasses import dataclass

from redis import Redis
from sqlalchemy import Engine
from sqlalchemy.orm import Session, sessionmaker

from registry.base import database
from registry.base.clock import Clock, utc_now
from registry.base.crypto import Vault
from registry.base.objects import ObjectStore, session_facts
from registry.interface import feed
from registry.record import events
from runtime.object_store import Bucket, BucketAccess
from runtime.redis_client import open_redis
from runtime.settings import Settings
from runtime.wakeups import NoWakeups, Wakeups, wake_after_commit


@dataclass(frozen=True)
class Resources:
    """The open things; `sessions` for doors that change something, `readers` for lookers.

    `page_readers` for pages: what they ask is no transaction.
    """

    settings: Settings
    engine: Engine
    sessions: sessionmaker[Session]
    readers: sessionmaker[Session]
    page_readers: sessionmaker[Session]
    vault: Vault
    redis: "Redis"
    wakeups: Wakeups
    clock: Clock
    objects: ObjectStore | None
    """Where files that are kept for long lie; None: in the database."""

    @property
    def forwarding_keys(self) -> Mapping[str, bytes]:
        """Give the keys that sign what goes to the Ministry, by name, the newest first."""
        return self.settings.signing_seeds

    @property
    def invitations_a_day(self) -> int:
        """Say how many invitations an employer sends on one day (Asia/Shanghai)."""
        return self.settings.invitations_a_day


def open_resources(
    settings: Settings,
    listener: events.Listener,
    wakeups: Wakeups | None = None,
    clock: Clock = utc_now,
    *,
    lock_seconds: int | None = None,
    threads: int | None = None,
) -> Resources:
    """Open everything the settings name; `listener` hears the record's events on every session.

    With `lock_seconds` a statement that waits longer for another transaction fails; `threads` are
    those that serve pages.
    """
    url = settings.database_url
    engine = database.open_engine(url, lock_seconds=lock_seconds, threads=threads)
    sessions = database.open_sessions(engine)
    wakeups = wakeups or NoWakeups()
    events.tell_before_commit(sessions, listener, feed.write)
    wake_after_commit(sessions, wakeups)
    readers, page_readers = database.open_readers(engine), database.open_page_readers(engine)
    objects = open_objects(settings, clock)
    for each in (sessions, readers, page_readers):
        each.configure(info=session_facts(objects))
    return Resources(
        settings=settings,
        engine=engine,
        sessions=sessions,
        readers=readers,
        page_readers=page_readers,
        vault=settings.vault(),
        redis=open_redis(settings.redis_url),
        wakeups=wakeups,
        clock=clock,
        objects=objects,
    )


def open_objects(settings: Settings, clock: Clock) -> ObjectStore | None:
    """Open the object store that the settings name, if they name one."""
    if not settings.objects_url:
        return None
    access = BucketAccess(
        url=settings.objects_url,
        region=settings.objects_region,
        key_id=settings.objects_key_id,
        secret=settings.objects_secret,
    )
    return Bucket(access, clock)
