"""The province's door (/province): batches of its schools, how far they are, their rates."""

from wxapp.province import batches, monitoring
from wxapp.province.door import blueprint

PAGES = (batches, monitoring)
"""Imported so that their routes exist."""

__all__ = ["PAGES", "blueprint"]
