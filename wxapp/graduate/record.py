"""Her record at a glance, and whose account this is."""

from dataclasses import dataclass

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from notifier.letters import unread
from registry.confirmation import State
from registry.own_record import OwnRecord, own_record
from wxapp.core.db import reading
from wxapp.core.parts import parts
from wxapp.core.showing import short_day
from wxapp.core.who import current_graduate

blueprint = Blueprint("record", __name__, url_prefix="/g")


@dataclass(frozen=True)
class Step:
    """One step of the strip: its name, how it stands, and the word beside the colour."""

    title: str
    mark: str
    """done, wait, mind or unborn: green, blue, orange, grey."""
    word: str


_ANSWERED = {
    State.NOT_REPORTED: ("unborn", "未开始"),
    State.UNCONFIRMED: ("wait", "待确认"),
    State.DISPUTED: ("mind", "有误待改"),
}


@blueprint.before_request
def _let_in() -> None:
    current_graduate()


@blueprint.get("/")
def home() -> ResponseReturnValue:
    """Show the strip, what is registered, and the one thing to do next."""
    graduate = current_graduate()
    with reading() as session:
        own, letters = own_record(session, graduate), unread(session, graduate.id)
    return render_template("graduate/home.html", own=own, steps=steps_of(own), unread=letters)


@blueprint.get("/me")
def me() -> ResponseReturnValue:
    """Show whose account this WeChat is bound to."""
    graduate = current_graduate()
    with reading() as session:
        own = own_record(session, graduate)
    identity = parts().resources.vault.open("identity", graduate.identity_sealed)
    return render_template("graduate/me.html", own=own, identity=identity)


def steps_of(own: OwnRecord) -> list[Step]:
    """Return the strip: reported, confirmed, authorized."""
    return [_reported(own), _confirmed(own), _authorized(own)]


def _reported(own: OwnRecord) -> Step:
    if own.registration is None:
        return Step("上报", "wait", "未上报")
    return Step("上报", "done", short_day(own.registration.reported_at))


def _confirmed(own: OwnRecord) -> Step:
    if own.state is State.CONFIRMED and own.graduate.answered_at:
        return Step("确认", "done", short_day(own.graduate.answered_at))
    return Step("确认", *_ANSWERED.get(own.state, ("done", "已确认")))


def _authorized(own: OwnRecord) -> Step:
    return Step("授权", "unborn", "未开放" if own.state is State.CONFIRMED else "未开始")
