"""The card 寄送 of one graduate's file: what was posted so far, and the form for the next."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any

from flask import request
from sqlalchemy.orm import Session

from registry.accounts.audit_log.reading import staff_named
from registry.base.errors import RuleError
from registry.base.iso_dates import day_of
from registry.base.text import clean, folded_number
from registry.codes import parsing
from registry.numbers import service
from registry.numbers.posting import directory, lists, noting, waybill
from registry.numbers.posting.directory import FileReceiver
from registry.numbers.posting.noting import PostRoom
from registry.numbers.posting.states import POSTING_TITLES, WAY_TITLES, PostingWay
from registry.numbers.posting.tables import Posting
from registry.numbers.posting.waybill import Waybill
from registry.numbers.preview import Preview
from registry.numbers.transfer.states import TransferState
from registry.record import fields
from registry.record.tables import Registration
from wxapp.core.resources import now
from wxapp.school.door import staff_context

DAY_TITLES = {"posted_on": "寄出日期", "received_on": "签收日期", "returned_on": "退件日期"}
NUMBER_WARNINGS = {
    TransferState.NONE: "尚未生成转递编号，收档单位无法核验。请先生成转递编号再寄送。",
    TransferState.LAPSED: "登记信息有变化，原转递编号已失效。请重新生成转递编号再寄送。",
    TransferState.EXPIRED: "转递编号已截止，收档单位无法核验。",
}

FIELDS = frozenset({"way", "number", "posted_on", "received_on", *directory.FIELDS})
"""Fields beside which the card says what is wrong with them."""
_NOBODY = FileReceiver()


@dataclass(frozen=True)
class PostingForm:
    """The form as it stands."""

    way: str = PostingWay.EMS.value
    number: str = ""
    posted_on: str = ""
    receiver: FileReceiver = _NOBODY


@dataclass(frozen=True)
class PostingCard:
    """What the card shows."""

    history: Sequence[Posting]
    """Newest first."""
    live: Posting | None
    """What says where the file is."""
    may_post: bool
    why_not: str
    """Why nothing can be posted, where nothing was."""
    form: PostingForm
    warnings: Sequence[str] = ()
    units: Sequence[str] = ()
    """Names that complete what is typed."""
    named: Mapping[str, str] = field(default_factory=dict)
    """Members of staff by how rows name them."""


def room() -> PostRoom:
    """Return for whom who is asking posts files."""
    return PostRoom(staff_context().scope, staff_context().actor, now())


def shown(session: Session, preview: Preview, *, is_typed: bool) -> dict[str, Any]:
    """Return what the template shows; what was typed stands in the form where it was refused."""
    graduate, school_id = preview.graduate, staff_context().scope.school_id
    registration = lists.registration_of(session, graduate)
    found = noting.standing_of(session, [graduate.id]).get(graduate.id)
    refusal = _refusal(found, registration)
    to = FileReceiver() if registration is None else directory.registered(registration)
    known = directory.known(session, school_id, to.unit) if to.unit else None
    blank = PostingForm(
        posted_on=service.today(now()).isoformat(), receiver=directory.filled_in(to, known)
    )
    history = lists.of_graduate(session, graduate.id)
    card = PostingCard(
        history=history,
        live=found,
        may_post=refusal is None,
        why_not=refusal.sentence if refusal and not history else "",
        form=typed() if is_typed else blank,
        warnings=list(_warnings(preview, to, known)),
        units=directory.names(session, school_id),
        named=staff_named(session, _actors(history)),
    )
    return {
        "posting": card,
        "way_titles": WAY_TITLES,
        "posting_titles": POSTING_TITLES,
        "receiver_titles": directory.TITLES,
        "receiver_lengths": {
            name: fields.REGISTRATION[source].limit for name, source in directory.FIELDS.items()
        },
        "is_slip": waybill.has_slip,
    }


def _refusal(found: Posting | None, registration: Registration | None) -> RuleError | None:
    try:
        if registration is None:
            raise noting.nothing_registered()
        noting.refuse_posting(found)
        noting.refuse_staying(registration.file_type)
    except RuleError as refusal:
        return refusal
    return None


def _warnings(preview: Preview, to: FileReceiver, known: FileReceiver | None) -> Iterator[str]:
    if warning := NUMBER_WARNINGS.get(TransferState(preview.state)):
        yield warning
    for each in directory.differences(to, known):
        yield f"{each}，请核对。"


def _actors(history: Sequence[Posting]) -> set[str]:
    return {each.noted_by for each in history} | {each.settled_by for each in history} - {""}


def typed() -> PostingForm:
    """Return the form as it was sent."""
    given = request.form
    said = {name: given.get(name, "") for name in directory.FIELDS}
    way, number, day = (given.get(each, "") for each in ("way", "number", "posted_on"))
    return PostingForm(way, number, day, FileReceiver(**said))


def read(session: Session) -> tuple[Waybill, FileReceiver]:
    """Return what was sent, what was left empty of the receiver as the directory has it.

    Raises RuleError naming the field.
    """
    sent = typed()
    if sent.way not in set(PostingWay):
        raise RuleError("way_unknown", "请选择寄送方式。", "way")
    bill = Waybill(
        PostingWay(sent.way), waybill.number_of(sent.number), day(sent.posted_on, "posted_on")
    )
    receiver = _receiver(sent.receiver)
    known = directory.known(session, staff_context().scope.school_id, receiver.unit)
    return bill, directory.filled_in(receiver, known)


def _receiver(said: FileReceiver) -> FileReceiver:
    """Return a receiver as it is kept; raise RuleError naming the field."""
    kept = {name: clean(text) for name, text in asdict(said).items()}
    for name, text in kept.items():
        limit = fields.REGISTRATION[directory.FIELDS[name]].limit
        if name != "postcode" and len(text) > limit:
            raise RuleError("too_long", f"{directory.TITLES[name]}请控制在 {limit} 字以内。", name)
    if kept["postcode"]:
        kept["postcode"] = _postcode(kept["postcode"])
    if kept["phone"] and not parsing.is_contact_phone(kept["phone"]):
        raise RuleError("phone_form", "请填写手机号，或带区号的固定电话。", "phone")
    return FileReceiver(**kept)


def _postcode(text: str) -> str:
    try:
        return parsing.postcode(folded_number(text))
    except RuleError as refusal:
        raise RuleError(refusal.code, refusal.sentence, "postcode") from None


def day(text: str, name: str) -> date:
    """Return a day of a form; raise RuleError `day_unreadable`."""
    try:
        return day_of(text.strip())
    except ValueError:
        sentence = f"{DAY_TITLES[name]}请写成日期，例如 2026-06-30。"
        raise RuleError("day_unreadable", sentence, name) from None
