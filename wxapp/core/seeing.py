"""What staff's looking leaves in the audit log, by endpoint: the one place that says so.

A view says whom it shows (`person`, `people`); one row is then written before the page leaves, so
that what cannot be kept in the log is not shown. A page that names somebody and has not said so is
an error of the program, as is a page that stands in neither table. Refused accesses are kept too.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from flask import Flask, Response, g, request

from notifier.campaigns.previews import Preview
from registry.accounts import audit
from registry.accounts.audit import AuditRecord
from registry.accounts.audit_log import pages
from registry.base.crypto import Vault
from wxapp.core.browser_session import browser
from wxapp.core.db import writing
from wxapp.core.resources import now, resources
from wxapp.core.rights import STAFF_DOORS
from wxapp.core.who import signed_in_staff

SHOWS_PEOPLE = pages.SHOWS_PEOPLE
"""Pages on which graduates are named, which the log has titles for: their views say which."""

LOGGED_BY_THE_RULE = frozenset(
    {
        *("school.evidence", "province.evidence"),
        *("school.breach_file", "province.breach_file", "ops.breach_file"),
        *("school.termination_document", "employer.termination_document"),
    }
)
"""What the rules keep by themselves: `registry.review.evidence`, `registry.breaches.handling`,
`registry.signing.termination_documents`."""

SHOWS_NOBODY = frozenset(
    {
        *("account.own", "account.factor", "account.charges", "account.member", "account.members"),
        *("account.new_member", "account.staff_table", "account.staff_template"),
        *("account.factor_resets", "account.prove", "second_step.ask", "second_step.set_up"),
        *("colleague.page", "offices.page"),
        *("employer.new_invitation", "employer.region_choices"),
        *("employer.sheets", "employer.sheet_template", "employer.export"),
        *("employer.papers", "employer.papers_file"),
        *("school.papers", "school.papers_of_employer", "school.papers_file"),
        *("school.patterns", "school.pattern", "school.takeover", "school.takeover_letter"),
        *("province.papers", "province.papers_of_employer", "province.papers_file"),
        *("province.patterns", "province.pattern", "province.employers", "province.employer"),
        *("ops.patterns", "ops.pattern", "ops.employers", "ops.employer"),
        *("province.listing_evidence", "ops.listing_evidence"),
        *("school.campus", "school.try_campus"),
        *("school.employer", "school.employer_account", "school.employers", "school.new_employer"),
        *(
            "ops.account",
            "ops.month",
            "ops.campaigns",
            "ops.choose_template",
            "ops.first_account",
            "ops.menu",
        ),
        *("ops.merge", "ops.province_account", "ops.provinces", "ops.school", "ops.school_merge"),
        "ops.new_school",
        *("ops.replies", "ops.schools", "ops.templates"),
        *("school.audit_export", "province.audit_export", "ops.audit_export"),
        *("province.first_account", "province.home", "province.rates", "province.reminders"),
        *("province.review_reasons", "province.schools", "province.waiting"),
        *("province.new_reminder", "province.reminder", "school.confirmations"),
        *("province.flags", "province.flag", "province.destinations", "province.figures"),
        *("ministry.home", "ministry.rates", "ministry.province", "ministry.syncs"),
        *("ministry.forwardings", "ministry.forwarding"),
        *("province.batches", "province.syncs", "province.sync", "school.sync"),
        *("province.exports", "province.export", "province.forwardings"),
        *("school.statistics", "school.destinations", "school.season_days", "school.coverage"),
        "school.statistics_report",
        *("school.bindings", "school.print_posters", "school.calendar"),
        *("school.breaches", "province.breaches", "ops.breaches"),
        *("school.campaigns", "school.department", "school.departments", "school.home"),
        *("school.import_template", "school.imports", "school.new_person"),
        *("school.not_found_by_identity", "school.region_choices", "school.reporting"),
        *("school.privacy", "school.review_reasons", "school.settings"),
        *("school.task", "school.tasks", "school.receivers"),
        *("school.courier_lists", "school.courier_template", "school.sender"),
        *("school.assign_many", "school.choices"),
        "province.choices",
    }
)
"""Pages of numbers, settings and accounts: no graduate is named on them."""

CODES = re.compile(
    r"year|state|posting|department|level|major|class|source|category|stage|purpose|kind|what|page"
    r"|sex|origin|counsellor|nature|industry|region|post|wechat|evidence|flag|chosen|sort"
    r"|tab|after|before|type|actor|person|from|to|school|filing|elsewhere|place|of|changed"
    r"|saved|poster|\w+_(from|to|on|by)"
)
"""Fields of an address whose values name nobody; of others a blind index is kept."""
WORDS = "audit words"
"""The purpose of that index."""
_KEY = re.compile(r"[\w-]{1,64}")
REFUSED = (403, 404)


def person(key: str, action: str = "seen_graduate", school_id: int | None = None) -> None:
    """Say that the page shows one graduate; of a school where it is not one's own."""
    g.seen = (action, f"{audit.GRADUATE}{key}", None, {}, school_id)


def people(
    ids: Sequence[int], said: Mapping[str, object] | None = None, school_id: int | None = None
) -> None:
    """Say that the page is a list, and whom it names; of a school where it is not one's own.

    Of people who are not on record yet `said` has the number, as `rows`.
    """
    details = {"rows": len(ids), **(said or {}), **_filter()}
    g.seen = ("seen_list", f"page:{request.endpoint}", list(ids), details, school_id)


def breach(key: str, ids: Sequence[int]) -> None:
    """Say that the page shows a report, and who reported where the page says it.

    Of no school, so that the school that it is about does not read of it in its own log.
    """
    g.seen = ("seen_breach", f"breach:{key}", list(ids) or None, {}, None)


def card(shown: Preview | None) -> None:
    """Say whose message the page shows as an example, if anybody's."""
    if shown is None:
        nobody()
    else:
        people([shown.graduate_id])


def audit_log(key: str | None) -> None:
    """Say that the audit log was read, of one graduate where a key is given."""
    about = f"{audit.GRADUATE}{key}" if key else "audit"
    g.seen = ("seen_audit", about, None, _filter(), None)


def searched(ids: Sequence[int], action: str = "searched_identity") -> None:
    """Say that somebody was looked for by identity number or by phone, and who was found."""
    details = {"rows": len(ids)}
    g.seen = (action, f"page:{request.endpoint}", list(ids), details, None)


def nobody() -> None:
    """Say that a page that may name somebody does not now."""
    g.seen = None


def _filter() -> dict[str, Mapping[str, str]]:
    """Return what the address asks for; what was typed only as an index that equal words share."""
    given = {name: value for name, value in request.args.items() if value}
    vault = resources().vault
    return {"filter": {n: v if CODES.fullmatch(n) else _hidden(vault, v) for n, v in given.items()}}


def _hidden(vault: Vault, words: str) -> str:
    return f"#{vault.index(WORDS, words.strip())[:16]}"


def _record(status: int) -> AuditRecord | None:
    """Return what is kept of the request; None for nothing."""
    endpoint, staff = request.endpoint or "", signed_in_staff()
    if staff is None:
        return None
    if status in REFUSED:
        asked = [str(each) for each in (request.view_args or {}).values()]
        named = [each if _KEY.fullmatch(each) else "" for each in asked]
        said = {"status": status, "method": request.method, "asked": named}
        return audit.by_staff(staff, "refused", f"page:{endpoint}"[:80], said)
    if status >= 500 or not g.get("seen"):
        return None
    action, subject, ids, details, school_id = g.seen
    record = audit.by_staff(staff, action, subject, details, ids)
    return replace(record, school_id=school_id or _school_id() or record.school_id)


def _school_id() -> int | None:
    context = g.get("staff_context")
    return context.scope.school_id if context else None


def _keep(response: Response) -> Response:
    endpoint = request.endpoint or ""
    if endpoint.partition(".")[0] not in STAFF_DOORS or browser().identity.staff_id is None:
        return response
    _demand(endpoint, response.status_code)
    if record := _record(response.status_code):
        with writing() as session:
            audit.note(session, record, now())
    return response


def _demand(endpoint: str, status: int) -> None:
    """Raise for a page that has not said whom it names."""
    whole_page = request.method == "GET" and status == 200 and "HX-Request" not in request.headers
    if whole_page and endpoint in SHOWS_PEOPLE and "seen" not in g:
        raise RuntimeError(f"{endpoint} has not said whom it shows")


def keep_sights_on(app: Flask) -> None:
    """Keep in the log what staff of every door look at."""
    app.after_request(_keep)
