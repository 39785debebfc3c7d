"""The face as the second proof before she agrees to amended terms, where it is set up."""

from flask import redirect, url_for
from flask.typing import ResponseReturnValue

from registry.base.errors import RuleError
from registry.signing import lists, versions
from wxapp.core.browser_session import browser
from wxapp.core.db import reading
from wxapp.core.resources import now
from wxapp.core.retry import only_once
from wxapp.core.who import current_graduate
from wxapp.graduate import face_check
from wxapp.graduate.agreeing import ask, blueprint, name_of
from wxapp.graduate.face_check import FaceTask


@blueprint.post("/<key>/agree/face")
@only_once
def begin_face(key: str) -> ResponseReturnValue:
    """Begin a face check for the terms that wait, and lead to the provider's page."""
    task = _task(key)
    if task is None:
        return redirect(url_for("signing.invitation", key=key), 303)
    try:
        return face_check.begin(task)
    except RuleError as refusal:
        return ask(key, refusal)


@blueprint.get("/<key>/agree/face/back")
@only_once
def come_back(key: str) -> ResponseReturnValue:
    """Keep what became of the check, and go on to her word."""
    task = _task(key)
    if task is None:
        return redirect(url_for("signing.invitation", key=key), 303)
    try:
        face_check.end(task)
    except RuleError as refusal:
        return ask(key, refusal)
    return redirect(url_for("agreeing.page", key=key), 303)


def _task(key: str) -> FaceTask | None:
    """Return what is to be proven; None where no terms wait for her."""
    with reading() as session:
        if lists.own_one(session, current_graduate(), key, now()).state != "amended":
            return None
        digest = versions.newest_of(session, key).digest
    return FaceTask(
        current_graduate(),
        browser().token_hash,
        now(),
        way_back=url_for("agreeing.come_back", key=key),
        cancel=url_for("agreeing.page", key=key),
        act=name_of(key, digest),
        instead="用短信验证码确认",
    )
