"""The house rules hold in every file, and each of them fires when it is broken."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.architecture.house_rules import (
    MAX_FILE_LINES,
    MAX_FUNCTION_LINES,
    MAX_TEST_FILE_LINES,
    RULES,
    Rule,
    audit_rows_are_written_by_audit,
    every_error_goes_on,
    file_is_short,
    functions_are_short,
    names_say_what,
    only_doors_commit,
    refusals_have_one_status,
    suppressions_have_reasons,
    views_ask_by_name,
)

NOT_OURS = {"static", "versions"}
LONG_FUNCTION = "def f():\n" + "    pass\n" * MAX_FUNCTION_LINES

REFUSED = "def f():\n    try: g()\n    except RuleError as refusal: return page, {status}"


def _sources(repository: Path) -> Iterator[tuple[str, str]]:
    ours = [top for top in repository.iterdir() if not top.name.startswith(".")]
    folders = [top for top in ours if top.is_dir() and top.name != "build"]
    paths = [*repository.glob("*.py"), *(path for top in folders for path in top.rglob("*.py"))]
    for path in paths:
        if NOT_OURS.isdisjoint(path.relative_to(repository).parts):
            yield str(path.relative_to(repository)), path.read_text(encoding="utf-8")


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_the_whole_project_keeps(rule: Rule, repository: Path) -> None:
    complaints = [
        f"{path}:{complaint}"
        for path, source in _sources(repository)
        for complaint in rule(path, source)
    ]
    assert not complaints, "\n".join(complaints)


@pytest.mark.parametrize(
    ("rule", "path", "source"),
    [
        (file_is_short, "registry/a.py", "\n" * (MAX_FILE_LINES + 1)),
        (file_is_short, "tests/a.py", "\n" * (MAX_TEST_FILE_LINES + 1)),
        (functions_are_short, "registry/a.py", LONG_FUNCTION),
        (functions_are_short, "registry/a.py", "async " + LONG_FUNCTION),
        (names_say_what, "registry/file_utils.py", ""),
        (names_say_what, "wxapp/helpers/a.py", ""),
        (names_say_what, "registry/a.py", "def _process_rows(): ..."),
        (only_doors_commit, "registry/a.py", "session.commit()"),
        (only_doors_commit, "notifier/a.py", "with session.begin(): ..."),
        (views_ask_by_name, "wxapp/a.py", "from sqlalchemy import select"),
        (views_ask_by_name, "wxapp/a.py", "from sqlalchemy.orm import Session, joinedload"),
        (views_ask_by_name, "wxapp/a.py", "staff = session.get_one(Staff, 1)"),
        (audit_rows_are_written_by_audit, "notifier/a.py", "session.add(AuditEntry(at=at))"),
        (audit_rows_are_written_by_audit, "notifier/a.py", "insert(AuditEntry)"),
        (refusals_have_one_status, "wxapp/a.py", REFUSED.format(status=400)),
        (every_error_goes_on, "a.py", "try: f()\nexcept Exception: log()"),
        (every_error_goes_on, "a.py", "try: f()\nexcept (OSError, BaseException): log()"),
        (every_error_goes_on, "a.py", "try: f()\nexcept: log()"),
        (suppressions_have_reasons, "a.py", "x = f()  # noqa"),
        (suppressions_have_reasons, "a.py", "x = f()  # noqa: S603, S607"),
        (suppressions_have_reasons, "a.py", "x = f()  # type: ignore[attr-defined]"),
        (suppressions_have_reasons, "a.py", "x = f()  # pragma: no cover"),
    ],
)
def test_a_broken_rule_is_seen(rule: Rule, path: str, source: str) -> None:
    assert len(list(rule(path, source))) == 1


@pytest.mark.parametrize(
    ("rule", "path", "source"),
    [
        (file_is_short, "tests/a.py", "\n" * MAX_TEST_FILE_LINES),
        (
            functions_are_short,
            "registry/a.py",
            "def f():\n" + "    pass\n" * (MAX_FUNCTION_LINES - 1),
        ),
        (names_say_what, "registry/a.py", "@override\ndef process_bind_param(): ..."),
        (only_doors_commit, "wxapp/a.py", "session.commit()"),
        (only_doors_commit, "registry/a.py", "with session.begin_nested(): ..."),
        (only_doors_commit, "notifier/a.py", "with resources.sessions.begin() as session: ..."),
        (views_ask_by_name, "wxapp/a.py", "from sqlalchemy.orm import Session"),
        (views_ask_by_name, "wxapp/a.py", "from sqlalchemy.exc import OperationalError"),
        (views_ask_by_name, "notifier/a.py", "session.scalars(select(Staff))"),
        (audit_rows_are_written_by_audit, "registry/accounts/audit.py", "insert(AuditEntry)"),
        (audit_rows_are_written_by_audit, "registry/upkeep/a.py", "select(AuditEntry)"),
        (refusals_have_one_status, "wxapp/a.py", REFUSED.format(status="status_of(refusal)")),
        (every_error_goes_on, "a.py", "try: f()\nexcept Exception:\n    log()\n    raise"),
        (every_error_goes_on, "a.py", "try: f()\nexcept OSError: log()"),
        (suppressions_have_reasons, "a.py", "x = f()  # noqa: S603 - our own program"),
        (suppressions_have_reasons, "a.py", "x = f()  # type: ignore[misc]  # wrong in its stubs"),
        (suppressions_have_reasons, "a.py", "text = '# noqa'"),
    ],
)
def test_what_is_allowed_stays_allowed(rule: Rule, path: str, source: str) -> None:
    assert list(rule(path, source)) == []
