"""Somebody binds another WeChat between a lost answer and its repeat."""

from sqlalchemy import select, update

from notifier.ledger.tables import Binding, Follower
from tests.notifier.conftest import PEOPLE
from tests.notifier.schedules.interleaving import send_and_lose_the_answers
from tests.notifier.stage import AT, Stage


def bind_another_wechat(stage: Stage) -> None:
    """End every binding, and bind each graduate to a new WeChat."""
    with stage.resources.sessions.begin() as session:
        ended = update(Binding).values(ended_at=AT).returning(Binding.graduate_id)
        graduates = session.scalars(ended).all()
        openids = stage.sandbox.control.add_phones({"following": True} for _ in graduates)
        for graduate_id, openid in zip(graduates, openids, strict=True):
            session.add(Follower(openid=openid, subscribed=True, changed_at=AT))
            session.add(Binding(openid=openid, graduate_id=graduate_id, bound_at=AT))
        assert len(set(session.scalars(select(Binding.openid)))) == 2 * PEOPLE


def test_who_rebinds_after_a_lost_answer_is_not_sent_it_on_the_new_wechat(
    stage: Stage, other: Stage
) -> None:
    key = stage.start_campaign()
    send_and_lose_the_answers(stage, PEOPLE)
    bind_another_wechat(other)
    done = stage.deliver_until_done(key)
    assert done.by_reason == {"rebound": PEOPLE}
    assert done.counts["unknown"] == PEOPLE
    assert len(stage.seen()) == PEOPLE
