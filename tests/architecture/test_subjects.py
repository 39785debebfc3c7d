"""Whatever a row of the audit log is about has a title that people read."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from registry.record.logged_rows import SUBJECTS

PRODUCT = ("registry", "notifier", "wxapp", "workers", "commands")
SUBJECT_PLACE = {"AuditRecord": 2, "by_staff": 2, "audit_record": 1}
"""Where those that make a record of the log are told what it is about."""
OWN_WORDS = {"page"}
"""What is titled by the page's own words."""
NO_SUBJECTS = {
    # what a message is about, once
    *("agreement", "agreement_amended", "agreement_ended", "authorization", "changed", "contact"),
    *("invitation", "invitation_ended", "joined", "message", "offline_answered", "offline_ended"),
    *("province_returned", "reported", "supplement", "supplement_ended", "termination"),
    *("termination_reminder", "undone", "voided"),
    # keys of Redis, headers, addresses of a page
    *("data", "host", "pace", "tel", "wecom", "wx"),
}
"""Words before a colon that name something else."""


def named_by(node: ast.expr) -> Iterator[str]:
    """Yield what an f-string of the product names before its colon."""
    if isinstance(node, ast.JoinedStr) and isinstance(node.values[0], ast.Constant):
        found = re.fullmatch(r"([a-z_]+):", str(node.values[0].value))
        if found and len(node.values) > 1:
            yield found[1]


def called_with(node: ast.Call) -> Iterator[str]:
    """Yield the whole word that a record is said to be about."""
    name = node.func.attr if isinstance(node.func, ast.Attribute) else ast.unparse(node.func)
    place = SUBJECT_PLACE.get(name)
    about = [each.value for each in node.keywords if each.arg == "subject"]
    about += node.args[place : place + 1] if place is not None else []
    for each in about:
        if isinstance(each, ast.Constant) and each.value:
            yield str(each.value)


def subjects(repository: Path) -> set[str]:
    found = set[str]()
    for folder in PRODUCT:
        for path in (repository / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.expr):
                    found.update(named_by(node))
                if isinstance(node, ast.Call):
                    found.update(called_with(node))
    return found


def test_what_a_row_is_about_is_never_shown_raw(repository: Path) -> None:
    assert subjects(repository) - NO_SUBJECTS - OWN_WORDS <= set(SUBJECTS)


def test_nothing_is_excused_that_is_not_there(repository: Path) -> None:
    assert subjects(repository) >= NO_SUBJECTS | OWN_WORDS
