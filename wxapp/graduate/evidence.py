"""Evidence (佐证材料): uploaded kind by kind, looked at, replaced, taken off the draft."""

from dataclasses import dataclass

from flask import Blueprint, redirect, render_template, request, url_for
from flask.blueprints import BlueprintSetupState
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import FileStorage

from notifier.providers import virus_scan
from registry.base.errors import RuleError
from registry.base.retention import Kept, in_words
from registry.record import requirements
from registry.record.requirements import EVIDENCE_TITLES, EvidenceKind
from registry.review import evidence, evidence_types, kept_evidence
from registry.review.evidence import MOST_FILES, EvidenceUpload
from registry.review.tables import Evidence
from wxapp.core import downloads, uploads
from wxapp.core.db import reading, writing
from wxapp.core.refusals import status_of
from wxapp.core.resources import resources
from wxapp.core.who import current_graduate
from wxapp.graduate import register_form
from wxapp.graduate.register_door import FormState, form_state, words, writer
from wxapp.graduate.register_form import Step

blueprint = Blueprint("evidence", __name__, url_prefix="/g/evidence")

blueprint.context_processor(words)

FORM_BYTES = 64 * 1024
FILE = "file"
REPLACE = "replace"


@dataclass(frozen=True)
class Kind:
    """A kind of evidence the category asks for, and what lies there."""

    kind: EvidenceKind
    title: str
    documents: list[Evidence]
    carried: frozenset[int]
    """Those that lay with the registration in force already, by id."""


@blueprint.record
def _check_csrf_later(state: BlueprintSetupState) -> None:
    """Leave the token's check to `uploaded`: it reads the body, which has to be allowed first."""
    uploads.csrf_of(state.app.extensions).exempt(f"{__name__}.{upload.__name__}")


@blueprint.before_request
def _let_in() -> None:
    current_graduate()


@blueprint.get("")
def page() -> ResponseReturnValue:
    """Show what is asked for and what lies there."""
    found = form_state()
    if found.situation.draft is None:
        return redirect(url_for("registering.page"), 303)
    return _show(found)


@blueprint.post("")
def upload() -> ResponseReturnValue:
    """Keep a document with the draft; sent twice it is kept once.

    The kind is in the address: a body that is too large is never read.
    """
    try:
        file = uploads.uploaded(
            FILE,
            evidence_types.MOST_BYTES + FORM_BYTES,
            evidence_types.refusal("file_too_large"),
        )
        incoming = _incoming(file)
        _keep(incoming, replacing=request.form.get("go") == REPLACE)
    except RuleError as refusal:
        return _refused(refusal)
    return redirect(url_for("evidence.page") + f"#{incoming.kind}", 303)


@blueprint.post("/<key>/remove")
def remove(key: str) -> ResponseReturnValue:
    """Take a document off the draft; one that is off already stays off."""
    with writing() as session:
        evidence.remove(session, writer(), key)
    return redirect(url_for("evidence.page"), 303)


@blueprint.get("/<key>")
def document(key: str) -> ResponseReturnValue:
    """Show a document of hers."""
    with reading() as session:
        found = evidence.of_graduate(session, resources().vault, current_graduate(), key)
    return downloads.shown(found.content, found.media_type, found.name)


def _keep(incoming: EvidenceUpload, *, replacing: bool) -> None:
    who, vault = writer(), resources().vault
    with writing() as session:
        kept = evidence.add(session, vault, who, incoming)
        if replacing:
            for each in evidence.listed(session, kept.application_id):
                if each.kind == incoming.kind and each.id != kept.id:
                    evidence.remove(session, who, each.key)


def _incoming(file: FileStorage | None) -> EvidenceUpload:
    """Return the document of a kind that came in; raise RuleError where either is missing."""
    kind = request.args.get("kind", "")
    if kind not in frozenset(EvidenceKind):
        raise RuleError("kind_unknown", "请在对应的材料下面上传文件。", FILE)
    if file is None:
        raise RuleError("file_missing", "请先选择文件或拍照，再点上传。", FILE)
    document = evidence_types.checked(file.stream.read())
    virus_scan.refuse_infected(resources().settings.clamd, document.content)
    return EvidenceUpload(EvidenceKind(kind), file.filename or "", document)


def _refused(refusal: RuleError) -> ResponseReturnValue:
    found = form_state()
    if found.situation.draft is None:
        raise refusal
    return _show(found, refusal, request.args.get("kind", "")), status_of(refusal)


def _show(found: FormState, refusal: RuleError | None = None, about: str = "") -> str:
    return render_template(
        "graduate/register_evidence.html",
        form_state=found,
        kinds=_kinds(found),
        alternatives=requirements.evidence(found.category),
        in_words=requirements.in_words,
        refusal=refusal,
        about=about,
        most=MOST_FILES,
        kept=in_words(resources().settings.keep.months[Kept.EVIDENCE]),
        step=Step.EVIDENCE,
        steps=register_form.steps_of(found.category),
        problems=found.of(Step.EVIDENCE) if "check" in request.args else [],
    )


def _kinds(found: FormState) -> list[Kind]:
    """Return what the category asks for, and what lies there of other kinds."""
    draft = found.situation.draft
    assert draft is not None, "the page is shown for a draft"
    with reading() as session:
        held = evidence.listed(session, draft.id)
        carried = kept_evidence.carried(session, held)
    asked = [kind for one in requirements.evidence(found.category) for kind in one]
    wanted = dict.fromkeys([*asked, *(EvidenceKind(each.kind) for each in held)])
    return [
        Kind(kind, EVIDENCE_TITLES[kind], [each for each in held if each.kind == kind], carried)
        for kind in wanted
    ]
