"""How often Python's garbage collector looks for reference cycles during a run."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

THRESHOLDS = (50_000, 20, 100)


@contextmanager
def few_collections() -> Iterator[None]:
    """Collect seldom: a run holds thousands of messages or rows at once and makes few cycles.

    Each collection walks over every object; with the usual thresholds that is a tenth of the time
    a message or a row takes.
    """
    usual = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(*THRESHOLDS)
    try:
        yield
    finally:
        gc.set_threshold(*usual)
        gc.unfreeze()
