"""Writes `moves.pml`: the state tables of the ledger as the models use them.

`python -m spec.moves >spec/moves.pml` after a change of notifier/ledger/states.py; a test compares.
"""

import sys
from collections.abc import Mapping

from notifier.ledger import states
from registry.base.state_table import E, S, StateTable

HEADER = """\
/* moves.pml: the states and moves of notifier/ledger/states.py, written by `python -m spec.moves`.

   MAY_X(s) says whether event X may happen in state s; MOVE_X(s) makes the move, and is an error
   where the table does not have it. What begins with C_ is a campaign's, the rest a message's. */
"""


def written() -> str:
    """Return the text of moves.pml."""
    of_messages, of_campaigns = _life("", states.MESSAGE), _life("C_", states.CAMPAIGN)
    return "\n".join([HEADER, *of_messages, "", *of_campaigns]) + "\n"


def _life(prefix: str, table: StateTable[S, E]) -> list[str]:
    found = [prefix + each.name for each in sorted(table.states)]
    lines = [f"mtype = {{ {', '.join(found)} }};"]
    for event in dict.fromkeys(event for _, event in table.moves):
        name, targets = prefix + event.name, table.targets(event)
        may = " || ".join(f"(s) == {prefix}{source.name}" for source in targets)
        lines.append(f"#define MAY_{name}(s) ({may})")
        lines.append(
            f"inline MOVE_{name}(s) {{ assert(MAY_{name}(s)); s = {_to(prefix, targets)} }}"
        )
    return lines


def _to(prefix: str, targets: Mapping[S, S]) -> str:
    """Return the state moved to, as an expression where it depends on the state moved from."""
    (source, target), *others = targets.items()
    if all(to is target for _, to in others):
        return prefix + target.name
    return f"(s == {prefix}{source.name} -> {prefix}{target.name} : {_to(prefix, dict(others))})"


if __name__ == "__main__":
    sys.stdout.write(written())
