"""The filters of a list as its address holds them, and back."""

from collections.abc import Mapping

from registry.base.errors import RuleError
from registry.record.confirmation.states import ConfirmationState
from registry.record.destination_filter import DestinationFilter
from registry.record.graduates import GraduateFilter
from wxapp.core.lists import read_days

PLAIN = {
    "department": "department",
    "level": "level",
    "major": "major",
    "class": "class_name",
    "source": "source",
    "q": "words",
    "sex": "sex",
    "counsellor": "counsellor",
}
"""Name in the address, name in the filter."""
OF_DESTINATION = {
    "unit": "unit_name",
    "nature": "unit_nature",
    "industry": "unit_industry",
    "region": "unit_province",
    "post": "job_class",
}
"""The same of what the filter says of the destination; `category` has codes between commas."""
LONGEST = 120
"""Characters of a value, as long as the name of a unit."""


def read_filter(given: Mapping[str, str], year: int) -> GraduateFilter:
    """Read a filter; raise RuleError `state_unknown` or `day_unreadable` naming the field."""
    plain = {field: given.get(name, "").strip()[:LONGEST] for name, field in PLAIN.items()}
    return GraduateFilter(
        year=year,
        state=_state(given.get("state", "")),
        reported=read_days(given, "reported"),
        answered=read_days(given, "answered"),
        destination=_destination(given),
        **plain,
    )


def _destination(given: Mapping[str, str]) -> DestinationFilter:
    said = {field: given.get(name, "").strip()[:LONGEST] for name, field in OF_DESTINATION.items()}
    categories = (each.strip() for each in given.get("category", "")[:LONGEST].split(","))
    return DestinationFilter(categories=tuple(filter(None, categories)), **said)


def parameters(wanted: GraduateFilter) -> dict[str, str]:
    """Return the address's parameters for a filter, without the year and what is empty."""
    found = {name: str(getattr(wanted, field)) for name, field in PLAIN.items()}
    found |= {
        name: str(getattr(wanted.destination, field)) for name, field in OF_DESTINATION.items()
    }
    found["category"] = ",".join(wanted.destination.categories)
    found["state"] = wanted.state or ""
    for name, days in (("reported", wanted.reported), ("answered", wanted.answered)):
        found[f"{name}_from"] = days.first.isoformat() if days.first else ""
        found[f"{name}_to"] = days.last.isoformat() if days.last else ""
    return {name: value for name, value in found.items() if value}


def _state(given: str) -> ConfirmationState | None:
    if not given:
        return None
    if given not in set(ConfirmationState):
        raise RuleError("state_unknown", "没有这种登记确认状态，请从列表上方重新选择。", "state")
    return ConfirmationState(given)
