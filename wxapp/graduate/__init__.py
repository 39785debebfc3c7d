"""Graduates' pages: what is registered of her, her answer to it, her messages."""

from wxapp.graduate import (
    binding,
    confirmation,
    employer_lookup,
    evidence,
    guide,
    letters,
    record,
    registering,
    sending,
    sheet,
    unbinding,
    voiding,
)

blueprints = (
    record.blueprint,
    confirmation.blueprint,
    letters.blueprint,
    guide.blueprint,
    binding.blueprint,
    unbinding.blueprint,
    *{each.blueprint for each in (registering, employer_lookup, sending)},
    evidence.blueprint,
    voiding.blueprint,
    sheet.blueprint,
)
