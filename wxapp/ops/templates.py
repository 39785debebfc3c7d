"""What each kind of message is sent with: found by a sync, or chosen here by hand."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from notifier.campaigns import template_pauses
from notifier.delivery import account_state
from notifier.ledger import kinds
from notifier.ledger.kinds import Kind
from notifier.ledger.tables import AccountTemplate
from notifier.wechat import templates
from notifier.wechat.errors import GatewayError
from notifier.wechat.templates import KindReport, keys_by_label
from registry.accounts import audit
from registry.base.errors import NotFound, RuleError
from wxapp.core.db import reading, writing
from wxapp.core.refusals import status_of
from wxapp.core.resources import now, resources, services
from wxapp.core.retry import only_once
from wxapp.ops.door import blueprint, note_on_account, words_of


@dataclass(frozen=True)
class Served:
    """A kind of message and the template that serves it, if one does."""

    kind: Kind
    report: KindReport
    template: AccountTemplate | None


@blueprint.get("/templates", endpoint="templates")
def show_templates() -> str:
    """Show how each kind is served."""
    return _page()


@blueprint.post("/templates/sync", endpoint="sync_templates")
@only_once
def sync() -> ResponseReturnValue:
    """Read the account's templates now; what WeChat says against it is shown."""
    try:
        with writing() as session:
            before = _served_by(session)
            report = template_pauses.sync(session, services().gateway, now())
            changed = _changes(before, _served_by(session))
            said = {"templates": report.templates, "changes": changed}
            note_on_account(session, "templates_sync", said)
    except GatewayError as error:
        return _page(words_of(error)), 502
    return redirect(url_for("ops.templates"), 303)


def _page(trouble: str = "") -> str:
    with reading() as session:
        account = account_state.read(session, resources().settings, now())
        found = templates.present(session)
        reports = templates.reports(session)
    by_kind = {each.kind: each for each in sorted(found, key=lambda each: each.overruled)}
    served = [Served(kinds.kinds()[each.kind], each, by_kind.get(each.kind)) for each in reports]
    return render_template(
        "ops/templates.html",
        served=served,
        synced_at=account.templates_synced_at,
        unused=[each for each in found if each.kind is None],
        trouble=trouble,
    )


@blueprint.get("/templates/<name>", endpoint="choose_template")
def show_choice(name: str) -> str:
    """Show the templates to choose from, and the keys of the one that is looked at."""
    return _choice(_kind(name), request.args.get("template", ""), {})


@blueprint.post("/templates/<name>", endpoint="overrule_template")
def choose(name: str) -> ResponseReturnValue:
    """Have a kind sent with this template, label by label; a wrong choice is said and kept."""
    kind = _kind(name)
    chosen = request.form.get("template", "")
    keys = {each.label: request.form.get(each.label, "") for each in kind.fields}
    try:
        with writing() as session:
            before = _serving(session, kind.name)
            template_pauses.overrule(session, chosen, kind.name, keys)
            changed = _changes(before, _serving(session, kind.name))
            said = {"kind": kind.name, "name": kind.title, "changes": changed}
            note_on_account(session, "template_overrule", said)
    except RuleError as refusal:
        return _choice(kind, chosen, keys, refusal), status_of(refusal)
    return redirect(url_for("ops.templates"), 303)


@blueprint.post("/templates/<name>/enter", endpoint="enter_template")
def enter(name: str) -> ResponseReturnValue:
    """Take a template that WeChat does not list; its fields are matched on the next page."""
    kind = _kind(name)
    given = {each: request.form.get(each, "").strip() for each in ("id", "content")}
    try:
        with writing() as session:
            templates.enter(session, given["id"], kind.title, given["content"], now())
            note_on_account(session, "template_enter", {"template": given["id"]})
    except RuleError as refusal:
        return _choice(kind, "", {}, refusal, given), status_of(refusal)
    chosen = url_for("ops.choose_template", name=kind.name, template=given["id"])
    return redirect(chosen, 303)


@blueprint.post("/templates/<name>/undo", endpoint="undo_overrule")
def undo(name: str) -> ResponseReturnValue:
    """Go back to the template that is found by title; a second press changes nothing."""
    kind = _kind(name)
    with writing() as session:
        for each in templates.overruled(session, kind.name):
            before = _serving(session, kind.name)
            template_pauses.overrule(session, each.template_id, None, {})
            changed = _changes(before, _serving(session, kind.name))
            said = {"kind": kind.name, "name": kind.title, "changes": changed}
            note_on_account(session, "template_overrule_undo", said)
    return redirect(url_for("ops.templates"), 303)


def _served_by(session: Session) -> dict[str, str]:
    """Return the template that each kind is sent with, by the kind's title."""
    serving = template_pauses.serving(session).items()
    return {kinds.kinds()[name].title: each.template_id for name, each in serving}


def _serving(session: Session, name: str) -> dict[str, str]:
    """Return the template that a kind is sent with, and its key for each label; {} for none."""
    found = template_pauses.serving(session).get(name)
    if found is None:
        return {}
    return {
        "模板": found.template_id,
        **{f"字段“{each}”": found.fields[each] for each in sorted(found.fields)},
    }


def _changes(before: Mapping[str, str], after: Mapping[str, str]) -> list[dict[str, Any]]:
    return audit.changes({each: each for each in {**before, **after}}, before, after)


def _kind(name: str) -> Kind:
    found = kinds.kinds().get(name)
    if found is None:
        raise NotFound("消息")
    return found


def _choice(
    kind: Kind,
    template_id: str,
    keys: Mapping[str, str],
    refusal: RuleError | None = None,
    entered: Mapping[str, str] | None = None,
) -> str:
    with reading() as session:
        found = templates.present(session)
    row = next((each for each in found if each.template_id == template_id), None)
    there = keys_by_label(row.content) if row else {}
    matched = dict(row.fields) if row and row.kind == kind.name else {}
    return render_template(
        "ops/template.html",
        kind=kind,
        templates=found,
        chosen=row,
        there=there,
        keys={**there, **matched, **keys},
        refusal=refusal,
        entered=entered or {},
    )
