"""Every route of the operator's, asked by every role: only the operator is let in.

The routes are read from the application; one that this test does not know how to fill fails it.
"""

from collections.abc import Iterator

import pytest
from werkzeug.routing import Rule

from registry.accounts.tables import Role
from tests.pages import Browser
from tests.wxapp.ops.conftest import Platform

FILLED = {"name": "confirmation_reminder", "move": "pause"}
OTHERS = [role for role in Role if role is not Role.OPERATOR]

NAMING_A_TEMPLATE = {"ops.overrule_template", "ops.enter_template"}


def rules(platform: Platform) -> Iterator[tuple[Rule, str]]:
    every = platform.site.app.url_map.iter_rules()
    found = [rule for rule in every if rule.rule.startswith("/ops")]
    assert len(found) >= 12
    for rule in found:
        for method in sorted({"GET", "POST"} & (rule.methods or set())):
            yield rule, method


def ask(browser: Browser, rule: Rule, method: str, key: str, token: str) -> int:
    path = str(rule.rule)
    for argument in rule.arguments:
        path = path.replace(f"<{argument}>", {**FILLED, "key": key}[argument])
    if method == "GET":
        return browser.get(path).status
    return browser.post(path, {"csrf_token": token}).status


def token_of(browser: Browser, page: str) -> str:
    return str(browser.get(page).find_all("input[name=csrf_token]")[0]["value"])


@pytest.mark.parametrize("role", OTHERS)
def test_other_roles_are_not_let_in(platform: Platform, role: Role) -> None:
    key, browser = platform.campaign(), platform.browser(role)
    token = token_of(browser, "/staff")
    statuses = {
        (method, rule.rule): ask(browser, rule, method, key, token)
        for rule, method in rules(platform)
    }
    assert {where: status for where, status in statuses.items() if status != 403} == {}


def test_nobody_is_led_to_the_sign_in(platform: Platform) -> None:
    browser = platform.site.browser()
    for rule, method in rules(platform):
        if method == "GET":
            ask(browser, rule, method, "key", "")
            assert browser.path.startswith("/login"), rule.rule


def test_the_operator_finds_every_page_working(platform: Platform) -> None:
    key, browser = platform.campaign(), platform.browser()
    token = token_of(browser, "/ops/")
    for rule, method in rules(platform):
        status = ask(browser, rule, method, key, token)
        wanted = 400 if rule.endpoint in NAMING_A_TEMPLATE else 200  # nothing is sent
        assert status == wanted, (method, rule.rule)


def test_the_operator_lands_here_and_sees_no_school(platform: Platform) -> None:
    browser = platform.browser()
    assert browser.get("/staff").path == "/ops/"
    assert browser.get("/school/").status == 403
