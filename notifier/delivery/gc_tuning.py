"""How often a run looks for garbage that is held in a ring."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

THRESHOLDS = (50_000, 20, 100)


@contextmanager
def few_collections() -> Iterator[None]:
    """Look seldom: a run holds thousands of messages at any moment, and makes hardly a ring.

    Each look walks over what is held; with the usual thresholds that is a tenth of the time a
    message takes.
    """
    usual = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(*THRESHOLDS)
    try:
        yield
    finally:
        gc.set_threshold(*usual)
        gc.unfreeze()
