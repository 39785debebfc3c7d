"""The filters of a list as its address holds them, and back."""

from collections.abc import Callable, Iterator, Mapping
from datetime import date
from typing import Any

from flask import request, url_for

from notifier.ledger import traits as ledger_traits
from registry.base.errors import RuleError
from registry.base.text import clean
from registry.record import selections
from registry.record.confirmation.states import ConfirmationState
from registry.record.destination_filter import DestinationFilter
from registry.record.graduate_filter import Days, GraduateFilter, Trait
from registry.record.graduate_order import ENTERED, Order, Sort
from registry.review import traits as review_traits
from registry.statistics import season_days
from wxapp.core.lists import read_day, read_days, read_months
from wxapp.core.staff_context import staff_context

PLAIN = {
    "department": "department",
    "level": "level",
    "major": "major",
    "class": "class_name",
    "sex": "sex",
    "origin": "origin",
    "source": "source",
    "counsellor": "counsellor",
    "q": "words",
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
TRAITS: dict[str, Callable[[str], Trait]] = {
    selections.PARAMETER: lambda key: selections.chosen(
        staff_context().scope, staff_context().staff.id, key
    ),
    "wechat": ledger_traits.wechat,
    "evidence": review_traits.evidence,
    "flag": review_traits.flag,
    "bound_from": lambda text: _bound("bound_from", text),
    "bound_to": lambda text: _bound("bound_to", text),
    "bound_by": lambda text: ledger_traits.bound_by(_on("bound_by", text)),
    "placed_by": lambda text: season_days.placed_by(_on("placed_by", text), staff_context().year),
    "confirmed_by": lambda text: season_days.confirmed_by(_on("confirmed_by", text)),
}
"""Name in the address, and what makes the condition of it."""
_DAYS = ("reported", "answered")
LONGEST = 120
"""Characters of a value, as long as the name of a unit."""


def read_filter(given: Mapping[str, str], year: int) -> GraduateFilter:
    """Read a filter; raise RuleError `state_unknown` or `day_unreadable` naming the field."""
    plain = {field: _text(given, name) for name, field in PLAIN.items()}
    return GraduateFilter(
        year=year,
        state=_state(given.get("state", "")),
        reported=read_days(given, "reported"),
        answered=read_days(given, "answered"),
        graduated=read_months(given, "graduated"),
        destination=_destination(given),
        traits=tuple(make(_text(given, name)) for name, make in TRAITS.items() if given.get(name)),
        **plain,
    )


def _destination(given: Mapping[str, str]) -> DestinationFilter:
    said = {field: _text(given, name) for name, field in OF_DESTINATION.items()}
    categories = (each.strip() for each in _text(given, "category").split(","))
    return DestinationFilter(categories=tuple(filter(None, categories)), **said)


def _bound(name: str, text: str) -> Trait:
    return ledger_traits.bound_within(name, read_days({name: text}, "bound"))


def _on(name: str, text: str) -> date:
    return read_day({name: text}, name)


def _text(given: Mapping[str, str], name: str) -> str:
    """Return a value as the record keeps texts: what was copied may hold what nobody sees."""
    return clean(given.get(name, ""))[:LONGEST]


def parameters(wanted: GraduateFilter) -> dict[str, str]:
    """Return the address's parameters for a filter, without the year and what is empty."""
    found = {name: str(getattr(wanted, field)) for name, field in PLAIN.items()}
    found |= {
        name: str(getattr(wanted.destination, field)) for name, field in OF_DESTINATION.items()
    }
    found["category"] = ",".join(wanted.destination.categories)
    found["state"] = wanted.state or ""
    found |= {each.name: each.value for each in wanted.traits}
    for name in _DAYS:
        found.update(_span(name, getattr(wanted, name), date.isoformat))
    found.update(_span("graduated", wanted.graduated, lambda day: f"{day:%Y-%m}"))
    return {name: value for name, value in found.items() if value}


def _span(name: str, days: Days, written: Callable[[date], str]) -> Iterator[tuple[str, str]]:
    yield f"{name}_from", written(days.first) if days.first else ""
    yield f"{name}_to", written(days.last) if days.last else ""


def _state(given: str) -> ConfirmationState | None:
    if not given:
        return None
    if given not in set(ConfirmationState):
        raise RuleError("state_unknown", "没有这种登记确认状态，请从列表上方重新选择。", "state")
    return ConfirmationState(given)


SORT = "sort"
"""Name in the address of what a list is ordered by: a `Sort`, after a minus the other way round."""


def read_order(given: Mapping[str, str]) -> Order:
    """Read the order of a list; raise RuleError `sort_unknown`."""
    name = given.get(SORT, "") or Sort.ENTERED
    descending, by = name.startswith("-"), name.removeprefix("-")
    if by not in set(Sort):
        raise RuleError("sort_unknown", "没有这种排序，请点击表头重新选择。", SORT)
    return Order(Sort(by), descending=descending)


def order_parameters(order: Order) -> dict[str, str]:
    """Return the address's parameter for an order; none for that in which people were entered."""
    return {} if order == ENTERED else {SORT: f"{'-' * order.descending}{order.by}"}


def list_query(given: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return the parameters of the list that an address names, the one asked for if none is given.

    Without the year, the page and what is empty; raises as `read_filter` and `read_order` do.
    """
    said = request.args if given is None else given
    wanted = read_filter(said, staff_context().year)
    return parameters(wanted) | order_parameters(read_order(said))


def list_address() -> str:
    """Return the address of the list of graduates as the one asked for names it."""
    query: dict[str, Any] = dict(list_query())
    return url_for("school.graduates", **query)
