"""`quxiang files`: where the files lie that are kept for long, and moving all of them."""

import argparse
import time
from collections.abc import Callable
from functools import partial

from sqlalchemy import Select, func, select

from commands.answers import Answer, Refused, runs, say, verbs
from commands.opening import opened_resources
from registry.base.file_tables import StoredFile
from registry.base.objects import StoreAway
from registry.upkeep import object_moves
from registry.upkeep.object_moves import Mover
from runtime.resources import Resources

AT_ONCE = 100
"""Files looked up in one query."""
TOLD_EACH = 1000


def fill(parser: argparse.ArgumentParser) -> None:
    """Describe the arguments."""
    those = verbs(parser)
    runs(those.add_parser("show", help="how many lie where"), _show)
    out = "from the database into the object store; may be repeated, goes on where it stopped"
    runs(those.add_parser("out", help=out), _out)
    back = "from the object store into the database; may be repeated, goes on where it stopped"
    runs(those.add_parser("in", help=back), _in)


def _show(_options: argparse.Namespace) -> Answer:
    with opened_resources() as resources:
        return _answer(resources, 0)


def _out(_options: argparse.Namespace) -> Answer:
    with opened_resources() as resources:
        mover = mover_of(resources)
        done = moved(resources, partial(object_moves.waiting, resources.clock()), mover.out)
        return _answer(resources, done)


def _in(_options: argparse.Namespace) -> Answer:
    with opened_resources() as resources:
        mover = mover_of(resources)
        done = moved(resources, object_moves.elsewhere, mover.back)
        while mover.delete_gone():
            pass
        return _answer(resources, done)


def mover_of(resources: Resources) -> Mover:
    """Return what moves files, or refuse where no object store is set."""
    if resources.objects is None:
        raise Refused("no_object_store", "QUXIANG_OBJECTS_URL is not set (docs/operations.md).")
    return Mover(resources.sessions, resources.vault, resources.objects, resources.clock)


def moved(
    resources: Resources, which: Callable[[int], Select[int]], move: Callable[[int], bool]
) -> int:
    """Move all of some files, one after the other; say how many. Refuse where the store is away."""
    done, after, begun = 0, 0, time.monotonic()
    while True:
        with resources.readers() as session:
            ids = session.scalars(which(after).limit(AT_ONCE)).all()
        if not ids:
            return done
        for ident in ids:
            done += _tried(move, ident, done)
            after = ident
            if done and done % TOLD_EACH == 0:
                say(f"{done:,} moved, {done / (time.monotonic() - begun):,.0f} a second")


def _tried(move: Callable[[int], bool], ident: int, done: int) -> bool:
    try:
        return move(ident)
    except StoreAway as away:
        words = f"The object store does not take part ({away.why}); {done:,} files were moved."
        again = "The others are where they were: start again once it answers (quxiang check)."
        raise Refused("object_store_away", f"{words} {again}", {"moved": done}) from None


def _answer(resources: Resources, done: int) -> Answer:
    there = StoredFile.object_name.is_not(None)
    counted = select(there.label("there"), func.count(), func.sum(StoredFile.size)).group_by(there)
    with resources.readers() as session:
        found = {
            bool(there): (number, int(size)) for there, number, size in session.execute(counted)
        }
    (here, here_bytes), (away, away_bytes) = (found.get(each, (0, 0)) for each in (False, True))
    facts = {
        "moved": done,
        "database": {"files": here, "bytes": here_bytes},
        "object_store": {"files": away, "bytes": away_bytes},
    }
    said = f"{here:,} files lie in the database, {away:,} in the object store"
    return Answer(facts, f"{done:,} moved; {said}." if done else f"{said}.")
