"""Reading all followers writes what is not as it was thought, and nothing else."""

from collections.abc import Iterator, Sequence
from datetime import timedelta

import pytest
from sqlalchemy import event, select
from sqlalchemy.orm import Session, sessionmaker

from notifier.ledger import notices
from notifier.ledger.tables import Follower
from notifier.wechat import followers
from notifier.wechat.followers import FollowEvent, SeenOpenids
from runtime.resources import Resources, open_resources
from tests.clock import StandingClock
from tests.configuration import settings_for


@pytest.fixture
def resources(database_url: str, redis_url: str, clock: StandingClock) -> Iterator[Resources]:
    opened = open_resources(settings_for(database_url, redis_url), notices.write, clock=clock)
    yield opened
    opened.engine.dispose()
    opened.redis.close()


class Followers:
    """An account's followers, as WeChat lists them."""

    def __init__(self, *pages: Sequence[str]) -> None:
        self.pages = pages

    def follower_pages(self) -> Iterator[list[str]]:
        yield from map(list, self.pages)


def written(resources: Resources, listed: Followers) -> list[str]:
    """Return the openids that a reconciliation wrote, as the database was told."""
    found: list[str] = []

    def hear(*given: object) -> None:
        statement, values = given[2], given[3]
        written_to = str(statement).startswith(("INSERT INTO follower", "UPDATE follower"))
        if written_to and "SET unionid" not in str(statement):  # its own matter
            found.append(str(values))

    event.listen(resources.engine, "before_cursor_execute", hear)
    followers.reconcile(resources, listed)
    event.remove(resources.engine, "before_cursor_execute", hear)
    return found


def test_who_is_known_to_follow_is_not_written(
    resources: Resources, sessions: sessionmaker[Session], clock: StandingClock
) -> None:
    before = clock() - timedelta(days=30)
    known = [FollowEvent(each, subscribed=True, at=before) for each in ("a", "b", "left")]
    with resources.sessions.begin() as session:
        followers.apply_follow_events(session, known)
    (came, left) = written(resources, Followers(["a", "new"], ["b"]))
    assert ("new" in came, "left" in left) == (True, True)
    assert not any(f"'{each}'" in came + left for each in ("a", "b"))
    with sessions() as session:
        same = select(Follower.openid).where(Follower.changed_at == before)
        assert set(session.scalars(same)) == {"a", "b"}
    assert written(resources, Followers(["a", "new"], ["b"])) == []


def test_many_pages_are_looked_through_to_the_end(
    resources: Resources, clock: StandingClock
) -> None:
    listed = [f"o{number:05}" for number in range(followers.AT_ONCE + 5)]
    followers.reconcile(resources, Followers(listed))
    clock.move(timedelta(hours=1))
    found = followers.reconcile(resources, Followers(listed[:-3]))
    assert (found.followers, found.gone) == (len(listed) - 3, 3)


def test_what_was_seen_is_told_from_what_was_not() -> None:
    seen = SeenOpenids()
    seen.add(f"o{number}" for number in range(20_000))
    assert all(f"o{number}" in seen for number in range(20_000))
    assert not any(f"p{number}" in seen for number in range(20_000))
    seen.add(["late"])
    assert "late" in seen
