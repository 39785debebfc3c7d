"""Her rights (个人信息与隐私): notice, consents, who saw her data, a copy of it, withdrawal."""

from collections.abc import Iterator
from typing import IO

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from notifier.binding import own_copy, own_hand, phone_codes, rights
from notifier.binding.own_hand import Act
from notifier.ledger import bindings
from registry.base.errors import RuleError
from registry.numbers.shape import ISSUE_TITLES, KIND_TITLES
from registry.record import consents, privacy_notice, sights
from registry.record.consents import PURPOSE_TITLES, ConsentPurpose
from registry.signing import agreement_lookup
from wxapp.core import downloads, proof
from wxapp.core.browser_session import browser
from wxapp.core.db import reading, writing
from wxapp.core.incoming import whole
from wxapp.core.limits import BINDING, limiter
from wxapp.core.privacy import kept_terms
from wxapp.core.refusals import status_of
from wxapp.core.resources import now, resources, services
from wxapp.core.retry import only_once
from wxapp.core.who import current_graduate

blueprint = Blueprint("own_data", __name__, url_prefix="/g/privacy")
MOST = 50
PIECE_BYTES = 64 * 1024
CODE_SENT = "copy_code_sent_at"


@blueprint.before_request
def _let_in() -> None:
    current_graduate()


def _openid() -> str:
    openid = browser().identity.openid
    assert openid is not None, "a graduate comes in by WeChat"
    return openid


def _act() -> Act:
    return Act("own copy", _openid(), browser().token_hash)


def _this_browser() -> str:
    return browser().token_hash


@blueprint.get("")
def page() -> str:
    """Show the text that holds, what she agreed to, and where to go from here."""
    graduate = current_graduate()
    with reading() as session:
        notice = privacy_notice.of_school(session, graduate.school)
        given = consents.of_graduate(session, graduate.id)
    agreed = {each.notice for each in given if each.withdrawn_at is None}
    return render_template(
        "graduate/privacy.html",
        notice=notice,
        kept=kept_terms(),
        consents=given,
        titles=PURPOSE_TITLES,
        is_new=notice.version not in agreed,
    )


@blueprint.post("/read")
def agree() -> ResponseReturnValue:
    """Keep that she agreed to the text that holds now."""
    graduate = current_graduate()
    with writing() as session:
        notice = privacy_notice.of_school(session, graduate.school)
        if request.form.get("notice") == notice.version:
            consents.give(session, _records(session), ConsentPurpose.BINDING, notice.version, now())
    return redirect(url_for("own_data.page"), 303)


def _records(session: Session) -> list[int]:
    return [each.id for each in bindings.records_of(session, _openid())]


@blueprint.get("/seen")
def seen() -> str:
    """Show who looked her up, and which office saw her data, newest first, 50 a page of each."""
    graduate, older = current_graduate(), _older
    with reading() as session:
        lookups = agreement_lookup.all_views(session, graduate.id, MOST + 1, older("lookups"))
        offices = sights.of_graduate(session, graduate, MOST + 1, older("offices"))
    return render_template(
        "graduate/seen.html",
        lookups=lookups[:MOST],
        offices=offices[:MOST],
        more_lookups=len(lookups) > MOST,
        more_offices=len(offices) > MOST,
        is_first=not request.args,
        kind_titles={**KIND_TITLES, agreement_lookup.KIND: "就业协议"},
        issue_titles={**ISSUE_TITLES, agreement_lookup.KIND: "编号"},
    )


def _older(name: str) -> int | None:
    """Return the row of a list that the page comes after; None for its newest."""
    return request.args.get(name, type=whole)


@blueprint.get("/copy")
def ask_copy() -> str:
    """Say what the copy holds, and that a code proves it is she."""
    return _copy_page()


def _copy_page(refusal: RuleError | None = None) -> str:
    passed = now().timestamp() - browser().get(CODE_SENT, 0)
    return render_template(
        "graduate/own_copy.html", code_sent=passed < phone_codes.MINUTES * 60, refusal=refusal
    )


@blueprint.post("/copy/code")
@limiter.limit(BINDING, key_func=_this_browser)
def send_code() -> ResponseReturnValue:
    """Send a code to her phone."""
    who, sms = current_graduate(), services().sms
    with writing() as session:
        refusal = own_hand.send_code(session, resources().vault, sms, who, _act(), now())
    if refusal is not None:
        return _copy_page(refusal), status_of(refusal)
    browser()[CODE_SENT] = now().timestamp()
    return redirect(url_for("own_data.ask_copy"), 303)


@blueprint.post("/copy")
@limiter.limit(BINDING, key_func=_this_browser)
@only_once
def copy() -> ResponseReturnValue:
    """Send the copy to who has the code; the file is made while it is asked for."""
    who, code = current_graduate(), request.form.get("code", "")
    with writing() as session:
        refusal = own_hand.check(session, resources().vault, who, _act(), code, now())
    if refusal is not None:
        return _copy_page(refusal), status_of(refusal)
    with reading() as session:
        file = own_copy.written(session, resources().vault, _records(session))
    return downloads.attachment(_pieces(file), "application/zip", "本人信息副本.zip")


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        while piece := file.read(PIECE_BYTES):
            yield piece


@blueprint.get("/withdraw")
def ask_withdraw() -> str:
    """Say what ends with her consent, and ask."""
    return render_template(
        "graduate/withdraw.html", graduate=current_graduate(), proven=proof.holds()
    )


@blueprint.post("/withdraw")
def withdraw() -> str:
    """Withdraw her consent, and every session that rests on it."""
    proof.demand(proof.by_wechat("withdraw"))
    with writing() as session:
        rights.withdraw(session, current_graduate(), _records(session), now())
    browser().leave()
    return render_template("graduate/withdrawn.html")
