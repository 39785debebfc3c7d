"""The door for systems of the provinces (/api/province/v1), and the document that describes it."""

from wxapp.api import openapi, operations
from wxapp.api.door import blueprint

PAGES = (operations,)
"""Imported so that their routes exist."""
blueprints = (blueprint, openapi.blueprint)

__all__ = ["PAGES", "blueprints"]
