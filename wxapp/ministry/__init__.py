"""The Ministry's door (/ministry): progress, rates and syncs of all provinces, read only."""

from wxapp.ministry import pages
from wxapp.ministry.door import blueprint

PAGES = (pages,)
"""Imported so that their routes exist."""

__all__ = ["PAGES", "blueprint"]
