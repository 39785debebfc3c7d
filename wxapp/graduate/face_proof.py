"""The face as her second proof before an act of hers, where it is set up: one way for each."""

from collections.abc import Callable
from dataclasses import dataclass

from flask import Blueprint, redirect, url_for
from flask.typing import ResponseReturnValue

from registry.base.errors import RuleError
from wxapp.core.browser_session import browser
from wxapp.core.resources import now
from wxapp.core.retry import only_once
from wxapp.core.who import current_graduate
from wxapp.graduate import face_check
from wxapp.graduate.face_check import FaceTask


@dataclass(frozen=True)
class FaceProof:
    """What a door's checks are for, by the key in the address if there is one, and what follows."""

    act: Callable[..., str | None]
    """Returns the name of the act that waits for her; None where none does."""
    ask: Callable[..., ResponseReturnValue]
    """Shows the page that asks for her proof, with why a check did not count."""
    page: str
    """Endpoint of that page."""
    over: str
    """Endpoint of the page for what does not wait for her."""


def serve(blueprint: Blueprint, path: str, proof: FaceProof) -> None:
    """Add the way to the provider and back to a door; `path` has a `<key>` or nothing to fill."""

    @only_once
    def begin_face(key: str | None = None) -> ResponseReturnValue:
        task = _task(blueprint, proof, key)
        if task is None:
            return redirect(url_for(proof.over, key=key), 303)
        try:
            return face_check.begin(task)
        except RuleError as refusal:
            return proof.ask(*_named(key), refusal)

    @only_once
    def come_back(secret: str, key: str | None = None) -> ResponseReturnValue:
        task = _task(blueprint, proof, key)
        if task is None:
            return redirect(url_for(proof.over, key=key), 303)
        try:
            face_check.end(task, secret)
        except RuleError as refusal:
            return proof.ask(*_named(key), refusal)
        return redirect(url_for(proof.page, key=key), 303)

    blueprint.add_url_rule(path, "begin_face", begin_face, methods=["POST"])
    blueprint.add_url_rule(f"{path}/back/<secret>", "come_back", come_back)


def _task(blueprint: Blueprint, proof: FaceProof, key: str | None) -> FaceTask | None:
    act = proof.act(*_named(key))
    if act is None:
        return None
    return FaceTask(
        current_graduate(),
        browser().token_hash,
        now(),
        back=f"{blueprint.name}.come_back",
        key=key,
        cancel=url_for(proof.page, key=key),
        act=act,
        instead="用短信验证码确认",
    )


def _named(key: str | None) -> tuple[str, ...]:
    return () if key is None else (key,)
