"""Files leave as tasks made them, with who and when on them; what does not is named, with why.

Every address of every door is walked: what its function calls, and what those call in `wxapp`.
"""

import ast
import inspect
import textwrap
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any

from flask import Flask

from registry.base import stamp
from registry.tasks.states import OF_FIGURES, TaskKind
from tests.architecture.test_pages_of_doors import app
from wxapp.core.rights import EXPORTS, WITHOUT_PEOPLE

__all__ = ["app"]

KEPT = "stored"
"""Of `wxapp.core.downloads`: sends a file that a task made, for as long as it is kept."""
SENDERS = frozenset({"send_file", "send_from_directory", "Response", "attachment", "shown", "pdf"})
"""What else makes an answer that may be a file, of Flask and of `wxapp.core.downloads`."""
MADE_IN = ("flask", "werkzeug", "wxapp.core.downloads")

PRINTED = "one person's form or report to be printed, which says itself who made it and when"
FIGURES = "one printed page of figures of nobody, with 制表人 and 制表时间 on it"
POSTER = "a sheet for the wall of a classroom: nobody stands on it"
TEMPLATE = "an empty table to fill in"
RESULT = "the rows of an upload with what became of each, made and stamped by the upload's task"
HERS = "her own, for herself"
DOCUMENT = "one document, looked at as it was handed in"
PROGRAM = "an answer to a program, or a part of every page"

NOT_KEPT = {
    **dict.fromkeys(
        (
            *("school.agreement_paper", "province.agreement_paper", "employer.agreement_paper"),
            *("school.paper_of_agreement", "school.transfer_report"),
        ),
        PRINTED,
    ),
    "school.statistics_report": FIGURES,
    "school.print_posters": POSTER,
    **dict.fromkeys(
        (
            *("account.staff_template", "employer.sheet_template"),
            *("school.courier_template", "school.import_template"),
        ),
        TEMPLATE,
    ),
    **dict.fromkeys(
        ("employer.sheet_result", "school.courier_result", "school.refused_rows"), RESULT
    ),
    **dict.fromkeys(("authorizing.download", "sheet.download", "signing.paper"), HERS),
    **dict.fromkeys(
        (
            *("breach.document", "evidence.document", "evidence.thumbnail"),
            *("terminating.document", "employer.papers_file", "employer.termination_document"),
            *("ops.breach_file", "ops.listing_evidence", "province.breach_file"),
            *("province.evidence", "province.listing_evidence", "province.papers_file"),
            *("school.breach_file", "school.evidence", "school.papers_file"),
            *("school.takeover_letter", "school.termination_document"),
        ),
        DOCUMENT,
    ),
    **dict.fromkeys(
        (
            *("api.get_changes", "api.get_health", "api.get_sync", "api.put_record"),
            *("api.put_records", "check_files.check_file", "health.metrics", "openapi.document"),
            *("mini.allow_notices", "mini.login", "province.figures", "verify.spoken_puzzle"),
        ),
        PROGRAM,
    ),
}
"""Addresses whose answer is a file that no task keeps -> why that is right."""

UNSTAMPED = {
    "registry/tasks/province_files.py": "the signed file for the Ministry, which a program reads",
    "wxapp/verify/offices.py": "the empty table to fill in",
}
"""Where a workbook is written without a stamp."""
BOOKS = {
    "registry/base/workbook.py": "the one place",
    "registry/roster/template.py": "empty tables to fill in",
    "registry/roster/refused.py": "keeps the formats of a roster; puts the stamp on by itself",
    "notifier/binding/own_copy.py": HERS,
}
"""Where a workbook is made by hand."""
HANDED_OVER = {
    "wxapp/verify/offices.py": "what a receiver looked up is kept nowhere, so no task keeps it",
    "wxapp/account/staff_table.py": "first passwords, which are kept nowhere as they are",
}
"""Where a page holds a workbook itself."""


def test_every_file_comes_from_a_task_or_stands_here_with_why_not(app: Flask) -> None:
    found = {
        endpoint: {*_senders(view)}
        for endpoint, view in app.view_functions.items()
        if endpoint != "static"
    }
    assert {endpoint for endpoint, how in found.items() if how - {KEPT}} == NOT_KEPT.keys()


def test_what_a_task_keeps_is_fetched_by_who_may_have_it(app: Flask) -> None:
    kept = {endpoint for endpoint, view in app.view_functions.items() if KEPT in _senders(view)}
    assert kept - EXPORTS - WITHOUT_PEOPLE == {"own_data.fetch_copy"}
    assert len(kept) >= 10


def _senders(view: Callable[..., Any]) -> Iterator[str]:
    """Yield what makes files of all that a view calls in `wxapp`, itself first."""
    seen, rest = set[object](), [inspect.unwrap(view)]
    while rest:
        function = rest.pop()
        if function in seen or not isinstance(function, FunctionType):
            continue
        seen.add(function)
        for name, called in _called(function):
            module = getattr(called, "__module__", "") or ""
            if name in SENDERS | {KEPT} and module.startswith(MADE_IN):
                yield name
            elif isinstance(called, FunctionType) and module.startswith("wxapp."):
                rest.append(inspect.unwrap(called))


@cache
def _called(function: FunctionType) -> list[tuple[str, object]]:
    tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    calls = (node.func for node in ast.walk(tree) if isinstance(node, ast.Call))
    return [found for each in calls if (found := _resolved(function, each))]


def _resolved(function: FunctionType, called: ast.expr) -> tuple[str, object] | None:
    match called:
        case ast.Name(name):
            return name, function.__globals__.get(name)
        case ast.Attribute(ast.Name(before), name):
            module = function.__globals__.get(before)
            return (name, getattr(module, name, None)) if isinstance(module, ModuleType) else None
        case _:
            return None


def test_a_workbook_without_a_stamp_stands_here_with_why(repository: Path) -> None:
    written = {path: [*_stamps(tree)] for path, tree in _product(repository)}
    assert {path for path, stamps in written.items() if "None" in stamps} == UNSTAMPED.keys()
    assert sum(map(len, written.values())) >= 8
    assert {path for path, stamps in written.items() if stamps and path.startswith("wxapp/")} == (
        HANDED_OVER.keys()
    ), "a page writes no workbook: a task does"


def test_no_workbook_is_made_by_hand(repository: Path) -> None:
    made = {
        path
        for path, tree in _product(repository)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "xlsxwriter.Workbook"
    }
    assert made == BOOKS.keys()


def test_only_figures_say_that_nobody_stands_in_them() -> None:
    assert {TaskKind.STATISTICS, TaskKind.PROVINCE_STATISTICS} == OF_FIGURES
    assert "个人信息" in stamp.OF_PEOPLE


def _product(repository: Path) -> Iterator[tuple[str, ast.Module]]:
    for folder in ("registry", "notifier", "wxapp", "workers"):
        for path in sorted((repository / folder).rglob("*.py")):
            yield path.relative_to(repository).as_posix(), ast.parse(path.read_text("utf-8"))


def _stamps(tree: ast.AST) -> Iterator[str]:
    """Yield what calls give as the stamp of a workbook, as it stands there."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield from (ast.unparse(each.value) for each in node.keywords if each.arg == "stamp")
