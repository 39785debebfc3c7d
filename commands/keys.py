"""`quxiang keys`: bring everything that is sealed under the newest key."""

import argparse

from commands.answers import Answer, Refused, runs, say, verbs
from commands.opening import opened_resources
from registry.base.crypto import UnreadableValue
from registry.upkeep.rekey import SEALED, SealedColumn, reseal_batch
from runtime.resources import Resources


def fill(parser: argparse.ArgumentParser) -> None:
    """Describe the arguments."""
    rotate = verbs(parser).add_parser(
        "rotate", help="seal again what older keys of QUXIANG_DATA_KEYS sealed; may be repeated"
    )
    runs(rotate, _rotate)


def _rotate(_options: argparse.Namespace) -> Answer:
    with opened_resources() as resources:
        try:
            for which in SEALED:
                _reseal(resources, which)
        except UnreadableValue as error:
            raise Refused(
                "key_missing",
                f"A value ({error}) was sealed under a key that is not in QUXIANG_DATA_KEYS. "
                "Add it at the end and start again; what is done stays done.",
            ) from None
        current = resources.vault.current
    return Answer(
        {"key": current}, f"Everything is sealed under {current}; older keys may be removed."
    )


def _reseal(resources: Resources, which: SealedColumn) -> None:
    """Seal one column again, a short transaction a batch."""
    after: int | None = 0
    while after is not None:
        with resources.sessions.begin() as session:
            after = reseal_batch(session, resources.vault, which, after)
    say(f"{which.table.name}.{which.column.key}: done")
