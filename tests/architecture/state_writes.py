"""Finds writes of a state column that go past `registry.base.moves`, by reading the code.

An UPDATE moves a state by its table; a new row begins in one of the table's first states. What is
written otherwise is named as `line: what`. Rows that reach a statement from another file are not
seen.
"""

import ast
import re
from collections import defaultdict
from collections.abc import Iterator

from tests.state_columns import LIVES

COLUMNS: dict[str, str] = {each.column.class_.__name__: each.column.key for each in LIVES}
"""The state column of each mapped class that has one."""
_FIELDS = {
    each.column.class_.__name__: set(each.column.class_.__mapper__.c.keys()) for each in LIVES
}
_STARTS: dict[str, set[str]] = defaultdict(set)
for _each in LIVES:
    _STARTS[_each.column.class_.__name__] |= {
        f"{type(start).__name__}.{start.name}" for start in _each.table.starts
    }
_TABLES = "|".join(sorted({each.column.class_.__tablename__ for each in LIVES}))
_STATEMENT = re.compile(
    rf"\bupdate\s+(?:{_TABLES})\b.*\bset\b|\binsert\s+into\s+(?:{_TABLES})\b",
    re.IGNORECASE | re.DOTALL,
)
_INSERTS = {"insert", "insert_new"}
_PAST_EVERY_STATEMENT = {"bulk_insert_mappings", "bulk_save_objects", "bulk_update_mappings"}


def states_move_by_their_tables(_path: str, source: str) -> Iterator[str]:
    """Yield every write of a state that is neither a move nor a beginning."""
    tree = ast.parse(source)
    models = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)} & set(COLUMNS)
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield from _by_call(node, models)
        elif isinstance(node, ast.Dict):
            yield from _by_row(node, models)
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            yield from _by_assignment(node)
        elif isinstance(node, ast.Constant) and _STATEMENT.search(_text(node)):
            yield f"{node.lineno}: SQL of its own writes a table of states"


def _by_assignment(node: ast.Attribute) -> Iterator[str]:
    own = isinstance(node.value, ast.Name) and node.value.id == "self"
    if node.attr in COLUMNS.values() and not own:
        yield f"{node.lineno}: .{node.attr} is assigned"


def _by_call(call: ast.Call, models: set[str]) -> Iterator[str]:
    name = _last_name(call.func)
    if name in COLUMNS:
        yield from _beginnings(call, name)
    elif name == "values" and isinstance(call.func, ast.Attribute):
        yield from _by_values(call, call.func.value, models)
    elif name == "setattr" and _text(call.args[1]) in COLUMNS.values():
        yield f"{call.lineno}: a state is set by setattr"
    elif name in _PAST_EVERY_STATEMENT:
        yield f"{call.lineno}: {name} writes whatever it is given"


def _by_values(call: ast.Call, statement: ast.expr, models: set[str]) -> Iterator[str]:
    made_by, of = _origin(statement)
    for model in {of} & models if of in COLUMNS else models if of is None else set[str]():
        if made_by in _INSERTS:
            yield from _beginnings(call, model)
        elif COLUMNS[model] in _written(call):
            yield f"{call.lineno}: an UPDATE writes {model}.{COLUMNS[model]}"


def _beginnings(call: ast.Call, model: str) -> Iterator[str]:
    for keyword in call.keywords:
        if keyword.arg == COLUMNS[model] and not _is_start(keyword.value, model):
            yield f"{call.lineno}: a {model} begins elsewhere than its table says"


def _by_row(row: ast.Dict, models: set[str]) -> Iterator[str]:
    """Look at what may be a row of a table: all its keys are columns, and there are several."""
    keys = {_text(key): value for key, value in zip(row.keys, row.values, strict=True) if key}
    for model in models:
        column = COLUMNS[model]
        is_row = len(keys) > 1 and set(keys) <= _FIELDS[model]
        if is_row and column in keys and not _is_start(keys[column], model):
            yield f"{row.lineno}: a {model} begins elsewhere than its table says"


def _is_start(value: ast.expr, model: str) -> bool:
    if isinstance(value, ast.Call) and _last_name(value.func) == "case":
        results = [each.elts[1] for each in value.args if isinstance(each, ast.Tuple)]
        results += [each.value for each in value.keywords]
        return all(_is_start(each, model) for each in results)
    if isinstance(value, ast.IfExp):
        return _is_start(value.body, model) and _is_start(value.orelse, model)
    dotted = _dotted(value)
    return dotted.endswith(".start") or ".".join(dotted.split(".")[-2:]) in _STARTS[model]


def _written(call: ast.Call) -> set[str]:
    named = {each.arg for each in call.keywords if each.arg}
    rows = [each for each in call.args if isinstance(each, ast.Dict)]
    return named | {_text(key) or _last_name(key) for row in rows for key in row.keys if key}


def _origin(statement: ast.expr) -> tuple[str, str | None]:
    """Return by what a statement was made, and of which class; None where it cannot be seen."""
    while isinstance(statement, ast.Call) and isinstance(statement.func, ast.Attribute):
        statement = statement.func.value
    if not isinstance(statement, ast.Call) or not statement.args:
        return "", None
    about = statement.args[-1]
    if isinstance(about, ast.Attribute) and about.attr == "__table__":
        about = about.value
    return _last_name(statement.func), _last_name(about) or None


def _last_name(node: ast.expr) -> str:
    return _dotted(node).rpartition(".")[2]


def _dotted(node: ast.expr) -> str:
    if isinstance(node, ast.Subscript):
        return _dotted(node.value)
    if isinstance(node, ast.Attribute):
        return f"{_dotted(node.value)}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else ""


def _text(node: ast.expr) -> str:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""
