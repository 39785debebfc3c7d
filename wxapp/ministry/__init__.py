"""The Ministry's door (/ministry): figures of all provinces and what they forwarded, read only."""

from wxapp.ministry import forwardings, pages
from wxapp.ministry.door import blueprint

PAGES = (forwardings, pages)
"""Imported so that their routes exist."""

__all__ = ["PAGES", "blueprint"]
