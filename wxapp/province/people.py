"""Graduates of the province found and looked at: each look is kept in the audit log."""

from collections.abc import Mapping
from enum import StrEnum
from typing import TypeVar

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from registry.base.errors import RuleError
from registry.codes import categories, identity
from registry.province import batch_entries, monitoring, people, returns
from registry.province.people import FILING_TITLES, Filing, ProvincePeople
from registry.record import fields, graduate_page
from registry.record.confirmation import states as confirmation
from registry.record.confirmation.states import ConfirmationState
from registry.record.field_values import said
from registry.record.fields import BLOCK_TITLES
from registry.record.graduate_filter import looks_like_identity
from registry.record.provenance import words_of
from registry.record.tables import ANSWER_TITLES
from wxapp.core import seeing
from wxapp.core.db import reading
from wxapp.core.lists import read_place
from wxapp.core.refusals import status_of
from wxapp.core.resources import resources
from wxapp.core.staff_context import staff_context
from wxapp.province.door import blueprint, province_context

FIELDS = ("q", "school", "state", "category", "filing", "elsewhere", "changed")
Choice = TypeVar("Choice", bound=StrEnum)


@blueprint.get("/people", endpoint="people")
def show_list() -> ResponseReturnValue:
    """Show the graduates the address asks for; nobody before anything is asked."""
    try:
        return _list(request.args)
    except RuleError as refusal:
        seeing.nobody()
        return _page({}, None, refusal), status_of(refusal)


def _list(given: Mapping[str, str]) -> str:
    asked = {name: given[name].strip() for name in FIELDS if given.get(name, "").strip()}
    if not asked:
        seeing.nobody()
        return _page({}, None)
    with reading() as session:
        found = people.page(session, _read(asked), read_place(given))
    seeing.people([each.id for each in found.rows])
    return _page(asked, found)


def _read(asked: Mapping[str, str]) -> ProvincePeople:
    return ProvincePeople(
        *(province_context().province, province_context().year),
        words=asked.get("q", ""),
        school=asked.get("school", ""),
        state=_one_of(ConfirmationState, asked.get("state", ""), "state"),
        category=asked.get("category", ""),
        filing=_one_of(Filing, asked.get("filing", ""), "filing"),
        elsewhere="elsewhere" in asked,
        changed="changed" in asked,
    )


def _one_of(choices: type[Choice], given: str, field: str) -> Choice | None:
    if given and given not in set(choices):
        raise RuleError("no_such_choice", "没有这个选项，请重新选择。", field)
    return choices(given) if given else None


def _page(asked: dict[str, str], page: object, refusal: RuleError | None = None) -> str:
    with reading() as session:
        schools = monitoring.school_choices(session, province_context().province)
    return render_template(
        "province/people.html",
        asked=dict.fromkeys(FIELDS, "") | asked,
        kept=asked,
        page=page,
        refusal=refusal,
        schools=schools,
        states=[(each.value, title) for each, title in confirmation.TITLES.items()],
        category_choices=[(code, categories.category_title(code)) for code in categories.GROUPS],
        filings=[(each.value, title) for each, title in FILING_TITLES.items()],
        state_titles=confirmation.TITLES,
        filing_titles=FILING_TITLES,
    )


@blueprint.post("/people", endpoint="search")
def search() -> ResponseReturnValue:
    """Find by words, or by identity number, which never comes into an address."""
    words = request.form.get("words", "").strip()
    if not looks_like_identity(words):
        return redirect(url_for("province.people", q=words or None), 303)
    indexes = identity.identity_indexes(resources().vault, identity.normalised(words))
    with reading() as session:
        found = people.by_identity(session, province_context().province, indexes)
    seeing.searched([each.id for each in found])
    return render_template(
        "province/people_found.html",
        rows=found,
        state_titles=confirmation.TITLES,
        filing_titles=FILING_TITLES,
    )


@blueprint.get("/schools/<school>/people/<key>", endpoint="person")
def show_person(key: str) -> str:
    """Show one graduate; no identity number, no phone, no number of a report."""
    with reading() as session:
        page = _person(session, key)
    seeing.person(key)
    return page


def _person(session: Session, key: str) -> str:
    record = graduate_page.detail(session, staff_context().scope, key)
    return render_template(
        "province/person.html",
        record=record,
        graduate=record.graduate,
        school_name=staff_context().school_name,
        entries=batch_entries.of_graduate(session, record.graduate),
        returned=returns.of_graduate(session, record.graduate),
        said=said,
        field_title=fields.title,
        block_titles=BLOCK_TITLES,
        answer_titles=ANSWER_TITLES,
        state_titles=confirmation.TITLES,
        source_words=words_of,
    )
