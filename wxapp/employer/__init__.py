"""The employer's door (/employer): invitations to sign, what becomes of them, its papers.

And how an employer that nobody knows yet registers, which is open to strangers.
"""

from wxapp.employer import (
    amending,
    door,
    exports,
    invitations,
    papers,
    registration,
    sheets,
    supplements,
    terminations,
    writing_invitation,
)

PAGES = (
    amending,
    exports,
    invitations,
    papers,
    sheets,
    supplements,
    terminations,
    writing_invitation,
)
"""Imported so that their routes exist."""

blueprints = (registration.blueprint, door.blueprint)
"""Every door of employers."""

__all__ = ["PAGES", "blueprints"]
