"""What no field can hold, and what nobody means, for every parameter of every route."""

from sqlalchemy import select

from registry.accounts.school_tables import School
from registry.numbers.shape import Kind
from tests.wxapp.core.two_numbers import Stage

IMPOSSIBLE = "李\x00娟"
"""What no field, address or cookie may hold: PostgreSQL keeps no NUL in a text."""
AWKWARD = ("9" * 20, "9999-12-31T23:59")
"""A number beyond 64 bits, the end of the calendar: each in each field."""
STRANGE = (
    "-" + "9" * 20,
    "9" * 5000,
    "0001-01-01",
    "9999-12-31",
    "0001-01-01T00:00",
    "2026-02-30",
    "2026-06-30T09:00+23:59",
    "²",
    "٣",
    "1e999",
    "nan",
    "\u202e\ufffe\U0010ffff",
    "%",
    "'\"\\;--",
)
"""Other things nobody means: in all fields at once."""


def known(stage: Stage) -> dict[str, str]:
    """Return what stands in addresses."""
    schools = stage.site.read(lambda session: session.scalars(select(School.key)).all())
    return {
        "kind": next(iter(Kind)).value,
        "key": stage.graduate.key,
        "school": schools[0],
        "token": stage.canaries()[0].token,
        "name": "confirmation_reminder",
        "move": "pause",
        "filename": "mark.svg",
    }
