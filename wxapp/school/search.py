"""The search at the top of every page of a school."""

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from registry.base.paging import Place
from registry.codes import identity
from registry.record import graduates, phone_tails
from registry.record.graduate_filter import looks_like_identity
from registry.record.graduates import RecordOfPerson
from wxapp.core import seeing
from wxapp.core.db import reading
from wxapp.core.limits import PHONE_TAILS, limiter, person
from wxapp.core.resources import resources
from wxapp.school.door import blueprint, staff_context
from wxapp.school.filters import read_filter


@blueprint.post("/search")
def search() -> ResponseReturnValue:
    """Find by name, number, unit, identity number, phone or its last four digits.

    No digit of an identity number or a phone is in an address. One record is shown at once; of a
    person with several, or of a phone, all are named.
    """
    words = request.form.get("words", "").strip()
    number, phone = identity.normalised(words), identity.normalised_phone(words)
    if looks_like_identity(words):
        return _found(_by_identity(number))
    if identity.is_phone_tail(number):
        return _by_four_digits(number)
    if not identity.is_mobile(phone):
        return redirect(_found_by(words), 303)
    if found := _by_phone(phone):
        return _found(found)
    # Some schools' student numbers look like a phone.
    return redirect(_found_by(number, url_for("school.not_found_by_identity")), 303)


def _by_identity(number: str) -> list[RecordOfPerson]:
    indexes = identity.identity_indexes(resources().vault, number)
    with reading() as session:
        found = graduates.find_by_identity(session, staff_context().scope, indexes)
        seeing.searched(graduates.numbered(session, (each.key for each in found)))
    return found


def _by_phone(phone: str) -> list[RecordOfPerson]:
    indexes = identity.phone_indexes(resources().vault, phone)
    with reading() as session:
        found = graduates.find_by_phone(session, staff_context().scope, indexes)
        those = graduates.numbered(session, (each.key for each in found))
        seeing.searched(those, "searched_phone")
    return found


@limiter.limit(PHONE_TAILS, key_func=person)
def _by_four_digits(digits: str) -> ResponseReturnValue:
    """Answer with those whose phone ends so, and those of the year whom the digits name.

    One record is opened only where nobody else can be meant.
    """
    scope, wanted = staff_context().scope, read_filter({"q": digits}, staff_context().year)
    with reading() as session:
        found = phone_tails.find(session, resources().vault, scope, digits)
        page = graduates.page(session, scope, wanted, Place())
        named = [each.id for each in page.rows]
        seeing.searched(sorted({*found.ids, *named}), "searched_phone_tail")
        by_phone, by_words = (graduates.records(session, scope, ids) for ids in (found.ids, named))
    keys = {each.key for each in (*by_phone, *by_words)}
    if len(keys) == 1 and not found.is_cut:
        return redirect(url_for("school.graduate", key=keys.pop()), 303)
    return render_template(
        "school/found_by_digits.html",
        digits=digits,
        found=found,
        by_phone=by_phone,
        by_words=by_words,
        has_more_words=page.next is not None,
        most_opened=phone_tails.MOST_OPENED,
    )


def _found(found: list[RecordOfPerson]) -> ResponseReturnValue:
    if not found:
        return redirect(url_for("school.not_found_by_identity"), 303)
    if len(found) > 1:
        return render_template("school/records_of_person.html", records=found)
    return redirect(url_for("school.graduate", key=found[0].key), 303)


def _found_by(words: str, otherwise: str = "") -> str:
    """Return the address of the one graduate of the year whom words name, or of the list.

    `otherwise` is that for nobody, where the words must not be in it.
    """
    address = url_for("school.graduates", q=words or None)
    if not words:
        return address
    wanted = read_filter({"q": words}, staff_context().year)
    with reading() as session:
        rows = graduates.page(session, staff_context().scope, wanted, Place()).rows
    if len(rows) == 1:
        return url_for("school.graduate", key=rows[0].key)
    return address if rows else otherwise or address


@blueprint.get("/search/nobody")
def not_found_by_identity() -> str:
    """Say that nobody in the scope has this identity number or phone."""
    return render_template("school/nobody.html")
