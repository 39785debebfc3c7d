"""The face as the second proof before she accepts an invitation, where it is set up."""

from flask import redirect, url_for
from flask.typing import ResponseReturnValue

from registry.base.errors import RuleError
from wxapp.core.browser_session import browser
from wxapp.core.resources import now
from wxapp.core.retry import only_once
from wxapp.core.who import current_graduate
from wxapp.graduate import face_check
from wxapp.graduate.face_check import FaceTask
from wxapp.graduate.signing import ask, blueprint, is_open, name_of


@blueprint.post("/<key>/face")
@only_once
def begin_face(key: str) -> ResponseReturnValue:
    """Begin a face check for the one invitation, and lead to the provider's page."""
    if not is_open(key):
        return redirect(url_for("signing.invitation", key=key), 303)
    try:
        return face_check.begin(_task(key))
    except RuleError as refusal:
        return ask(key, refusal)


@blueprint.get("/<key>/face/back")
@only_once
def come_back(key: str) -> ResponseReturnValue:
    """Keep what became of the check, and go on to the answer."""
    try:
        face_check.end(_task(key))
    except RuleError as refusal:
        return ask(key, refusal)
    return redirect(url_for("signing.accepting", key=key), 303)


def _task(key: str) -> FaceTask:
    return FaceTask(
        current_graduate(),
        browser().token_hash,
        now(),
        way_back=url_for("signing.come_back", key=key),
        cancel=url_for("signing.accepting", key=key),
        act=name_of(key),
        instead="用短信验证码确认",
    )
