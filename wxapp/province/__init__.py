"""The province's door (/province): batches and what is forwarded of them, reviews, progress."""

from wxapp import audit, breaches, firms, reviews
from wxapp.province import (
    batches,
    exports,
    first_accounts,
    flags,
    forwardings,
    home,
    monitoring,
    people,
    reminders,
    statistics,
    syncing,
)
from wxapp.province.door import blueprint

PAGES = (
    *(batches, exports, first_accounts, flags, forwardings, home, monitoring, people),
    *(reminders, statistics, syncing),
)
"""Imported so that their routes exist."""

reviews.serve(blueprint, "/schools/<school>")
audit.serve(blueprint)
breaches.serve(blueprint, above_schools=True)
firms.serve(blueprint)

__all__ = ["PAGES", "blueprint"]
