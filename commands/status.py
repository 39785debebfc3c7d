"""`quxiang status`: what the operator's page shows, on one page of a terminal."""

import argparse
from collections.abc import Iterator, Sequence
from datetime import timedelta

from commands.answers import Answer, runs
from commands.opening import opened_resources
from notifier.delivery import account_state, figures
from notifier.delivery.figures import Figure


def fill(parser: argparse.ArgumentParser) -> None:
    """Describe the arguments."""
    runs(parser, _status)


def _status(_options: argparse.Namespace) -> Answer:
    with opened_resources() as resources, resources.readers.begin() as session:
        settings, at = resources.settings, resources.clock()
        found = figures.read(session, settings, at)
        account = account_state.read(session, settings, at)
    facts = {each.name: _values(each) for each in found}
    words = f"paused: {account.sentence}" if account.paused else "sends"
    return Answer(
        {"at": at.isoformat(), "paused": account.paused, "reason": account.reason, **facts},
        "\n".join([f"{'account':<44}{words}", *_lines(found)]),
    )


def _values(figure: Figure) -> object:
    """Return a figure for programs: a number, or numbers by the values of its labels."""
    if not figure.labels:
        return figure.values[0][1] if figure.values else None
    return {"/".join(labels): value for labels, value in figure.values}


def _lines(found: Sequence[Figure]) -> Iterator[str]:
    for each in found:
        for labels, value in each.values:
            name = " ".join((each.name.removeprefix("quxiang_"), *filter(None, labels)))
            yield f"{name:<44}{_read_out(each, value)}"


def _read_out(figure: Figure, value: float) -> str:
    """Return a number for people: ages as days, hours and minutes."""
    if not figure.name.endswith("_seconds"):
        return f"{value:,.0f}"
    return str(timedelta(seconds=round(value)))
