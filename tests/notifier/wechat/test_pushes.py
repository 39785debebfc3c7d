"""What WeChat pushed is kept once, worked on once, in any order, and lost by nobody."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session, sessionmaker

from notifier.ledger import notices
from notifier.ledger.tables import Follower, StoredPush
from notifier.wechat import followers, pushes
from notifier.wechat.callback import CallbackEvent
from notifier.wechat.followers import FollowEvent
from registry.base.clock import utc_now
from registry.base.database import database_now
from runtime.jobs import Job
from runtime.resources import Resources, open_resources
from tests.clock import StandingClock
from tests.configuration import settings_for
from tests.registry.plans import plans, read_through


class RecordedWakeups:
    """Wake-ups that are only written down."""

    def __init__(self) -> None:
        self.heard: list[Job] = []

    def wake(self, job: Job) -> bool:
        self.heard.append(job)
        return True


@pytest.fixture
def wakeups() -> RecordedWakeups:
    return RecordedWakeups()


@pytest.fixture
def resources(
    database_url: str, redis_url: str, clock: StandingClock, wakeups: RecordedWakeups
) -> Iterator[Resources]:
    opened = open_resources(settings_for(database_url, redis_url), notices.write, wakeups, clock)
    yield opened
    opened.engine.dispose()
    opened.redis.close()


def pushed(
    name: str, openid: str, at: datetime, number: int = 0, **others: object
) -> CallbackEvent:
    values: dict[str, object] = {
        "dedup_key": f"{name}{openid}{at}{number}",
        "event": name,
        "openid": openid,
        "wx_msgid": None,
        "status": "",
        "content": {},
        "happened_at": at,
    }
    return CallbackEvent(**{**values, **others})  # type: ignore[arg-type]  # as given


def keep(resources: Resources, *events: CallbackEvent) -> list[bool]:
    kept = []
    for each in events:
        with resources.sessions.begin() as session:
            kept.append(pushes.store(session, each))
    return kept


def following(sessions: sessionmaker[Session]) -> dict[str, bool]:
    with sessions() as session:
        rows = session.execute(select(Follower.openid, Follower.subscribed))
        return dict(rows.all())


def states(sessions: sessionmaker[Session]) -> dict[str, int]:
    with sessions() as session:
        rows = session.execute(
            select(StoredPush.outcome, func.count()).group_by(StoredPush.outcome)
        )
        return dict(rows.all())


def test_an_event_is_kept_once_and_rung_for_once(
    resources: Resources, clock: StandingClock, wakeups: RecordedWakeups
) -> None:
    event = pushed("subscribe", "o1", clock())
    assert keep(resources, event, event, event) == [True, False, False]
    assert wakeups.heard == [Job.TAKE_IN]


def test_of_many_at_once_one_is_the_first(resources: Resources, clock: StandingClock) -> None:
    event = pushed("subscribe", "o1", clock())
    with ThreadPoolExecutor(8) as pool:
        kept = list(pool.map(lambda _: keep(resources, event)[0], range(16)))
    assert kept.count(True) == 1


def test_following_and_leaving_are_taken_in(
    resources: Resources, sessions: sessionmaker[Session], clock: StandingClock
) -> None:
    later = clock() + timedelta(seconds=1)
    keep(
        resources,
        pushed("subscribe", "o1", clock()),
        pushed("subscribe", "o2", clock()),
        pushed("unsubscribe", "o2", later),
        pushed("VIEW", "o1", later),
    )
    assert pushes.take_in(resources, limit=3) == 4
    assert following(sessions) == {"o1": True, "o2": False}
    assert states(sessions) == {"applied": 3, "ignored": 1}
    assert pushes.take_in(resources) == 0


def test_who_closes_the_wechat_account_follows_no_more(
    resources: Resources, sessions: sessionmaker[Session], clock: StandingClock
) -> None:
    closed = pushed("user_authorization_cancellation", "o9", clock(), content={"OpenID": "o1"})
    keep(resources, pushed("subscribe", "o1", clock()), closed)
    pushes.take_in(resources)
    assert following(sessions) == {"o1": False}


def test_events_out_of_order_end_in_the_same_state(
    resources: Resources, sessions: sessionmaker[Session], clock: StandingClock
) -> None:
    later = clock() + timedelta(seconds=5)
    keep(resources, pushed("unsubscribe", "o1", later))
    pushes.take_in(resources)
    keep(resources, pushed("subscribe", "o1", clock()))
    pushes.take_in(resources)
    assert following(sessions) == {"o1": False}


def test_of_two_in_one_second_the_later_to_come_in_counts(
    resources: Resources, sessions: sessionmaker[Session], clock: StandingClock
) -> None:
    keep(resources, pushed("subscribe", "o1", clock()), pushed("unsubscribe", "o1", clock()))
    pushes.take_in(resources, limit=1)
    assert following(sessions) == {"o1": False}


def test_a_receipt_without_its_message_waits_with_growing_pauses_for_a_week(
    resources: Resources, sessions: sessionmaker[Session], clock: StandingClock
) -> None:
    keep(resources, pushed("TEMPLATESENDJOBFINISH", "o1", clock(), wx_msgid=7, status="success"))
    looks, at = 0, utc_now()
    for _ in range(8 * 24 * 4):
        with resources.sessions.begin() as session:
            looks += pushes.take_in_batch(session, at)
        at += timedelta(minutes=15)
    assert 28 < looks < 50
    assert states(sessions) == {"unmatched": 1}
    with sessions() as session:
        event = session.scalars(select(StoredPush)).one()
        assert event.done_at is not None
        assert timedelta(days=7) <= event.done_at - event.received_at < timedelta(days=7, hours=7)


def test_a_process_that_is_to_end_begins_no_other_batch(
    resources: Resources, clock: StandingClock
) -> None:
    for number in range(3):
        keep(resources, pushed("subscribe", f"o{number}", clock()))
    told = iter([False, True])
    assert pushes.take_in(resources, limit=1, stop=lambda: next(told)) == 1
    assert pushes.take_in(resources, limit=1) == 2


def is_due(session: Session, at: datetime) -> bool:
    return session.scalar(select(StoredPush.id).where(pushes.is_due(at)).limit(1)) is not None


def test_what_is_due_is_said_to_the_sweeper(
    resources: Resources, sessions: sessionmaker[Session], clock: StandingClock
) -> None:
    with sessions() as session:
        assert not is_due(session, utc_now())
    keep(resources, pushed("TEMPLATESENDJOBFINISH", "o1", clock(), wx_msgid=7))
    with sessions() as session:
        assert is_due(session, utc_now())
    pushes.take_in(resources)
    with sessions() as session:
        assert not is_due(session, utc_now())
        assert is_due(session, utc_now() + timedelta(seconds=6))


def test_an_event_comes_by_the_databases_clock_whatever_the_process_believes(
    resources: Resources, sessions: sessionmaker[Session], clock: StandingClock
) -> None:
    clock.move(timedelta(days=-400))
    with sessions() as session:
        before = database_now(session)
    keep(resources, pushed("subscribe", "o1", clock()))
    pushes.take_in(resources)
    with sessions() as session:
        event = session.scalars(select(StoredPush)).one()
        assert event.done_at is not None
        assert (
            before <= event.received_at <= event.next_at <= event.done_at <= database_now(session)
        )


def test_two_workers_share_the_inbox_without_doing_anything_twice(
    resources: Resources, sessions: sessionmaker[Session], clock: StandingClock
) -> None:
    keep(resources, *(pushed("subscribe", f"o{number}", clock()) for number in range(200)))
    with ThreadPoolExecutor(4) as pool:
        taken = list(pool.map(lambda _: pushes.take_in(resources, limit=10), range(4)))
    pushes.take_in(resources)
    assert sum(taken) <= 200
    assert len(following(sessions)) == 200
    assert states(sessions) == {"applied": 200}


def test_what_is_done_is_forgotten_and_what_is_open_is_not(
    resources: Resources, sessions: sessionmaker[Session], clock: StandingClock
) -> None:
    keep(resources, pushed("subscribe", "o1", clock()))
    pushes.take_in(resources)
    keep(resources, pushed("TEMPLATESENDJOBFINISH", "o1", clock(), wx_msgid=7))
    with resources.sessions.begin() as session:
        pushes.forget(session, utc_now() + timedelta(days=1))
    with sessions() as session:
        assert session.scalars(select(StoredPush.event)).all() == ["TEMPLATESENDJOBFINISH"]


def test_what_is_done_is_forgotten_some_at_a_time(
    resources: Resources,
    sessions: sessionmaker[Session],
    clock: StandingClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(pushes, "FORGOTTEN_AT_ONCE", 2)
    keep(resources, *(pushed("subscribe", f"o{number}", clock()) for number in range(3)))
    pushes.take_in(resources)
    more = []
    for _ in range(2):
        with resources.sessions.begin() as session:
            more.append(pushes.forget(session, utc_now() + timedelta(days=1)))
    assert more == [True, False]
    with sessions() as session:
        assert session.scalars(select(StoredPush.event)).all() == []


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
def test_what_is_to_be_forgotten_is_found_by_an_index(resources: Resources) -> None:
    with resources.sessions.begin() as session, plans(session) as found:
        pushes.forget(session, utc_now())
    assert found
    assert read_through(found, "inbox_event") == []


class Followers:
    """A platform that lists these followers."""

    def __init__(self, *pages: list[str]) -> None:
        self.pages = pages

    def follower_pages(self) -> Iterator[list[str]]:
        yield from self.pages


def test_reconciling_sets_right_what_events_missed(
    resources: Resources, sessions: sessionmaker[Session], clock: StandingClock
) -> None:
    before, after = clock() - timedelta(days=1), clock() + timedelta(seconds=1)
    with resources.sessions.begin() as session:
        known = [
            FollowEvent("gone", subscribed=True, at=before),
            FollowEvent("back", subscribed=False, at=before),
            FollowEvent("left meanwhile", subscribed=False, at=after),
            FollowEvent("came meanwhile", subscribed=True, at=after),
        ]
        followers.apply_follow_events(session, known)
    listed = Followers(["back", "new", "new"], ["left meanwhile"])
    found = followers.reconcile(resources, listed)
    assert (found.followers, found.gone) == (4, 1)
    assert following(sessions) == {
        "gone": False,
        "back": True,
        "new": True,
        "left meanwhile": False,
        "came meanwhile": True,
    }
