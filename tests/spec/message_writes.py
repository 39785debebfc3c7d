"""Which functions of the product write rows of the ledger's messages, found in their syntax."""

import ast
from collections.abc import Iterator
from pathlib import Path

PACKAGES = ("registry", "runtime", "notifier", "workers", "wxapp", "commands")
_STATEMENTS = frozenset({"update", "insert", "delete", "insert_new"})
_MOVES = frozenset({"move", "moving", "moving_each", "moving_by_condition"})


def message_writers(root: Path) -> set[str]:
    """Return the dotted names of functions, and of module-level values, that write messages.

    That is: an UPDATE, INSERT or DELETE of Message, or a call of registry.base.moves for its state.
    """
    found: set[str] = set()
    for package in PACKAGES:
        for path in sorted((root / package).rglob("*.py")):
            module = ".".join(path.relative_to(root).with_suffix("").parts)
            found |= {f"{module}.{name}" for name in _writers(ast.parse(path.read_text()))}
    return found


def _writers(module: ast.Module) -> Iterator[str]:
    for statement in module.body:
        for name, node in _named(statement):
            if any(_writes(each) for each in ast.walk(node)):
                yield name


def _named(statement: ast.stmt) -> Iterator[tuple[str, ast.AST]]:
    if isinstance(statement, ast.FunctionDef):
        yield statement.name, statement
    elif isinstance(statement, ast.ClassDef):
        for each in statement.body:
            if isinstance(each, ast.FunctionDef):
                yield f"{statement.name}.{each.name}", each
    elif isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name):
        yield statement.targets[0].id, statement


def _writes(node: ast.AST) -> bool:
    if not isinstance(node, ast.Call):
        return False
    called = node.func.attr if isinstance(node.func, ast.Attribute) else _name(node.func)
    given = [*node.args, *(each.value for each in node.keywords)]
    if called in _MOVES:
        return any(ast.unparse(each) == "Message.state" for each in given)
    return called in _STATEMENTS and any(_is_the_table(each) for each in given)


def _is_the_table(node: ast.expr) -> bool:
    return ast.unparse(node) in {"Message", "Message.__table__"}


def _name(node: ast.expr) -> str:
    return node.id if isinstance(node, ast.Name) else ""
