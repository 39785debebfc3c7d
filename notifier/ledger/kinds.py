"""The kinds of messages: read from templates/messages, checked when they are loaded."""

import string
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from notifier.ledger import fields
from registry.base.errors import RuleError

FOLDER = Path(__file__).resolve().parents[2] / "templates" / "messages"

COMMON_VALUES = ("school", "state")
"""Names a text may use for anybody, without an event that tells more."""


class BadKind(Exception):
    """A file of templates/messages says something that cannot be sent."""


@dataclass(frozen=True)
class Field:
    """One line of the card: its label and type as the account's template has them, and our text."""

    label: str
    type: str
    value: str
    """Text with `{names}` of facts, inputs or the common values (school)."""

    @property
    def names(self) -> set[str]:
        """Return the names its text asks for."""
        return _names(self.value)


@dataclass(frozen=True)
class Input:
    """A text the school gives once for a whole campaign."""

    name: str
    title: str
    default: str = ""
    date: bool = False


@dataclass(frozen=True)
class Kind:
    """A kind of message."""

    name: str
    title: str
    page: str
    """Path that the card opens."""
    fields: tuple[Field, ...]
    inputs: tuple[Input, ...] = ()
    any_hour: bool = False
    """Sent in quiet hours too."""
    needless_when: str = ""
    """The confirmation state in which nobody needs this message any more."""
    template: str = ""
    """The kind whose template it goes out with; empty: one of its own."""

    @property
    def for_campaigns(self) -> bool:
        """Say whether inputs and what is known of everybody fill it; if not, an event must."""
        known = {*COMMON_VALUES, *(each.name for each in self.inputs)}
        return all(each.names <= known for each in self.fields)

    def render(self, values: Mapping[str, str]) -> dict[str, str]:
        """Return label -> text, each fit for its type.

        Raises RuleError `field_impossible` naming the label when a value is empty or cannot fit.
        """
        return {each.label: _rendered(each, values) for each in self.fields}


def _rendered(field: Field, values: Mapping[str, str]) -> str:
    try:
        return fields.fit(field.type, field.value.format_map(values))
    except (fields.ImpossibleValue, KeyError):
        raise RuleError(
            "field_impossible",
            f"“{field.label}”为空或不符合微信的格式要求，无法发送。",
            field.label,
        ) from None


def _names(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def _read(path: Path) -> Kind:
    content: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
    try:
        kind = Kind(
            name=path.stem,
            title=content["title"],
            page=content["page"],
            fields=tuple(Field(**each) for each in content["fields"]),
            inputs=tuple(
                Input(name=name, **each) for name, each in content.get("inputs", {}).items()
            ),
            any_hour=content.get("any_hour", False),
            needless_when=content.get("needless_when", ""),
            template=content.get("template", ""),
        )
    except (KeyError, TypeError) as error:
        raise BadKind(f"{path.name}: {error}") from None
    _check(kind)
    return kind


def _check(kind: Kind) -> None:
    for field in kind.fields:
        if field.type not in fields.TYPES:
            raise BadKind(f"{kind.name}: {field.label} has the unknown type {field.type}")
        if not all(name.isidentifier() for name in _names(field.value)):
            raise BadKind(f"{kind.name}: {field.label} names something that is no plain name")
    used = set().union(*(_names(field.value) for field in kind.fields))
    unused = {each.name for each in kind.inputs} - used
    if unused:
        raise BadKind(f"{kind.name}: nothing shows the input {', '.join(sorted(unused))}")


@cache
def kinds() -> dict[str, Kind]:
    """Return every kind by its name. Raises BadKind at the first one that cannot be sent."""
    found = {path.stem: _read(path) for path in sorted(FOLDER.glob("*.toml"))}
    for kind in found.values():
        if kind.template and _card(found.get(kind.template)) != _card(kind):
            raise BadKind(f"{kind.name}: its fields are not those of {kind.template}")
    return found


def _card(kind: Kind | None) -> list[tuple[str, str]]:
    return [(each.label, each.type) for each in kind.fields] if kind else []


def served_by(template: str) -> list[str]:
    """Return the kinds that go out with the template of one of them."""
    return [each.name for each in kinds().values() if template in {each.name, each.template}]


def with_templates() -> list[Kind]:
    """Return the kinds that want a template of their own from the account."""
    return [kind for kind in kinds().values() if not kind.template]
