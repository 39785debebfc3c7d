"""How many examples of a property are tried: few and always the same, or many and fresh ones."""

import os

from hypothesis import settings

PROFILE = os.environ.get("HYPOTHESIS_PROFILE", "quick")


def load_profile() -> None:
    """Set what properties go by that name no number of their own."""
    settings.register_profile("quick", max_examples=50, deadline=None, derandomize=True)
    settings.register_profile("thorough", max_examples=2000, deadline=None, print_blob=True)
    settings.load_profile(PROFILE)


def examples(quick: int, *, thorough: int) -> int:
    """Choose the number for a property whose examples take long, each with a database's help."""
    return thorough if PROFILE == "thorough" else quick
