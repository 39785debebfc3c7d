"""The staff's own pages (/account): password, open sessions, WeChat, and colleagues' accounts."""

from wxapp.account import members, new_member, own
from wxapp.account.door import blueprint

PAGES = (members, new_member, own)
"""Imported so that their routes exist."""

__all__ = ["PAGES", "blueprint"]
