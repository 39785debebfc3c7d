"""The operator's pages (/ops): whether the account sends, with what, and what is under way."""

from wxapp import audit, breaches, firms
from wxapp.ops import account, campaigns, first_accounts, menu, month, replies, schools, templates
from wxapp.ops.door import blueprint

PAGES = (account, campaigns, first_accounts, menu, month, replies, schools, templates)
"""Imported so that their routes exist."""

audit.serve(blueprint)
breaches.serve(blueprint, above_schools=True)
firms.serve(blueprint)

__all__ = ["PAGES", "blueprint"]
