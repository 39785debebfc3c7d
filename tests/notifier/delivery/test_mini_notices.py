"""A one-time notice of the mini program goes out where a message did not arrive: once, or never."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from notifier.binding import bind, forget
from notifier.campaigns import campaigns, expiry, progress
from notifier.delivery import figures, mini_claims, mini_notices, restored
from notifier.delivery.answers import Answer
from notifier.ledger import mark, mini_allowances, outcomes, sent
from notifier.ledger.mini_tables import MiniAllowance, MiniNotice, MiniTemplate, MiniUser
from notifier.ledger.states import MessageState
from notifier.ledger.tables import Account, Binding, Campaign, Message
from registry.base.clock import utc_now
from registry.base.database import database_now
from registry.base.retention import DEFAULT
from tests.notifier.delivery.mini_stage import SEND, TEMPLATES, MiniStage

REVIEWS = "review_result"


def first(mini: MiniStage) -> int:
    return min(mini.stage.openids)


def claimed(
    mini: MiniStage, session: Session, each: mini_claims.Due
) -> mini_claims.ClaimedNotice | None:
    return mini_claims.claim(session, mini.stage.resources.settings, each, utc_now())


def test_a_campaign_reaches_by_notice_who_does_not_follow_and_allowed_it(mini: MiniStage) -> None:
    one, other, *_ = sorted(mini.stage.openids)
    mini.allows(one)
    mini.unfollow([one, other])
    key = mini.stage.start_campaign()
    mini.stage.deliver_until_done(key)
    assert mini.send() == 1
    (seen,) = mini.notices()
    assert seen["openid"] == mini.stage.openids[one]
    assert seen["page"].startswith("pages/start/start?to=confirmation&message=")
    assert seen["data"]["phrase5"] == "未确认"
    assert mini.rows() == [("sent", "")]
    assert mini.remaining() == [0]
    assert mini.stage.count(state="skipped", reason="not_following") == 2
    assert mini.send() == 0


@pytest.mark.parametrize(
    ("columns", "sent"),
    [
        ({"reason": "refused"}, 1),
        ({"state": "failed", "reason": "user_block"}, 1),
        ({"reason": "not_bound"}, 0),
        ({"state": "failed", "reason": "template_gone"}, 0),
        ({"state": "unknown", "reason": "window_closed"}, 0),
        ({"state": "waiting", "reason": "not_following"}, 0),
        ({"kind": "breach_answered"}, 1),
        ({"kind": "signing_invitation"}, 0),
        ({"facts": "{}"}, 1),
    ],
)
def test_only_what_a_notice_helps_against_is_sent(
    mini: MiniStage, columns: dict[str, Any], sent: int
) -> None:
    mini.allows(first(mini), kind=REVIEWS)
    mini.missed(first(mini), **columns)
    assert mini.send() == sent
    assert len(mini.rows()) == sent


def test_each_acceptance_is_for_one_and_the_oldest_comes_first(mini: MiniStage) -> None:
    mini.allows(first(mini), kind=REVIEWS, times=2)
    mini.missed(first(mini), 3)
    assert mini.send() == 2
    assert mini.remaining() == [0]
    assert [each["page"][-1] for each in mini.notices()] == ["0", "1"]


def test_what_failed_before_she_allowed_any_is_not_told_again(mini: MiniStage) -> None:
    mini.missed(first(mini), final_at=utc_now() - timedelta(minutes=5))
    mini.allows(first(mini), kind=REVIEWS)
    assert mini.send() == 0


def test_what_failed_a_day_ago_is_no_news(mini: MiniStage) -> None:
    mini.allows(first(mini), kind=REVIEWS)
    mini.written(MiniAllowance, allowed_at=utc_now() - timedelta(days=9))
    mini.missed(first(mini), final_at=utc_now() - mini_claims.FRESH - timedelta(minutes=1))
    assert mini.send() == 0


def test_nobody_gets_the_news_of_who_is_bound_no_more(mini: MiniStage) -> None:
    mini.allows(first(mini), kind=REVIEWS)
    mini.missed(first(mini))
    mini.written(Binding, ended_at=utc_now())
    assert mini.send() == 0


def test_at_night_only_what_is_told_at_any_hour(mini: MiniStage) -> None:
    mini.allows(first(mini), kind=REVIEWS)
    mini.missed(first(mini))
    local = utc_now() + timedelta(hours=8)
    night = ((local - timedelta(hours=1)).time(), (local + timedelta(hours=1)).time())
    settings = mini.stage.resources.settings.model_copy(update={"quiet_hours": night})
    with mini.stage.resources.readers.begin() as session:
        assert mini_claims.due(session, settings, database_now(session), 9) == []
    assert mini.send() == 1


def test_two_workers_send_each_once(mini: MiniStage) -> None:
    people = sorted(mini.stage.openids)
    for each in people:
        mini.allows(each, kind=REVIEWS, times=2)
        mini.missed(each, 2)
    with ThreadPoolExecutor(2) as workers:
        list(workers.map(lambda _: mini.send(), range(2)))
    assert len(mini.notices()) == 2 * len(people)
    assert len({(each["openid"], each["page"]) for each in mini.notices()}) == 2 * len(people)
    assert set(mini.rows()) == {("sent", "")}
    assert set(mini.remaining()) == {0}


def test_forty_claims_take_what_was_allowed_and_no_more(mini: MiniStage) -> None:
    marked = mini.allows(first(mini), kind=REVIEWS, times=3)
    ids = mini.missed(first(mini), 40)
    wanted = [mini_claims.Due(each, marked, TEMPLATES[REVIEWS]) for each in ids]

    def claim(each: mini_claims.Due) -> bool:
        with mini.stage.resources.sessions.begin() as session:
            return claimed(mini, session, each) is not None

    with ThreadPoolExecutor(8) as workers:
        assert sum(workers.map(claim, wanted)) == 3
    assert mini.remaining() == [0]
    assert len(mini.rows()) == 3


def test_a_message_is_claimed_once_however_often_it_is_tried(mini: MiniStage) -> None:
    marked = mini.allows(first(mini), kind=REVIEWS, times=20)
    (ident,) = mini.missed(first(mini))
    each = mini_claims.Due(ident, marked, TEMPLATES[REVIEWS])

    def claim(_: int) -> bool:
        with mini.stage.resources.sessions.begin() as session:
            return claimed(mini, session, each) is not None

    with ThreadPoolExecutor(8) as workers:
        assert sum(workers.map(claim, range(40))) == 1
    assert mini.remaining() == [19]


def test_killed_between_claim_and_answer_it_counts_as_sent(mini: MiniStage) -> None:
    mini.allows(first(mini), kind=REVIEWS, times=2)
    mini.missed(first(mini))
    resources = mini.stage.resources
    with resources.sessions.begin() as session:
        at = database_now(session)
        (each,) = mini_claims.due(session, resources.settings, at, 9)
        claimed = mini_claims.claim(session, mini.stage.resources.settings, each, at)
    assert claimed is not None
    assert mini.send() == 0
    mini_notices.wake(resources)
    assert mini.rows() == [("sending", "")]
    mini.written(MiniNotice, claimed_at=utc_now() - mini_claims.LEASE - timedelta(seconds=1))
    mini_notices.wake(resources)
    assert mini.rows() == [("unknown", "crashed")]
    assert mini.send() == 0
    assert mini.remaining() == [1]
    with resources.sessions.begin() as session:  # the worker lives after all
        answer = Answer(outcomes.ACCEPTED, None, "")
        mini_notices.settle(session, resources.settings, claimed, answer)
    assert mini.rows() == [("sent", "")]


def test_taken_without_an_answer_it_is_not_sent_again(mini: MiniStage) -> None:
    mini.allows(first(mini), kind=REVIEWS, times=5)
    mini.missed(first(mini), 2)
    mini.stage.sandbox.control.fault("reset", path=SEND, accept=True, times=1)
    mini.send()
    assert len(mini.notices()) == 1
    assert mini.rows() == [("unknown", "no_answer")]
    let_go_on(mini)
    mini.send()
    assert mini.rows() == [("unknown", "no_answer"), ("sent", "")]
    assert len(mini.notices()) == 2


def let_go_on(mini: MiniStage) -> None:
    """Let a minute pass, or a quarter of an hour: what holds the notices is over."""
    mini.written(Account, paused_until=utc_now() - timedelta(seconds=1))


def test_none_left_at_wechat_is_none_left_here(mini: MiniStage) -> None:
    mini.allows(first(mini), kind=REVIEWS, times=3)
    mini.missed(first(mini), 3)
    mini.stage.sandbox.control.fault("errcode", path=SEND, errcode=43101, times=1)
    assert mini.send() == 1
    assert mini.rows() == [("failed", "refused")]
    assert mini.remaining() == [0]


@pytest.mark.parametrize(
    ("errcode", "reason"), [(47003, "field_refused"), (43117, "person_too_often")]
)
def test_what_is_refused_of_one_fails_alone_and_uses_nothing_up(
    mini: MiniStage, errcode: int, reason: str
) -> None:
    mini.allows(first(mini), kind=REVIEWS, times=2)
    mini.missed(first(mini), 2)
    mini.stage.sandbox.control.fault("errcode", path=SEND, errcode=errcode, times=1)
    assert mini.send() == 2
    assert mini.rows() == [("failed", reason), ("sent", "")]
    assert mini.remaining() == [1]


@pytest.mark.parametrize("errcode", [48001, 45009, 45011, 40164])
def test_a_fault_of_the_account_holds_all_and_loses_none(mini: MiniStage, errcode: int) -> None:
    mini.allows(first(mini), kind=REVIEWS, times=2)
    mini.missed(first(mini), 2)
    mini.stage.sandbox.control.fault("errcode", path=SEND, errcode=errcode, times=1)
    assert mini.send() == 1
    assert (mini.rows(), mini.remaining(), mini.notices()) == ([], [2], [])
    assert mini.send() == 0
    let_go_on(mini)
    assert mini.send() == 2
    assert len(mini.notices()) == 2


@pytest.mark.parametrize("errcode", [47001, 41030])
def test_a_request_that_is_malformed_ends_its_own_notice_and_holds_no_other(
    mini: MiniStage, errcode: int
) -> None:
    mini.allows(first(mini), kind=REVIEWS, times=2)
    mini.missed(first(mini), 2)
    mini.stage.sandbox.control.fault("errcode", path=SEND, errcode=errcode, times=1)
    assert mini.send() == 2
    assert mini.rows() == [("failed", "bad_request"), ("sent", "")]
    assert mini.remaining() == [1]


def test_three_malformed_in_a_row_hold_the_rest_until_one_is_taken(mini: MiniStage) -> None:
    mini.allows(first(mini), kind=REVIEWS, times=9)
    mini.missed(first(mini), 6)
    mini.stage.sandbox.control.fault("errcode", path=SEND, errcode=41030, times=4)
    for called in (3, 0):
        assert mini.send() == called
    let_go_on(mini)
    assert mini.send() == 1, "the page is still wrong"
    let_go_on(mini)
    assert mini.send() == 2
    assert mini.rows() == [("failed", "bad_request")] * 4 + [("sent", "")] * 2


def test_a_template_that_is_gone_holds_its_own_alone(mini: MiniStage) -> None:
    mini.allows(first(mini), kind=REVIEWS, times=2)
    mini.allows(first(mini), kind="registration_changed")
    mini.missed(first(mini), 2)
    mini.stage.sandbox.control.remove_mini_template(TEMPLATES[REVIEWS])
    assert mini.send() == 1
    assert mini.rows() == []
    with mini.stage.resources.readers.begin() as session:
        offered = mini_allowances.offered(session, TEMPLATES)
    assert TEMPLATES[REVIEWS] not in {each.template_id for each in offered}


def test_who_sends_the_failed_again_leaves_out_whom_a_notice_reached(mini: MiniStage) -> None:
    one, other, *_ = sorted(mini.stage.openids)
    key = mini.stage.start_campaign()
    mini.stage.deliver_until_done(key)
    mini.stage.message(state="failed", reason="user_block", final_at=utc_now())
    mini.allows(one)
    mini.written(MiniAllowance, allowed_at=utc_now() - timedelta(hours=1))
    assert mini.send() == 1
    offered = mini.stage.progress(key).to_retry
    with mini.stage.resources.sessions.begin() as session:
        again = campaigns.retry_failed(session, mini.stage.scope, key, at=utc_now())
    assert again == offered == len(mini.stage.openids) - 1
    assert mini.stage.count(graduate_id=one, state="failed") == 1
    assert mini.stage.count(graduate_id=other, state="waiting") == 1


def test_a_message_that_is_sent_again_gets_no_notice(mini: MiniStage) -> None:
    marked = mini.allows(first(mini), kind=REVIEWS)
    (ident,) = mini.missed(first(mini), state="failed", reason="user_block")
    mini.stage.message(state="waiting")
    with mini.stage.resources.sessions.begin() as session:
        each = mini_claims.Due(ident, marked, TEMPLATES[REVIEWS])
        assert claimed(mini, session, each) is None
    assert mini.remaining() == [1]


def test_after_a_restore_what_failed_before_is_not_sent(mini: MiniStage) -> None:
    mini.allows(first(mini), kind=REVIEWS, times=2)
    restored.keep(mini.stage.resources)
    mini.missed(first(mini))
    mark.let_redis_remember(mini.stage.resources, 1000)
    assert mini.send() == 0, "the ledger is behind, and nobody has noticed"
    restored.keep(mini.stage.resources)
    assert mini.send() == 0
    assert mini.rows() == []


def test_a_changed_contact_is_told_to_the_mini_program_that_was_bound(mini: MiniStage) -> None:
    marked = mini.allows(first(mini), kind="registration_changed")
    mini.written(MiniUser, account_openid=None)
    with mini.stage.resources.sessions.begin() as session:
        session.execute(
            update(Binding).where(Binding.graduate_id == first(mini)).values(openid=marked)
        )
        bind.end(session, first(mini), reason="by_school", by="staff:x", at=utc_now())
    assert mini.stage.count(kind="contact_changed", state="skipped") == 1
    mini.send()
    assert mini.rows() == [("sent", "")]


def test_without_the_setting_nothing_is_sent(mini: MiniStage) -> None:
    mini.allows(first(mini), kind=REVIEWS)
    mini.missed(first(mini))
    settings = mini.stage.resources.settings.model_copy(update={"mini_notices": ()})
    with mini.stage.resources.readers.begin() as session:
        assert mini_claims.due(session, settings, database_now(session), 9) == []


def test_a_template_that_does_not_fit_is_not_offered(mini: MiniStage) -> None:
    control = mini.stage.sandbox.control
    control.mini_template(TEMPLATES[REVIEWS], "审核结果通知", "审核结果:{{phrase3.DATA}}\n")
    mini.written(Account, templates_synced_at=None)
    mini_notices.read_templates(mini.stage.resources, mini.mini)
    with mini.stage.resources.readers.begin() as session:
        kept = set(session.scalars(select(MiniTemplate.kind)))
    assert kept == TEMPLATES.keys() - {REVIEWS}


def test_no_more_are_kept_than_the_bound(mini: MiniStage) -> None:
    mini.allows(first(mini), times=mini_allowances.MOST + 5)
    assert mini.remaining() == [mini_allowances.MOST]


def test_no_text_of_hers_is_kept_beside_a_refusal(mini: MiniStage) -> None:
    marked = mini.allows(first(mini), kind=REVIEWS)
    mini.missed(first(mini))
    mini.stage.sandbox.control.fault("errcode", path=SEND, errcode=40003, times=1)
    mini.send()
    with mini.stage.resources.readers.begin() as session:
        detail = session.scalars(select(MiniNotice.detail)).one()
    assert "40003" in detail
    assert marked.removeprefix("mini:") not in detail
    assert "照片" not in detail


def test_messages_go_with_their_notices(mini: MiniStage) -> None:
    mini.allows(first(mini), kind=REVIEWS)
    mini.missed(first(mini))
    mini.send()
    with mini.stage.resources.sessions.begin() as session:
        session.execute(update(Message).values(state="skipped"))
        session.delete(session.scalars(select(Message)).one())
    assert mini.rows() == []


def test_the_school_sees_that_a_notice_came_instead(mini: MiniStage) -> None:
    one, other, *_ = sorted(mini.stage.openids)
    mini.allows(one)
    mini.unfollow([one, other])
    key = mini.stage.start_campaign()
    shown = mini.stage.deliver_until_done(key)
    assert shown.notices == 0
    mini.send()
    assert mini.stage.progress(key).notices == 1
    with mini.stage.resources.readers.begin() as session:
        (hers,) = sent.to_graduate(session, mini.stage.scope, one)
        (theirs,) = sent.to_graduate(session, mini.stage.scope, other)
        campaign = session.scalars(select(Campaign)).one()
        found = progress.results(session, campaign, state=MessageState.SKIPPED)
    assert hers.reason_sentence == "未关注公众号；已改发小程序通知"
    assert theirs.reason_sentence == "未关注公众号"
    assert [each.reason_sentence for each in found] == [
        "未关注公众号；已改发小程序通知",
        "未关注公众号",
    ]


def test_the_figures_count_notices_and_say_what_holds_them(mini: MiniStage) -> None:
    mini.allows(first(mini), kind=REVIEWS, times=2)
    mini.missed(first(mini), 2)
    mini.stage.sandbox.control.fault("errcode", path=SEND, errcode=48001, times=1)
    mini.send()
    assert figure(mini, "quxiang_notices_held") == [(("not_granted",), 1.0)]
    let_go_on(mini)
    mini.send()
    assert figure(mini, "quxiang_notices_held") == [(("",), 0.0)]
    assert figure(mini, "quxiang_day_notices") == [(("sent",), 2.0)]


def figure(mini: MiniStage, name: str) -> list[tuple[tuple[str, ...], float]]:
    resources = mini.stage.resources
    with resources.readers.begin() as session:
        found = figures.read(session, resources.settings, utc_now())
    return next(list(each.values) for each in found if each.name == name)


def test_who_is_erased_leaves_neither_notices_nor_allowances(mini: MiniStage) -> None:
    one, other, *_ = sorted(mini.stage.openids)
    for each in (one, other):
        mini.allows(each, kind=REVIEWS, times=2)
        mini.missed(each)
    mini.send()
    with mini.stage.resources.sessions.begin() as session:
        counts = forget.forget_messages(session, [one])
    assert counts["mini_notice"] == counts["mini_allowance"] == 1
    assert mini.rows() == [("sent", "")]
    assert mini.remaining() == [1]


def test_who_left_the_mini_program_long_ago_takes_her_allowances_along(mini: MiniStage) -> None:
    mini.allows(first(mini))
    mini.written(Binding, ended_at=utc_now())
    mini.written(MiniUser, seen_at=utc_now() - timedelta(days=31))
    with mini.stage.resources.sessions.begin() as session:
        assert expiry.mini_users(session, DEFAULT, utc_now()) == 1
    assert mini.remaining() == []
