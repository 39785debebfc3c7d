"""The staff's own pages (/account): password, open sessions, WeChat, and colleagues' accounts."""

from wxapp.account import (
    charges,
    factor,
    factor_resets,
    members,
    new_member,
    own,
    prove,
    staff_table,
)
from wxapp.account.door import blueprint

PAGES = (charges, factor, factor_resets, members, new_member, own, prove, staff_table)
"""Imported so that their routes exist."""

__all__ = ["PAGES", "blueprint"]
