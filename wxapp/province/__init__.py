"""The province's door (/province): batches, reviews, progress and rates, reminders."""

from wxapp import audit, breaches, firms, reviews
from wxapp.province import (
    batches,
    first_accounts,
    flags,
    home,
    monitoring,
    people,
    reminders,
    statistics,
    syncing,
)
from wxapp.province.door import blueprint

PAGES = (batches, first_accounts, flags, home, monitoring, people, reminders, statistics, syncing)
"""Imported so that their routes exist."""

reviews.serve(blueprint, "/schools/<school>")
audit.serve(blueprint)
breaches.serve(blueprint, above_schools=True)
firms.serve(blueprint)

__all__ = ["PAGES", "blueprint"]
