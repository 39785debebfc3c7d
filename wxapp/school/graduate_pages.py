"""One graduate: what is registered, answered, sent and done; personal values only on request."""

from dataclasses import dataclass
from urllib.parse import parse_qsl

from flask import redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from notifier.binding import bind
from notifier.ledger import sent, states
from registry.accounts import audit, reveals
from registry.accounts.audit_log.words import WORDS
from registry.accounts.reveals import Reveal
from registry.base.crypto import Vault
from registry.base.errors import RuleError
from registry.base.written_reason import written_reason
from registry.codes.identity import IDENTITY, PHONE, masked, masked_phone
from registry.province import batch_entries, returns
from registry.record import fields, graduate_page, graduates, province_lock
from registry.record.field_values import said
from registry.record.fields import BLOCK_TITLES
from registry.record.graduates import Neighbours
from registry.record.tables import ANSWER_TITLES, Graduate
from registry.review import ended, lists
from registry.review import states as review
from wxapp.core import seeing
from wxapp.core.db import reading, writing
from wxapp.core.refusals import status_of
from wxapp.core.resources import now, resources
from wxapp.school import contact, in_person
from wxapp.school.door import blueprint, staff_context
from wxapp.school.filters import read_filter, read_order

TABS = {
    "info": "信息",
    "confirmation": "登记确认",
    "history": "确认记录",
    "authorization": "核验授权",
    "messages": "消息",
    "log": "操作日志",
}
NO_REASON = "请写明解除绑定的原因，会记入操作日志。"


@dataclass(frozen=True)
class Personal:
    """Identity number and phone as they are shown: masked, or whole after a request."""

    identity: str
    phone: str
    whole: str = ""
    """Which of the two is shown whole."""


def _personal(graduate: Graduate, vault: Vault, whole: str = "") -> Personal:
    identity = vault.open(IDENTITY, graduate.id, graduate.identity_sealed)
    sealed = graduate.phone_sealed
    phone = vault.open(PHONE, graduate.id, sealed) if sealed else ""
    return Personal(
        identity=identity if whole == "identity" else masked(identity),
        phone=phone if whole == "phone" else masked_phone(phone) if phone else "",
        whole=whole,
    )


@blueprint.get("/graduates/<key>", endpoint="graduate")
def show(key: str) -> str:
    """Show the tab that the address asks for."""
    with reading() as session:
        page = _page(session, key)
    seeing.person(key)
    return page


def _page(session: Session, key: str, whole: str = "", refusal: RuleError | None = None) -> str:
    record = graduate_page.detail(session, staff_context().scope, key)
    tab = request.args.get("tab", "info")
    return render_template(
        "school/graduate.html",
        record=record,
        graduate=record.graduate,
        personal=_personal(record.graduate, resources().vault, whole),
        refusal=refusal,
        saved="saved" in request.args,
        list=request.args.get("list", ""),
        around=_around(session, key),
        reachable=sent.reachable(session, record.graduate.id),
        tabs=TABS,
        tab=tab if tab in TABS else "info",
        **in_person.shown(session, record.graduate),
        **contact.shown(session, record.graduate),
        messages=sent.to_graduate(session, staff_context().scope, record.graduate.id),
        log=graduate_page.log(session, staff_context().scope, key),
        actions=WORDS,
        block_titles=BLOCK_TITLES,
        field_title=fields.title,
        said=said,
        answer_titles=ANSWER_TITLES,
        message_titles=states.MESSAGE_TITLES,
        submissions=lists.of_graduate(session, record.graduate),
        purpose_titles=review.PURPOSE_TITLES,
        review_states=review.STATE_TITLES,
        ended_occasions=ended.OCCASIONS,
        reported=batch_entries.standing_of(session, record.graduate),
        returned=returns.of_graduate(session, record.graduate),
        locked=bool(province_lock.locked_ids(session, [record.graduate.id])),
        locked_sentence=province_lock.SENTENCE,
    )


def _around(session: Session, key: str) -> Neighbours:
    """Return who stands around her in the list she was opened from; nobody without one."""
    if "list" not in request.args:
        return Neighbours(None, None)
    said = dict(parse_qsl(request.args["list"]))
    wanted, order = read_filter(said, staff_context().year), read_order(said)
    return graduates.neighbours(session, staff_context().scope, wanted, order, key)


@blueprint.post("/graduates/<key>/reveal")
def reveal(key: str) -> str | tuple[str, int]:
    """Show one personal value whole, unless the hour's budget is used up; either is in the log."""
    what = request.form.get("what", "")
    context, budget = staff_context(), resources().settings.reveals
    with writing() as session:
        graduate = graduate_page.find(session, context.scope, key)
        graduate_page.sealed(graduate, what)
        wanted = Reveal(context.staff, graduate_page.subject(key), what)
        refusal = reveals.take(session, wanted, budget, now())
    with reading() as session:
        if refusal is None:
            return _page(session, key, whole=what)
        return _page(session, key, refusal=refusal), status_of(refusal)


@blueprint.post("/graduates/<key>/unbind")
def unbind(key: str) -> Response:
    """End the WeChat binding of a graduate who lost hers; a second press changes nothing."""
    reason = written_reason(request.form.get("reason", ""), NO_REASON)
    with writing() as session:
        graduate = graduate_page.find(session, staff_context().scope, key)
        if bind.end(session, graduate.id, reason="by_school", by=staff_context().actor, at=now()):
            record = staff_context().audit_record(
                "end_binding", graduate_page.subject(key), {"reason": reason}
            )
            audit.note(session, record, now())
    return redirect(url_for("school.graduate", key=key, tab="log"), 303)
