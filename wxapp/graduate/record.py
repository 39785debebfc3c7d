"""Her record at a glance, and whose account this is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from notifier.ledger.graduate_inbox import unread
from registry.codes.identity import IDENTITY
from registry.numbers.posting import lists as postings
from registry.numbers.posting.states import POSTING_TITLES, WAY_TITLES
from registry.numbers.shape import KIND_TITLES, Kind
from registry.numbers.verification import authorize
from registry.numbers.verification.authorize import Own
from registry.numbers.verification.states import AuthorizationState
from registry.province import own_home, returns
from registry.record import contact_lists, contact_tables
from registry.record.confirmation.states import ConfirmationState
from registry.record.own_record import OwnRecord, own_record
from registry.record.tables import Graduate
from registry.review import own_application
from registry.review.own_application import OwnApplication
from registry.signing import lists, offline_lists, termination_lists
from registry.signing.states import MENDING
from wxapp.core.browser_session import browser
from wxapp.core.db import reading
from wxapp.core.resources import now, resources
from wxapp.core.showing import day_reader
from wxapp.core.who import current_graduate, own_records
from wxapp.graduate.register_door import words
from wxapp.graduate.way_to_correct import way_to_correct

blueprint = Blueprint("record", __name__, url_prefix="/g")
blueprint.context_processor(words)


@dataclass(frozen=True)
class ProgressStep:
    """One step of the strip: its name, how it stands, and the word beside the colour."""

    title: str
    mark: str
    """done, wait, mind or unborn: green, blue, orange, grey."""
    word: str
    sentence: str = ""
    """Where she is, where this is the step she stands at."""


@dataclass(frozen=True)
class NextThing:
    """The one button of the home page."""

    title: str
    endpoint: str
    primary: bool = True
    """Whether it waits for her."""
    address: str = ""
    """Where it leads, if not to the endpoint's first page."""


_ANSWERED = {
    ConfirmationState.NOT_REPORTED: ("unborn", "未开始", ""),
    ConfirmationState.UNCONFIRMED: ("wait", "待确认", "去向已上报，请核对并确认。"),
    ConfirmationState.DISPUTED: ("mind", "有误待改", "您已反映信息有误，更正后请重新确认。"),
}


@blueprint.before_request
def _let_in() -> None:
    current_graduate()


@blueprint.get("/")
def home() -> ResponseReturnValue:
    """Show the strip, what is registered, and the one thing to do next."""
    graduate = current_graduate()
    with reading() as session:
        own = own_record(session, graduate)
        hers = [each.id for each in own_records()]
        unread_messages = unread(session, hers)
        situation = own_application.find(session, graduate, now())
        verified = authorize.own(session, graduate.id, now())
        rare = _what_few_have(session, graduate, hers)
    steps = steps_of(own, situation, verified)
    return render_template(
        "graduate/home.html",
        own=own,
        situation=situation,
        contact_kinds=contact_tables.KIND_TITLES,
        verified=verified,
        kind_titles=KIND_TITLES,
        steps=steps,
        standing=standing(steps),
        next_thing=next_thing(own, situation),
        unread=unread_messages,
        posting_titles=POSTING_TITLES,
        way_titles=WAY_TITLES,
        expected_within=postings.EXPECTED_WITHIN.days,
        **rare,
    )


def _what_few_have(
    session: Session, graduate: Graduate, records: Sequence[int]
) -> dict[str, object]:
    """Return what the page shows to those who have it, asked for only where there is any."""
    at, openid = now(), browser().identity.openid or ""
    has = own_home.has(session, graduate.id, records, openid)
    invitations = lists.own(session, graduate, at) if has.invitations else []
    ending = termination_lists.live_of_graduate if has.terminations else None
    changes = contact_lists.own(session, records, openid, at) if has.contact_changes else []
    return {
        "returned_by_province": returns.of_graduate(session, graduate) if has.returned else None,
        "contact_changes": changes,
        "invitations": invitations,
        "invited": [each for each in invitations if each.is_open],
        "mended": [each for each in invitations if each.agreement in MENDING],
        "papers": offline_lists.own(session, graduate) if has.papers else [],
        "posting": postings.own(session, graduate.id, at) if has.postings else None,
        "termination": ending(session, graduate.id) if ending else None,
    }


@blueprint.get("/me")
def me() -> ResponseReturnValue:
    """Show whose account this WeChat is bound to."""
    graduate = current_graduate()
    with reading() as session:
        own = own_record(session, graduate)
    identity = resources().vault.open(IDENTITY, graduate.id, graduate.identity_sealed)
    return render_template("graduate/me.html", own=own, identity=identity)


def steps_of(
    own: OwnRecord, situation: OwnApplication, verified: Mapping[Kind, Own]
) -> list[ProgressStep]:
    """Return the strip: reported, confirmed, authorized."""
    return [_reported(own, situation), _confirmed(own), _authorized(own, verified)]


def standing(steps: list[ProgressStep]) -> ProgressStep:
    """Return the step she stands at: the first that is not done, or the last."""
    return next((each for each in steps if each.mark != "done"), steps[-1])


def _reported(own: OwnRecord, situation: OwnApplication) -> ProgressStep:
    if situation.open and (found := _under_way(situation)):
        return found
    if own.registration is None:
        return ProgressStep("上报", "wait", "未上报", "请先登记毕业去向。")
    return ProgressStep("上报", "done", day_reader(now)(own.registration.reported_at))


def _under_way(situation: OwnApplication) -> ProgressStep | None:
    """Return what the strip says of an open application; None of a draft that is sent no more."""
    if situation.mending:
        return ProgressStep("上报", "mind", "协议已退回", "就业协议已退回，请查看并办理。")
    if situation.returned:
        return ProgressStep("上报", "mind", "已退回", "登记已退回，请按退回原因修改后重新提交。")
    if situation.waiting:
        what, word = ("就业协议", "签约审核") if situation.signing else ("登记", "审核中")
        return ProgressStep("上报", "unborn", word, f"{what}正在审核，有结果会通知您。")
    if situation.draft and situation.refusal is None:
        return ProgressStep("上报", "wait", "草稿", "登记已填写，尚未提交。")
    return None


def next_thing(own: OwnRecord, situation: OwnApplication) -> NextThing:
    """Return what comes next: what was returned before what is to be answered."""
    if situation.returned and situation.refusal is None:
        return NextThing("去修改", "registering.page")
    if situation.draft and situation.refusal is None:
        return NextThing("继续填写登记", "registering.page")
    if situation.mending:
        return NextThing("查看就业协议", "signing.page")
    if situation.waiting:
        where = "signing.page" if situation.signing else "registering.page"
        return NextThing("查看审核进度", where, primary=False)
    return _by_confirmation(own, situation)


def _by_confirmation(own: OwnRecord, situation: OwnApplication) -> NextThing:
    if own.state is ConfirmationState.UNCONFIRMED:
        return NextThing(f"去确认{_time_left(situation)}", "confirmation.page")
    if own.state is ConfirmationState.DISPUTED:
        way = way_to_correct(own, situation)
        if way.is_here:
            title = f"去更改登记{_time_left(situation)}"
            return NextThing(title, "registering.page", address=way.address)
        return NextThing("查看如何更正", "confirmation.page")
    if own.state is ConfirmationState.NOT_REPORTED:
        open_now = situation.refusal is None
        title = f"去登记{_time_left(situation) if open_now else ''}"
        return NextThing(title, "registering.page", open_now)
    return NextThing("核验授权", "authorizing.page", primary=False)


def _time_left(situation: OwnApplication) -> str:
    """Return how long is left to the season's last day, in brackets; after it nothing."""
    if situation.days_left == 0:
        return "（今天截止）"
    return f"（还剩 {situation.days_left} 天）" if situation.days_left > 0 else ""


def _confirmed(own: OwnRecord) -> ProgressStep:
    if own.state is ConfirmationState.CONFIRMED and own.graduate.answered_at:
        return ProgressStep("确认", "done", day_reader(now)(own.graduate.answered_at))
    return ProgressStep("确认", *_ANSWERED.get(own.state, ("done", "已确认")))


def _authorized(own: OwnRecord, verified: Mapping[Kind, Own]) -> ProgressStep:
    states = {each.state for each in verified.values()}
    if AuthorizationState.IN_FORCE in states:
        return ProgressStep("授权", "done", "生效中", "去向已确认，核验授权生效中。")
    if AuthorizationState.EXPIRED in states:
        sentence = "去向已确认，核验授权已过期，需要时请再次授权。"
        return ProgressStep("授权", "mind", "已过期", sentence)
    if own.state is ConfirmationState.CONFIRMED:
        return ProgressStep("授权", "unborn", "未授权", "去向已确认，需要时可授权核验。")
    return ProgressStep("授权", "unborn", "未开始")
