"""What a page would do at once is left to the workers, so that a test sees it wait."""

from collections.abc import Collection
from dataclasses import replace

import pytest

from notifier.campaigns import recipient_lists
from registry.tasks import kinds
from registry.tasks.states import TaskKind


def leave_to_workers(
    monkeypatch: pytest.MonkeyPatch, only: Collection[TaskKind] = frozenset(TaskKind), soon: int = 0
) -> None:
    """Have no more than `soon` people seen to while a page is waited for."""
    for procedures in (kinds.PROCEDURES, recipient_lists.PROCEDURES):
        for kind in procedures.keys() & set(only):
            monkeypatch.setitem(procedures, kind, replace(procedures[kind], soon=soon))
