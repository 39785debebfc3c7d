"""Every door has a guard, and every template can be read by the application that shows it."""

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Blueprint, Flask
from jinja2 import StrictUndefined, meta

from notifier.ledger import notices
from notifier.wechat.gateway import RawTemplate, SceneCode
from runtime.resources import open_resources
from tests.configuration import settings_for
from tests.wxapp.applications import make_app
from wxapp import DOORS, TEMPLATES

OPEN_DOORS = {
    *("health", "welcome", "sign_in", "campus", "session_end", "oauth", "callback", "guide"),
    *("page_script", "check_files", "mini_enter"),
    *("verify", "links", "privacy", "contact_link", "breach_receipt"),
    *("registration", "openapi"),
}
"""Doors for everybody: they ask who somebody is, or tell nothing about anybody."""


class Nobody:
    """Stand where nothing is asked."""

    def exchange_code(self, code: str) -> "Nobody":
        raise AssertionError(code)

    def scene_code(self, scene: str, seconds: int) -> SceneCode:
        raise AssertionError(f"a page asked WeChat for the code of {scene} for {seconds} seconds")

    def page_ticket(self) -> str:
        raise AssertionError

    def templates(self) -> list[RawTemplate]:
        raise AssertionError

    def menu_create(self, menu: dict[str, Any]) -> None:
        raise AssertionError(menu)

    def send_code(self, phone: str, code: str, minutes: int) -> None:
        raise AssertionError(phone, code, minutes)

    app_id = ""
    openid = ""
    snapshot = False


@pytest.fixture(scope="module")
def app(valkey_server: str) -> Iterator[Flask]:
    resources = open_resources(settings_for("sqlite://", valkey_server), notices.write)
    yield make_app(resources, Nobody(), Nobody())
    resources.engine.dispose()
    resources.redis.close()


@pytest.mark.parametrize("door", DOORS, ids=lambda door: door.name)
def test_each_door_asks_who_comes_in(door: Blueprint) -> None:
    guarded = bool(door.before_request_funcs.get(None))
    assert guarded != (door.name in OPEN_DOORS), "a door has a guard, or stands among the open ones"


def test_a_missing_value_is_an_error_in_every_template(app: Flask) -> None:
    assert app.jinja_env.undefined is StrictUndefined


@pytest.mark.parametrize(
    "name", sorted(str(path.relative_to(TEMPLATES)) for path in TEMPLATES.rglob("*.html"))
)
def test_each_template_compiles_and_finds_what_it_names(app: Flask, name: str) -> None:
    app.jinja_env.get_template(name)
    source = (TEMPLATES / name).read_text(encoding="utf-8")
    for other in meta.find_referenced_templates(app.jinja_env.parse(source)):
        if other is not None:  # a name computed at run time
            app.jinja_env.get_template(other)
