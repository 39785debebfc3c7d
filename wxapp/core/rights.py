"""What a member of staff may not do, by endpoint: the one place where rights are narrowed.

A role opens a door; here stands what less than that is: a counsellor's pages, whoever may only
look (只读), whoever takes no lists along (不可导出). What is not named is refused to those, so that
a page added later is closed to them until it is named. Pages hide by `may` what would be refused.
"""

import html
import re
from functools import lru_cache
from urllib.parse import urlsplit

from flask import Flask, Response, current_app, request
from werkzeug.routing import Map

from registry.accounts.tables import Role, Staff
from registry.base.errors import RuleError
from wxapp.core.browser_session import browser
from wxapp.core.who import WrongRole, signed_in_staff

STAFF_DOORS = frozenset(
    {
        *("account", "school", "province", "employer", "ops", "offices", "colleague"),
        *("second_step", "ministry"),
    }
)
"""The doors (blueprints) that let staff in."""

OWN_ACCOUNT = frozenset(
    {
        *("account.change_password", "account.end_session", "account.end_other_sessions"),
        *("account.unlink_wechat", "colleague.link", "colleague.unlink", "account.see_notices"),
        *("account.forget_device", "account.take_proof"),
        *("second_step.take", "second_step.confirm"),
        *("account.set_up_phone", "account.make_codes", "account.turn_off"),
        "school.choose_columns",
    }
)
"""What everybody may send about their own account and how they look at lists."""

LOOKS = frozenset(
    {
        *("school.search", "school.reveal", "school.preview_campaign", "school.preview_for_one"),
        *("school.acknowledge_alarms", "school.find_in_audit_log", "province.find_in_audit_log"),
        *("school.read_numbers", "province.preview_reminder", "offices.look_up"),
        *("school.choose", "province.search"),
    }
)
"""What is sent by POST, so that it stands in no address, and changes nothing but the log."""

EXPORTS = frozenset(
    {
        *("school.export", "school.left_out_list", "school.transfer_report", "school.fetch_file"),
        "school.export_agreements",
        *("school.unreachable_of_form", "school.unreachable_of_campaign"),
        *("school.results_of_campaign", "school.download_people", "school.refused_rows"),
        *("school.courier_result",),
        *("school.download_blocking", "school.export_audit_log", "province.export_audit_log"),
        *("ops.export_audit_log", "employer.sheet_result", "employer.export_invitations"),
        "employer.fetch_export",
        *("school.fetch_audit_export", "province.fetch_audit_export", "ops.fetch_audit_export"),
        *("school.agreement_paper", "province.agreement_paper", "employer.agreement_paper"),
        "school.paper_of_agreement",
        *("province.make_export", "province.fetch_export"),
        *("province.fetch_forwarding", "ministry.fetch_forwarding"),
    }
)
"""What leads to a file with people in it: lists, workbooks, slips, reports."""

WITHOUT_PEOPLE = frozenset(
    {
        *("school.import_template", "account.staff_template", "employer.sheet_template"),
        *("school.statistics_report", "school.statistics_workbook", "school.fetch_statistics"),
        *("school.courier_template", "school.print_posters"),
        *("province.statistics_workbook", "province.fetch_statistics"),
    }
)
"""Files that everybody may have: nobody stands in them."""

COUNSELLOR_PAGES = frozenset(
    {
        *("school.home", "school.graduates", "school.graduate", "school.confirmations"),
        *("school.search", "school.not_found_by_identity", "school.export"),
        *("school.campaigns", "school.campaign", "school.new_campaign", "school.create_campaign"),
        *("school.preview_campaign", "school.read_numbers", "school.preview_for_one"),
        *("school.probe_campaign", "school.move_campaign", "school.results_of_campaign"),
        *("school.unreachable_of_form", "school.unreachable_of_campaign"),
        *("school.tasks", "school.task", "school.fetch_file"),
        *("school.statistics", "school.destinations", "school.season_days", "school.coverage"),
        *("school.statistics_report", "school.statistics_workbook", "school.fetch_statistics"),
        *("school.choose", "school.choices", "school.choose_columns"),
        *("school.save_view", "school.change_view"),
        *("school.save_audience", "school.remove_audience"),
        *("school.bindings", "school.make_posters", "school.print_posters", "school.calendar"),
    }
)
"""What a counsellor sees and does at the school's door: her people and reminders to them."""

OF_MANAGERS = frozenset(
    {
        *("employer.send_code", "employer.prove_phone", "employer.hand_in"),
        *("employer.ask_at_schools", "employer.object_to_takeover"),
    }
)
"""What at the employer's door the managers of its accounts and papers send; all else is signing."""

OF_SIGNERS = frozenset(
    {
        *("employer.new_invitation", "employer.ask_for_termination", "employer.amend"),
        "employer.supplement",
    }
)
"""Pages at that door that are there for what only signers send."""

READ_ONLY = RuleError("read_only", "您的账号是只读的，不能办理或修改。需要办理请联系管理员。")
NO_EXPORT = RuleError("no_export", "您的账号不能导出名单和文件。需要导出请联系管理员。")
NO_SIGNING = RuleError("no_signing", "您的账号没有签约权限。需要办理请联系本单位管理员。")
NO_MANAGING = RuleError("no_managing", "单位资质和账号由本单位管理员办理。")


def may(endpoint: str) -> bool:
    """Say whether who is asking may use an endpoint, as far as it depends on rights."""
    staff = signed_in_staff()
    return staff is None or _refusal(staff, endpoint, sends=_sends(endpoint)) is None


def reads_only() -> bool:
    """Say whether who is asking may only look."""
    staff = signed_in_staff()
    return staff is not None and (staff.read_only or not (staff.manages or staff.may_sign))


def _sends(endpoint: str) -> bool:
    """Say whether an endpoint is one that something is sent to."""
    return endpoint in _endpoints_sent_to(current_app.url_map)


@lru_cache(maxsize=1)
def _endpoints_sent_to(addresses: Map) -> frozenset[str]:
    """Return the endpoints of an application's addresses that take a POST."""
    rules = addresses.iter_rules()
    return frozenset(str(rule.endpoint) for rule in rules if "POST" in (rule.methods or ()))


def _refusal(staff: Staff, endpoint: str, *, sends: bool) -> Exception | None:
    door = endpoint.partition(".")[0]
    if door not in STAFF_DOORS:
        return None
    if staff.role == Role.COUNSELLOR and door == "school" and endpoint not in COUNSELLOR_PAGES:
        return WrongRole()
    if endpoint in EXPORTS:
        return None if staff.may_export else NO_EXPORT
    if sends and staff.read_only and endpoint not in OWN_ACCOUNT | LOOKS | WITHOUT_PEOPLE:
        return READ_ONLY
    in_its_name = door == "employer" and (sends or endpoint in OF_SIGNERS)
    return _of_employer(staff, endpoint) if in_its_name else None


def _of_employer(staff: Staff, endpoint: str) -> RuleError | None:
    """Return why somebody of an employer does not send this in its name; who only looks, nothing.

    What is named nowhere is signing, so that a page added later is closed to readers.
    """
    if endpoint in OF_MANAGERS:
        return None if staff.manages else NO_MANAGING
    return None if staff.may_sign else NO_SIGNING


def _check() -> None:
    endpoint = request.endpoint or ""
    if endpoint.partition(".")[0] not in STAFF_DOORS or browser().identity.staff_id is None:
        return
    staff = signed_in_staff()
    if staff and (refused := _refusal(staff, endpoint, sends=request.method == "POST")):
        raise refused


def _watch(response: Response) -> Response:
    """Let no file leave a staff door that nobody has said who may have it; mark forms of pages."""
    endpoint = request.endpoint or ""
    if endpoint.partition(".")[0] not in STAFF_DOORS:
        return response
    given = response.headers.get("Content-Disposition", "").startswith("attachment")
    if given and endpoint not in EXPORTS | WITHOUT_PEOPLE:
        raise RuntimeError(f"nobody has said who may have the file of {endpoint}")
    if response.mimetype == "text/html" and _is_limited(signed_in_staff()):
        response.set_data(_FORM.sub(_marked, response.get_data(as_text=True)))
    return response


def _is_limited(staff: Staff | None) -> bool:
    return staff is not None and not (
        staff.may_export and staff.manages and staff.may_sign and not staff.read_only
    )


_FORM = re.compile(r"<form\b[^>]*>")
_ACTION = re.compile(r'\baction="([^"]*)"')


def _marked(form: re.Match[str]) -> str:
    """Return a form's tag, marked where it would be refused: the style sheet hides its buttons."""
    action = _ACTION.search(form[0])
    if action is None or 'method="post"' not in form[0]:
        return form[0]
    path = urlsplit(html.unescape(action[1])).path
    endpoint = current_app.url_map.bind("").match(path, method="POST")[0]
    return form[0] if may(str(endpoint)) else f"{form[0][:-1]} data-refused>"


def hold_rights_on(app: Flask) -> None:
    """Ask every request, and let templates ask."""
    app.before_request(_check)
    app.after_request(_watch)
    app.jinja_env.globals.update(may=may, reads_only=reads_only)
