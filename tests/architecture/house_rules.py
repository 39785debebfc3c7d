"""What no linter knows: each rule reads one file and gives its complaints as `line: what`."""

import ast
import io
import re
import tokenize
from collections.abc import Callable, Iterator, Sequence
from functools import cache

MAX_FUNCTION_LINES = 40
MAX_FILE_LINES = 400
MAX_TEST_FILE_LINES = 500
VAGUE_WORDS = {"helpers", "manager", "misc", "utils"}
VAGUE_PREFIXES = ("handle_", "process_")
ENDS_OF_A_TRANSACTION = {"commit", "rollback"}
QUESTIONS_OF_A_SESSION = {
    *("add", "add_all", "delete", "execute", "flush", "get", "get_one", "merge", "refresh"),
    *("scalar", "scalars"),
}
"""What reads or writes rows, called on a session."""
MAKERS_OF_SESSIONS = {"sessions", "readers"}
ALL_ERRORS = {"BaseException", "Exception"}
SUPPRESSION = re.compile(r"#\s*(?:noqa|type:\s*ignore|pragma:\s*no cover)\b(?P<rest>.*)")
CODES = re.compile(r"^\s*:?\s*(?:\[[^\]]*\]|[A-Z]+[0-9]+(?:\s*,\s*[A-Z]+[0-9]+)*)?")

Rule = Callable[[str, str], Iterator[str]]


def file_is_short(path: str, source: str) -> Iterator[str]:
    """Keep a file readable in one go."""
    allowed = MAX_TEST_FILE_LINES if path.startswith("tests/") else MAX_FILE_LINES
    lines = source.count("\n")
    if lines > allowed:
        yield f"1: {lines} lines, {allowed} are allowed"


def functions_are_short(_path: str, source: str) -> Iterator[str]:
    """Keep a function on one screen."""
    for node in _functions(source):
        lines = (node.end_lineno or node.lineno) - node.lineno + 1
        if lines > MAX_FUNCTION_LINES:
            yield f"{node.lineno}: {node.name} has {lines} lines"


def names_say_what(path: str, source: str) -> Iterator[str]:
    """Refuse names that fit anything."""
    for word in VAGUE_WORDS.intersection(re.split(r"[/_.]", path)):
        yield f"1: a file is not named {word}"
    for node in _functions(source):
        if node.name.lstrip("_").startswith(VAGUE_PREFIXES) and not _is_named_elsewhere(node):
            yield f"{node.lineno}: {node.name} does not say what it does"


def only_doors_commit(path: str, source: str) -> Iterator[str]:
    """Leave transactions to doors: who was given a session does not end it.

    Long work that needs several transactions is given the maker: `sessions` or `readers`.
    """
    if not path.startswith(("registry/", "notifier/")):
        return
    for node in _nodes(source):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            name = node.func.attr
            opens = name == "begin" and _last_name(node.func.value) not in MAKERS_OF_SESSIONS
            if opens or name in ENDS_OF_A_TRANSACTION:
                yield f"{node.lineno}: {name}() belongs to a door"


def views_ask_by_name(path: str, source: str) -> Iterator[str]:
    """Leave SQL to `registry` and `notifier`: a view calls a function that says what is asked.

    Of SQLAlchemy a view may name the Session it opens and the exceptions it answers.
    """
    if not path.startswith("wxapp/"):
        return
    for node in _nodes(source):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("sqlalchemy"):
            names = {each.name for each in node.names}
            if node.module != "sqlalchemy.exc" and names != {"Session"}:
                yield f"{node.lineno}: {', '.join(sorted(names))} of {node.module} in a view"
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            asks = node.func.attr in QUESTIONS_OF_A_SESSION
            if asks and _last_name(node.func.value) == "session":
                yield f"{node.lineno}: session.{node.func.attr}() in a view"


def refusals_have_one_status(path: str, source: str) -> Iterator[str]:
    """Let `wxapp/core/refusals.py` alone say which HTTP status a refusal is answered with."""
    if not path.startswith("wxapp/"):
        return
    for handler in _nodes(source):
        if isinstance(handler, ast.ExceptHandler) and _last_name(handler.type) == "RuleError":
            for node in ast.walk(handler):
                answer = node.value if isinstance(node, ast.Return) else None
                if isinstance(answer, ast.Tuple) and isinstance(answer.elts[1], ast.Constant):
                    yield f"{answer.lineno}: a status that is not asked of status_of"


def audit_rows_are_written_by_audit(path: str, source: str) -> Iterator[str]:
    """Let `registry/accounts/audit.py` alone write the audit log."""
    if path.startswith(("tests/", "bench/", "faults/")) or path == "registry/accounts/audit.py":
        return
    for node in _nodes(source):
        if isinstance(node, ast.Call):
            named = (
                [node.func, *node.args[:1]] if _last_name(node.func) == "insert" else [node.func]
            )
            if "AuditEntry" in map(_last_name, named):
                yield f"{node.lineno}: an audit row past audit.note"


def every_error_goes_on(_path: str, source: str) -> Iterator[str]:
    """Let nobody swallow all errors: whoever catches them raises again."""
    for node in _nodes(source):
        if isinstance(node, ast.ExceptHandler) and _catches_all(node) and not _raises(node):
            yield f"{node.lineno}: catches every error and goes on"


def suppressions_have_reasons(_path: str, source: str) -> Iterator[str]:
    """Want a reason on the line of each silenced complaint."""
    if SUPPRESSION.search(source) is None:
        return
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        found = SUPPRESSION.search(token.string) if token.type == tokenize.COMMENT else None
        if found is None:
            continue
        reason = CODES.sub("", found["rest"], count=1)
        if len(re.findall(r"\w{2,}", reason)) < 2:
            yield f"{token.start[0]}: a suppression without a reason"


RULES: tuple[Rule, ...] = (
    file_is_short,
    functions_are_short,
    names_say_what,
    only_doors_commit,
    views_ask_by_name,
    refusals_have_one_status,
    audit_rows_are_written_by_audit,
    every_error_goes_on,
    suppressions_have_reasons,
)


@cache
def _nodes(source: str) -> Sequence[ast.AST]:
    return [*ast.walk(ast.parse(source))]


def _functions(source: str) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in _nodes(source):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def _is_named_elsewhere(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Say whether a base class chose the name."""
    return any(isinstance(d, ast.Name) and d.id == "override" for d in function.decorator_list)


def _last_name(node: ast.expr | None) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def _catches_all(handler: ast.ExceptHandler) -> bool:
    if handler.type is None:
        return True
    caught = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return any(isinstance(kind, ast.Name) and kind.id in ALL_ERRORS for kind in caught)


def _raises(handler: ast.ExceptHandler) -> bool:
    """Say whether the last thing the handler does is to raise."""
    return isinstance(handler.body[-1], ast.Raise)
