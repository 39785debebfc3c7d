"""Evidence (佐证材料): uploaded kind by kind, looked at, replaced, taken off the draft."""

from dataclasses import dataclass

from flask import Blueprint, redirect, render_template, request, url_for
from flask.blueprints import BlueprintSetupState
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import FileStorage, MultiDict

from notifier.providers import virus_scan
from registry.base.errors import NotFound, RuleError
from registry.base.retention import Kept, in_words
from registry.record import requirements
from registry.record.requirements import EVIDENCE_TITLES, EvidenceKind
from registry.review import evidence, evidence_types, kept_evidence, thumbnails
from registry.review.evidence import MOST_FILES, EvidenceUpload
from registry.review.tables import Evidence
from wxapp.core import downloads, uploads
from wxapp.core.db import reading, writing
from wxapp.core.refusals import status_of
from wxapp.core.resources import resources
from wxapp.core.who import current_graduate
from wxapp.graduate.register_door import FormState, form_state, words, writer
from wxapp.graduate.register_form import Step

blueprint = Blueprint("evidence", __name__, url_prefix="/g/evidence")

blueprint.context_processor(words)

FORM_BYTES = 64 * 1024
MOST_AT_ONCE = 3
"""Documents of full size that one form may bring; scripts send them one by one."""
FILE = "file"
INSTEAD = "instead"
"""The field that names the document another takes the place of; without it, all of its kind."""
ADD, REPLACE, NEXT, LATER = "add", "replace", "next", "later"
PICTURES = frozenset({"image/jpeg", "image/png"})


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
    """Keep every document that was chosen, whichever button was pressed; sent twice it is one."""
    about, gone = "", list[str]()
    try:
        chosen = _chosen()
        button, pressed = _pressed()
        about = pressed
        _refuse_none(chosen, about)
        for name, file in chosen.items(multi=True):
            kind = _kind_of(name)
            about = kind.value
            first = button == REPLACE and about == pressed and not gone
            gone += _keep(_incoming(kind, file), replacing=first)
    except RuleError as refusal:
        return _refused(refusal, about)
    if button == NEXT:
        return redirect(url_for("registering.review"), 303)
    if button == LATER:
        return redirect(url_for("record.home"), 303)
    return _back(gone, about)


@blueprint.post("/<key>/remove")
def remove(key: str) -> ResponseReturnValue:
    """Take a document off the draft, to be put back if that was a slip."""
    with writing() as session:
        evidence.remove(session, writer(), key)
    return _back([key])


@blueprint.post("/<key>/restore")
def restore(key: str) -> ResponseReturnValue:
    """Put back what was taken off; what lies there already stays."""
    try:
        with writing() as session:
            kind = evidence.restore(session, writer(), key).kind
    except RuleError as refusal:
        return _refused(refusal, "")
    return _back([], kind)


def _back(gone: list[str], about: str = "") -> ResponseReturnValue:
    check = "1" if "check" in request.args else None
    address = url_for("evidence.page", removed=gone or None, check=check)
    return redirect(f"{address}#{about}" if about else address, 303)


@blueprint.get("/<key>")
def document(key: str) -> ResponseReturnValue:
    """Show a document of hers."""
    with reading() as session:
        found = evidence.of_graduate(session, resources().vault, current_graduate(), key)
    return downloads.shown(found.content, found.media_type, found.name)


@blueprint.get("/<key>/small")
def thumbnail(key: str) -> ResponseReturnValue:
    """Show a small picture of a document of hers; 404 where there is none of it."""
    with reading() as session:
        found = evidence.of_graduate(session, resources().vault, current_graduate(), key)
    small = thumbnails.thumbnail(found.content) if found.media_type in PICTURES else None
    if small is None:
        raise NotFound("图片")
    return downloads.shown(small, thumbnails.MEDIA_TYPE, found.name)


def _chosen() -> MultiDict[str, FileStorage]:
    most = MOST_AT_ONCE * evidence_types.MOST_BYTES + FORM_BYTES
    return uploads.all_uploaded(most, evidence_types.refusal("file_too_large"))


def _pressed() -> tuple[str, str]:
    """Return which button was pressed, and of which kind it is; "" for those of the page."""
    button, _, kind = request.form.get("go", NEXT).partition("-")
    return button, kind if button in {ADD, REPLACE} else ""


def _refuse_none(chosen: MultiDict[str, FileStorage], kind: str) -> None:
    if kind and not chosen.getlist(f"{FILE}-{kind}"):
        raise RuleError("file_missing", "请先选择文件或拍照，再点上传。", FILE)


def _kind_of(field: str) -> EvidenceKind:
    kind = field.removeprefix(f"{FILE}-")
    if kind not in frozenset(EvidenceKind):
        raise RuleError("kind_unknown", "请在对应的材料下面上传文件。", FILE)
    return EvidenceKind(kind)


def _keep(incoming: EvidenceUpload, *, replacing: bool) -> list[str]:
    """Keep a document; where it replaces others (更换), return the keys of what was taken off."""
    vault, named = resources().vault, request.form.getlist(INSTEAD)
    with writing() as session:
        if replacing:
            return evidence.replace(session, vault, writer(), incoming, named)
        evidence.add(session, vault, writer(), incoming)
    return []


def _incoming(kind: EvidenceKind, file: FileStorage) -> EvidenceUpload:
    """Return a document that was opened and looked at; raise RuleError for what is none."""
    document = evidence_types.checked(file.stream.read())
    virus_scan.refuse_infected(resources().settings.clamd, document.content)
    return EvidenceUpload(kind, file.filename or "", document)


def _refused(refusal: RuleError, about: str) -> ResponseReturnValue:
    found = form_state()
    if found.situation.draft is None:
        raise refusal
    return _show(found, refusal, about), status_of(refusal)


def _show(found: FormState, refusal: RuleError | None = None, about: str = "") -> str:
    with reading() as session:
        draft = found.situation.draft
        keys = request.args.getlist("removed")[:MOST_FILES]
        gone = evidence.removed(session, draft.id, keys) if draft else []
    return render_template(
        "graduate/register_evidence.html",
        gone=gone,
        pictures=PICTURES,
        mending="1" if "check" in request.args else None,
        form_state=found,
        kinds=_kinds(found),
        alternatives=requirements.evidence(found.category),
        in_words=requirements.in_words,
        refusal=refusal,
        about=about,
        most=MOST_FILES,
        kept=in_words(resources().settings.keep.months[Kept.EVIDENCE]),
        step=Step.EVIDENCE,
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
