"""Every page of a console says what it is for, in three sentences, and whose rule it follows."""

import re
from pathlib import Path

import pytest
from flask import Flask

from registry.accounts.tables import Role
from tests.architecture.test_pages_of_doors import app
from tests.wxapp.ops.conftest import Platform, platform
from wxapp import account, employer, ministry, ops, province, school
from wxapp.core.limits import limiter
from wxapp.core.menus import Entry
from wxapp.core.page_help import PageHelp

__all__ = ["app", "platform"]

MENUS = {
    Role.SCHOOL: school.door.MENU,
    Role.PROVINCE: province.door.MENU,
    Role.OPERATOR: ops.door.MENU,
    Role.MINISTRY: ministry.door.MENU,
    Role.EMPLOYER: employer.door.MENU,
}
DOORS = (account, employer, ministry, ops, province, school)
TOLD: dict[str, PageHelp] = {
    name: told for each in DOORS for name, told in each.page_help.HELP.items()
}
ENTRY = re.compile(r'\{% set active_entry = "([a-z_.]+)" %\}')
LONGEST = 45
"""Characters of a sentence; more is not read."""


@pytest.mark.parametrize(("role", "menu"), MENUS.items(), ids=MENUS)
def test_each_page_of_a_menu_tells_it(
    platform: Platform, monkeypatch: pytest.MonkeyPatch, role: Role, menu: tuple[Entry, ...]
) -> None:
    monkeypatch.setattr(limiter, "enabled", False)
    platform.site.graduate()
    browser, addresses = platform.browser(role), platform.site.app.url_map.bind("")
    for entry in menu:
        told = browser.get(addresses.build(entry.endpoint)).find("details.page-help")
        assert [each.get_text() for each in told.find_all("li")] == [
            *TOLD[entry.endpoint].sentences
        ], entry
        assert TOLD[entry.endpoint].source in told.get_text()


def test_each_page_belongs_to_an_entry_that_tells_it(repository: Path) -> None:
    pages = (repository / "templates").rglob("*.html")
    entries = {entry for page in pages for entry in ENTRY.findall(page.read_text("utf-8"))}
    assert entries - {*TOLD} == set()


def test_what_is_told_belongs_to_pages_that_exist(app: Flask) -> None:
    assert {*TOLD} - {*app.view_functions} == set()


@pytest.mark.parametrize("name", TOLD)
def test_it_is_told_in_short_whole_sentences(name: str) -> None:
    for sentence in TOLD[name].sentences:
        assert sentence.endswith("。")
        assert len(sentence) <= LONGEST
