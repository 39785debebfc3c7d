"""Her rights (个人信息与隐私): notice, consents, who saw her data, withdrawal of her consent."""

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from notifier.binding import rights
from notifier.ledger import bindings
from registry.numbers.shape import ISSUE_TITLES, KIND_TITLES
from registry.record import consents, privacy_notice, sights
from registry.record.consents import PURPOSE_TITLES, ConsentPurpose
from registry.signing import agreement_lookup
from wxapp.core import proof
from wxapp.core.browser_session import browser
from wxapp.core.db import reading, writing
from wxapp.core.incoming import whole
from wxapp.core.privacy import kept_terms
from wxapp.core.resources import now
from wxapp.core.who import current_graduate

blueprint = Blueprint("own_data", __name__, url_prefix="/g/privacy")
MOST = 50


@blueprint.before_request
def _let_in() -> None:
    current_graduate()


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
            consents.give(session, records(session), ConsentPurpose.BINDING, notice.version, now())
    return redirect(url_for("own_data.page"), 303)


def records(session: Session) -> list[int]:
    """Return all records of who is asking."""
    openid = browser().identity.openid
    assert openid is not None, "a graduate comes in by WeChat"
    return [each.id for each in bindings.records_of(session, openid)]


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
        rights.withdraw(session, current_graduate(), records(session), now())
    browser().leave()
    return render_template("graduate/withdrawn.html")
