"""A probe goes to one named person first; the estimate says what a sending would meet."""

import json

import pytest
from sqlalchemy import select

from notifier.binding import colleagues
from notifier.campaigns import campaigns, test_send
from notifier.campaigns.audience import Audience
from notifier.campaigns.campaigns import Draft
from notifier.campaigns.estimate import estimate_of
from notifier.delivery.sweep import sweep
from notifier.ledger import kinds, states
from notifier.ledger.tables import Binding, Campaign, Colleague
from registry.accounts.staff import NewStaff, create_staff
from registry.accounts.tables import Role, Staff
from registry.base.clock import utc_now
from registry.base.errors import RuleError
from registry.record.confirmation.states import ConfirmationState
from registry.record.scope import Scope
from tests.notifier.stage import AT, YEAR, Stage, changed, quiet_now


@pytest.fixture
def key(stage: Stage) -> str:
    """Give a draft that nobody has started."""
    draft = Draft("提醒", "confirmation_reminder", Audience(YEAR), {"deadline": "2026-06-30"})
    with stage.resources.sessions.begin() as session:
        return campaigns.create(session, stage.scope, draft, by="test", at=AT).key


def send(stage: Stage, key: str, student_number: str) -> str:
    with stage.resources.sessions.begin() as session:
        return test_send.send(session, stage.scope, key, student_number, at=utc_now())


def test_a_probe_reaches_one_person_and_the_draft_stays_a_draft(stage: Stage, key: str) -> None:
    ident = send(stage, key, "S00003")
    stage.deliver()
    assert sum(stage.seen().values()) == 1
    with stage.resources.readers.begin() as session:
        sent = test_send.found(session, stage.scope, ident)
        assert sent is not None
        assert sent.state == states.MessageState.ACCEPTED
        assert session.scalar(select(Campaign.state)) == states.CampaignState.DRAFT


def test_a_probe_shows_the_campaigns_own_words(stage: Stage, key: str) -> None:
    send(stage, key, "S00003")
    stage.deliver()
    card = next(iter(stage.sandbox.control.messages()))
    assert "2026年6月30日 23:59" in card["data"].values()


def test_a_probe_says_what_this_person_would_be_told(stage: Stage) -> None:
    texts = {"deadline": "2026-06-30", "item.disputed": "请更正有误的信息"}
    draft = Draft("提醒", "confirmation_reminder", Audience(YEAR), texts)
    with stage.resources.sessions.begin() as session:
        key = campaigns.create(session, stage.scope, draft, by="test", at=AT).key
    stage.graduates(confirmation=ConfirmationState.DISPUTED)
    send(stage, key, "S00003")
    stage.deliver()
    card = next(iter(stage.sandbox.control.messages()))
    assert "请更正有误的信息" in card["data"].values()


def test_a_probe_goes_before_what_the_school_is_telling_many(stage: Stage, key: str) -> None:
    stage.start_campaign()
    facts = {
        "deadline": "2026年6月30日 23:59",
        "item": "请核对",
        "state": ConfirmationState.UNCONFIRMED,
    }
    stage.message(campaign_id=None, facts=json.dumps(facts))
    send(stage, key, "S00003")
    one_by_one = changed(stage, send_connections=1)
    one_by_one.deliver()
    first = next(iter(stage.sandbox.control.messages()))
    assert "核对并确认毕业去向登记" in first["data"].values()


def test_a_probe_goes_at_once_in_quiet_hours_too(stage: Stage, key: str) -> None:
    night = changed(stage, quiet_hours=quiet_now())
    send(night, key, "S00003")
    night.deliver()
    assert sum(night.seen().values()) == 1


def test_a_colleague_who_has_confirmed_gets_the_probe_all_the_same(stage: Stage, key: str) -> None:
    stage.graduates(confirmation=ConfirmationState.CONFIRMED)
    send(stage, key, "S00003")
    stage.deliver()
    assert sum(stage.seen().values()) == 1


def test_a_probe_to_nobody_or_to_someone_out_of_reach_is_refused(stage: Stage, key: str) -> None:
    with pytest.raises(RuleError, match="probe_nobody"):
        send(stage, key, "S99999")
    with stage.resources.sessions.begin() as session:
        for binding in session.scalars(select(Binding)):
            binding.ended_at = AT
    with pytest.raises(RuleError, match="probe_unreachable"):
        send(stage, key, "S00003")


@pytest.fixture
def colleague(stage: Stage) -> str:
    """Link a phone to a member of the school's staff; return the key of who it is."""
    openid = stage.sandbox.control.add_phone("王老师", following=True)
    with stage.resources.sessions.begin() as session:
        new = NewStaff("wang", "王老师", Role.SCHOOL, school_id=stage.scope.school_id)
        staff = create_staff(session, new, "a-long-password-for-7", AT)
        session.flush()
        colleagues.link(session, staff, openid, AT)
        return staff.key


def to_colleague(stage: Stage, key: str, staff_key: str, scope: Scope | None = None) -> str:
    with stage.resources.sessions.begin() as session:
        where = scope or stage.scope
        return test_send.send_to_colleague(session, where, key, staff_key, at=utc_now())


def test_a_colleague_who_is_no_graduate_gets_the_probe(
    stage: Stage, key: str, colleague: str
) -> None:
    ident = to_colleague(stage, key, colleague)
    send(stage, key, "S00003")
    stage.deliver()
    cards = list(stage.sandbox.control.messages())
    mine = next(each for each in cards if each["client_msg_id"] == ident)
    assert mine["openid"] not in stage.openids.values()
    assert "未确认" in mine["data"].values()
    assert len(cards) == 2
    assert stage.count(state=states.MessageState.ACCEPTED) == 2


def test_a_probe_to_a_colleague_survives_the_process_that_sent_it(
    stage: Stage, key: str, colleague: str
) -> None:
    to_colleague(stage, key, colleague)
    stage.message(state=states.MessageState.SENDING, lease_until=AT, maybe_since=utc_now(), tries=1)
    sweep(stage.resources)
    stage.deliver()
    assert sum(stage.seen().values()) == 1


def test_who_unlinked_or_is_of_another_school_gets_no_probe(
    stage: Stage, key: str, colleague: str
) -> None:
    other = stage.open_school(code="10002", graduates=1)
    with stage.resources.sessions.begin() as session:
        assert [each.name for each in colleagues.of_school(session, stage.scope)] == ["王老师"]
        assert colleagues.of_school(session, other) == []
        assert colleagues.wechat_of(session, other, colleague) is None
        openid = colleagues.wechat_of(session, stage.scope, colleague)
        assert openid is not None
        colleagues.unlink(session, openid)
    with pytest.raises(RuleError, match="probe_no_colleague"):
        to_colleague(stage, key, colleague)


def test_a_wechat_is_one_colleagues_and_a_colleague_has_one(stage: Stage, colleague: str) -> None:
    with stage.resources.sessions.begin() as session:
        first = session.scalars(select(Staff)).one()
        new = NewStaff("li", "李老师", Role.SCHOOL, school_id=stage.scope.school_id)
        second = create_staff(session, new, "a-long-password-for-7", AT)
        session.flush()
        colleagues.link(session, first, "o-new", AT)
        colleagues.link(session, second, "o-new", AT)
        found = session.execute(select(Colleague.staff_id, Colleague.openid)).all()
        assert [tuple(each) for each in found] == [(second.id, "o-new")]


def test_another_schools_draft_cannot_be_probed(stage: Stage, key: str) -> None:
    other = stage.open_school(code="10002", graduates=1)
    with stage.resources.sessions.begin() as session, pytest.raises(RuleError, match="not_found"):
        test_send.send(session, other, key, "S00000", at=utc_now())


@pytest.mark.parametrize(("recipients", "days"), [(0, 1), (90, 1), (91, 2), (180, 2), (1000, 12)])
def test_a_sending_over_the_quota_says_how_many_days_it_takes(
    stage: Stage, recipients: int, days: int
) -> None:
    settings = stage.resources.settings.model_copy(
        update={"daily_quota": 100, "event_reserve": 0.1}
    )
    kind = kinds.kinds()["confirmation_reminder"]
    with stage.resources.readers.begin() as session:
        assert estimate_of(session, settings, kind, recipients, utc_now()).days == days
