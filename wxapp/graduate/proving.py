"""Real-person authentication (实人认证) before she authorizes: by the face, or at the school."""

from flask import redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from registry.base.errors import RuleError
from registry.numbers.shape import Kind
from registry.record import privacy_notice
from wxapp.core.db import reading
from wxapp.core.refusals import status_of
from wxapp.core.resources import services
from wxapp.core.retry import only_once
from wxapp.graduate import face_check
from wxapp.graduate.authorization_door import Position, asked, blueprint, kind_of, positions
from wxapp.graduate.face_check import FaceTask


@blueprint.post("/<kind>/face")
@only_once
def begin_face(kind: str) -> ResponseReturnValue:
    """Begin a face check, and lead to the provider's page."""
    which = kind_of(kind)
    try:
        position = position_of(which)
        if position.in_force or position.closed:
            return redirect(url_for("authorizing.page"), 303)
        return face_check.begin(_task(which))
    except RuleError as refusal:
        return proof_page(position_of(which), refusal)


@blueprint.get("/<kind>/face/back")
@only_once
def come_back(kind: str) -> ResponseReturnValue:
    """Ask the provider what became of the check, and keep it."""
    which = kind_of(kind)
    try:
        face_check.end(_task(which))
    except RuleError as refusal:
        return proof_page(position_of(which), refusal)
    return redirect(url_for("authorizing.choose", kind=which), 303)


def _task(kind: Kind) -> FaceTask:
    who, back = asked(), url_for("authorizing.come_back", kind=kind)
    return FaceTask(who.graduate, who.session_hash, who.at, back, url_for("authorizing.page"))


def proof_page(position: Position, refusal: RuleError | None = None) -> ResponseReturnValue:
    """Show the two ways to prove that it is she; the face only where there is a provider."""
    graduate = asked().graduate
    with reading() as session:
        notice = privacy_notice.of_school(session, graduate.school)
    page = render_template(
        "graduate/authorize_prove.html",
        notice=notice,
        position=position,
        by_face=face_check.is_offered(graduate),
        face_offered=services().face.is_offered,
        refusal=refusal,
    )
    return page, status_of(refusal) if refusal else 200


def position_of(kind: Kind) -> Position:
    """Return where she stands with one kind."""
    with reading() as session:
        return positions(session)[kind]
