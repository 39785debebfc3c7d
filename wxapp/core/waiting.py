"""A line of a first page: something that waits for the reader."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Waiting:
    """Something that waits for the reader."""

    number: int
    words: str
    hint: str
    address: str
    colour: str
    since: datetime | None = None
    """When that came which waits longest; None where nothing tells."""
