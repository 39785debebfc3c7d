"""Graduates' pages: what is registered of her, her answer to it, her messages."""

from wxapp.graduate import binding, confirmation, guide, letters, record, unbinding

blueprints = (
    record.blueprint,
    confirmation.blueprint,
    letters.blueprint,
    guide.blueprint,
    binding.blueprint,
    unbinding.blueprint,
)
