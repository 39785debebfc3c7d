"""What a printed sheet is made of, as `templates/reports/destination.typ` takes it."""

from dataclasses import asdict, dataclass
from typing import Any

TEMPLATE = "destination"
NARROW = 13
"""Characters that fit beside another value in one row."""


@dataclass(frozen=True)
class PrintedValue:
    """A value with its name; wide ones have a row to themselves."""

    title: str
    value: str
    wide: bool


@dataclass(frozen=True)
class Part:
    """A block of the sheet."""

    title: str
    lines: list[PrintedValue]


@dataclass(frozen=True)
class Proof:
    """By what a sheet can be verified: its number and its QR code."""

    title: str
    number: str
    """Grouped, as it is read out."""
    code: str
    """The QR code as an SVG picture."""
    hint: str


@dataclass(frozen=True)
class Sheet:
    """The whole sheet, as the page shows it and the PDF prints it."""

    title: str
    subtitle: str
    issuer: str
    blocks: list[Part]
    notes: list[str]
    footer: str
    proof: Proof | None = None

    def content(self) -> dict[str, Any]:
        """Return it as the report's template takes it."""
        return asdict(self)


def line(title: str, value: str) -> PrintedValue:
    """Return a value with its name, wide where it would not fit beside another."""
    return PrintedValue(title, value, len(value) > NARROW)
