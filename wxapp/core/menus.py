"""What the menus of the consoles consist of."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Entry:
    """An entry of the menu on the left."""

    endpoint: str
    title: str
    icon: str
    school_only: bool = False
    """Whether a department's staff do without it."""
