"""`quxiang keys`: bring everything under the newest data key, or under another index key."""

import argparse
import time
from collections.abc import Callable
from functools import partial

from commands import files
from commands.answers import Answer, Refused, runs, say, verbs
from commands.opening import opened_resources
from notifier.ledger.tables import Binding
from registry.base.crypto import UnreadableValue
from registry.upkeep import object_moves, reindex
from registry.upkeep.reindex import Step
from registry.upkeep.rekey import SEALED, SealedColumn, reseal_batch
from runtime.resources import Resources

FOLLOWERS = (Binding.phone_index,)
STEPS: dict[str, Step] = {
    "people": partial(reindex.people, followers=FOLLOWERS),
    "phones from before": reindex.contact_changes,
    "numbers": reindex.numbers,
    "phones of employers": reindex.handlers,
    "addresses of lookups": reindex.lookups,
}


def fill(parser: argparse.ArgumentParser) -> None:
    """Describe the arguments."""
    rotate = verbs(parser).add_parser(
        "rotate", help="seal again what older keys of QUXIANG_DATA_KEYS sealed; may be repeated"
    )
    rotate.add_argument(
        "--index",
        action="store_true",
        help="index again what is kept under QUXIANG_INDEX_KEY_OTHER; may be repeated",
    )
    runs(rotate, _rotate)


def _rotate(options: argparse.Namespace) -> Answer:
    with opened_resources() as resources:
        try:
            return _reindexed(resources) if options.index else _resealed(resources)
        except UnreadableValue as error:
            raise Refused(
                "key_missing",
                f"A value ({error}) was sealed under a key that is not in QUXIANG_DATA_KEYS: add "
                "it at the end. Or it stands in another row than it was sealed for, or was sealed "
                "before values were bound to their row: then QUXIANG_UNBOUND_VALUES=open lets it "
                "open. Start again; what is done stays done.",
            ) from None


def _resealed(resources: Resources) -> Answer:
    for which in SEALED:
        _reseal(resources, which)
    _reseal_elsewhere(resources)
    current = resources.vault.current
    return Answer(
        {"key": current},
        f"Everything is sealed under {current} and bound to its row; older keys may be removed, "
        "and QUXIANG_UNBOUND_VALUES be set to refuse.",
    )


def _reseal(resources: Resources, which: SealedColumn) -> None:
    """Seal one column again, a short transaction a batch."""
    after: int | None = 0
    while after is not None:
        with resources.sessions.begin() as session:
            after = reseal_batch(session, resources.vault, which, after)
    say(f"{which.table.name}.{which.column.key}: done")


def _reseal_elsewhere(resources: Resources) -> None:
    """Seal again the files in the object store, each under another name there."""
    which = partial(object_moves.sealed_otherwise, resources.vault)
    with resources.readers() as session:
        if session.scalar(which().limit(1)) is None:
            return
    number = files.moved(resources, which, files.mover_of(resources).seal_again)
    say(f"files in the object store: {number:,} done")


def _reindexed(resources: Resources) -> Answer:
    if not resources.vault.has_two_index_keys:
        raise Refused(
            "one_index_key",
            "QUXIANG_INDEX_KEY_OTHER is not set. The way from one index key to another, in steps: "
            "docs/operations.md, Keys.",
        )
    changed = {name: _walk(resources, name, step) for name, step in STEPS.items()}
    with resources.sessions.begin() as session:
        changed["phones of bindings"] = reindex.forget_strays(session, FOLLOWERS)
    if any(changed.values()):
        return Answer({"changed": changed}, "Indexed again. Start once more, to see nothing left.")
    said = "Nothing is left under the other key: QUXIANG_INDEX_KEY_OTHER may be removed."
    return Answer({"changed": changed}, said)


def _walk(
    resources: Resources, name: str, step: Step, clock: Callable[[], float] = time.monotonic
) -> int:
    """Do all rows, a short transaction a batch; say how many were changed."""
    began, looked_at, changed, after = clock(), 0, 0, 0
    while True:
        with resources.sessions.begin() as session:
            looked = step(session, resources.vault, after)
        if looked is None:
            speed = looked_at / max(clock() - began, 0.001)
            say(f"{name}: {changed:,} changed of {looked_at:,}, {speed:,.0f} a second")
            return changed
        after = looked.last
        looked_at, changed = looked_at + looked.looked_at, changed + looked.changed
