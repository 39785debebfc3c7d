"""A first filter against floods, counted in Redis, or in the process while Redis is away.

What protects a person from guessing is counted in the database (`registry.attempts`).
"""

from flask_limiter import Limiter
from flask_limiter.util import get_remote_address

SIGN_IN = "30 per minute"
BINDING = "300 per minute"
"""An auditorium of graduates shares one address."""
SUGGESTIONS = "90 per minute"
"""For each graduate: faster than anybody types."""
LOOKUP = "60 per minute"
"""Whole counties may share one address; what a guesser may do is counted in the database."""
SPOKEN_PUZZLE = "10 per minute"
"""Each takes a fifth of a second of work."""

limiter = Limiter(
    get_remote_address,
    strategy="fixed-window",
    in_memory_fallback_enabled=True,
    key_prefix="quxiang-limits",
)
