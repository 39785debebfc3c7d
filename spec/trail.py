"""Makes Spin's account of a counterexample readable: one line a step, who and what was written."""

import re
from collections.abc import Iterable, Iterator

_LINE = re.compile(
    r"\s*(?P<step>\d+):\s+proc\s+(?P<number>\d+) \((?P<process>[^:)]+):\d+\) \S+ \(state \d+\)"
    r"\s*(?:<valid end state>)?\s*\[(?P<said>.*)\]"
)
_WRITES = re.compile(r"(?<![=!<>])=(?!=)")
_LAST_OF_STEP = re.compile(r"at(\[i\])? = ")


def readable(lines: Iterable[str]) -> Iterator[str]:
    """Yield the steps of a trail that write something: who, and what is written.

    A step of a worker ends where it moves on to another place.
    """
    who, written = "", list[str]()
    for said in filter(None, map(_LINE.match, lines)):
        now = f"{said['process']}{said['number']}"
        if written and (now != who or _LAST_OF_STEP.match(written[-1])):
            yield f"{who:<12} {'; '.join(written)}"
            written = []
        who = now
        if _WRITES.search(said["said"]) and not said["said"].startswith(("assert", "(")):
            written.append(said["said"])
    if written:
        yield f"{who:<12} {'; '.join(written)}"
