"""Real-person authentication (实人认证) before she authorizes: by the face, or at the school."""

from flask import redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from registry.base.errors import RuleError
from registry.record import privacy_notice
from wxapp.core.db import reading
from wxapp.core.refusals import status_of
from wxapp.core.resources import services
from wxapp.core.retry import only_once
from wxapp.graduate import face_check
from wxapp.graduate.authorization_door import (
    asked,
    blueprint,
    give,
    is_proven,
    kept_choice,
    positions,
)
from wxapp.graduate.authorizing import show
from wxapp.graduate.face_check import FaceTask


@blueprint.get("/proof")
def proof() -> ResponseReturnValue:
    """Ask her to prove that it is she; lead back where she chose nothing that it is needed for."""
    if kept_choice() is None or not _may_authorize() or is_proven():
        return redirect(url_for("authorizing.page"), 303)
    return _proof_page()


@blueprint.post("/face")
@only_once
def begin_face() -> ResponseReturnValue:
    """Begin a face check, and lead to the provider's page."""
    if not _may_authorize():
        return redirect(url_for("authorizing.page"), 303)
    try:
        return face_check.begin(_task())
    except RuleError as refusal:
        return _proof_page(refusal)


@blueprint.get("/face/back/<secret>")
@only_once
def come_back(secret: str) -> ResponseReturnValue:
    """Ask the provider what became of the check; where it was passed, authorize what she chose."""
    try:
        face_check.end(_task(), secret)
    except RuleError as refusal:
        return _proof_page(refusal)
    choice = kept_choice()
    try:
        if choice is not None:
            give(choice)
    except RuleError as refusal:
        return show(refusal), status_of(refusal)
    return redirect(url_for("authorizing.page"), 303)


def _task() -> FaceTask:
    who, page = asked(), url_for("authorizing.page")
    return FaceTask(who.graduate, who.session_hash, who.at, "authorizing.come_back", page)


def _may_authorize() -> bool:
    with reading() as session:
        return any(each.may_be_authorized for each in positions(session).values())


def _proof_page(refusal: RuleError | None = None) -> ResponseReturnValue:
    """Show the two ways to prove that it is she; the face only where there is a provider."""
    graduate = asked().graduate
    with reading() as session:
        notice = privacy_notice.of_school(session, graduate.school)
    page = render_template(
        "graduate/authorize_prove.html",
        notice=notice,
        school=graduate.school,
        choice=kept_choice(),
        by_face=face_check.is_offered(graduate),
        face_offered=services().face.is_offered,
        refusal=refusal,
    )
    return page, status_of(refusal) if refusal else 200
