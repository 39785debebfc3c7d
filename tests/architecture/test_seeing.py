"""Every page of staff says whom it shows, or is named among those that name nobody."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from notifier.ledger.joining import CORRECTED
from registry.accounts import members
from registry.accounts.audit_log.words import KINDS, WORDS
from registry.record import graduate_page
from registry.review.decisions import Decision
from registry.tasks.states import FILES
from tests.architecture.test_pages_of_doors import app
from wxapp.core import seeing
from wxapp.core.rights import STAFF_DOORS
from wxapp.school.campaign_pages import MOVES

__all__ = ["app"]

NOTES = ("audit_record", "by_staff", "AuditRecord", "note", "_note", "_noted", "note_on_account")
"""Functions that are told an action by its word."""


def test_each_page_of_staff_is_kept_in_the_log_or_shows_nobody(app: Flask) -> None:
    pages = {
        rule.endpoint
        for rule in app.url_map.iter_rules()
        if rule.endpoint.partition(".")[0] in STAFF_DOORS and "GET" in (rule.methods or ())
    }
    named = [{*seeing.SHOWS_PEOPLE}, seeing.SHOWS_NOBODY, seeing.LOGGED_BY_THE_RULE]
    assert pages - set().union(*named) == set(), "pages that nobody has named"
    assert pages >= seeing.SHOWS_NOBODY | seeing.LOGGED_BY_THE_RULE
    assert not named[0] & named[1]


def test_an_action_stands_under_one_kind() -> None:
    assert len(WORDS) == sum(len(kind.words) for kind in KINDS)


OF_OTHER_SUBJECTS = ("registry/roster/notes.py", "notifier/campaigns/province_reminders.py")
"""Files whose `_note` is told something else."""
MADE_UP = {
    *(f"campaign_{move}" for move in (*MOVES, "create", "rewrite", "discard")),
    *(f"drive_{move}" for move in ("create", "rewrite", "discard", "start", "pause", "resume")),
    *(f"office_{kind}" for kind in FILES),
    *(f"review_{decision}" for decision in Decision),
    *(f"staff_{move}" for move in members.MOVES),
    *(f"reveal_{what}" for what in graduate_page.REVEALED),
    *(f"unbound_{reason}" for reason in ("by_school", "by_graduate", CORRECTED)),
    "drive_cancel",
}
"""Actions whose words are put together."""


def _actions(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if not isinstance(node, ast.Call):
            continue
        name = getattr(node.func, "attr", getattr(node.func, "id", ""))
        told = node.args[1:2] if name in {"by_staff", "AuditRecord"} else node.args
        if name in NOTES:
            for each in told:
                if isinstance(each, ast.Constant) and isinstance(each.value, str) and each.value:
                    yield each.value


@pytest.mark.parametrize("package", ["registry", "notifier", "wxapp", "commands"])
def test_each_action_has_its_words(repository: Path, package: str) -> None:
    files = [
        each
        for each in (repository / package).rglob("*.py")
        if not str(each).endswith(OF_OTHER_SUBJECTS)
    ]
    assert {action for each in files for action in _actions(each)} - WORDS.keys() == set()


def test_each_action_that_is_put_together_has_its_words() -> None:
    assert MADE_UP - WORDS.keys() == set()
