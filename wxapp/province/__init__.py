"""The province's door (/province): batches and reviews of its schools, their progress, rates."""

from wxapp import reviews
from wxapp.province import batches, monitoring
from wxapp.province.door import blueprint

PAGES = (batches, monitoring)
"""Imported so that their routes exist."""

reviews.serve(blueprint, "/schools/<school>")

__all__ = ["PAGES", "blueprint"]
