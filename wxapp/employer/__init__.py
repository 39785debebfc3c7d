"""The employer's door (/employer): invitations to sign, and what becomes of them."""

from wxapp.employer import invitations, sheets, terminations, writing_invitation
from wxapp.employer.door import blueprint

PAGES = (invitations, sheets, terminations, writing_invitation)
"""Imported so that their routes exist."""

__all__ = ["PAGES", "blueprint"]
