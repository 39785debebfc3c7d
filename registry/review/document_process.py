"""Opens one uploaded document in a process of its own, under limits of memory and time.

The document comes on standard input. What leaves on standard output is a line of JSON,
`{"type": media type}` or `{"refused": code}`, and after a type the bytes to keep. A parser that
breaks takes only this process.
"""

import json
import resource
import signal
import sys

from registry.review.document_content import MOST_BYTES, RefusedContent, opened

MEMORY_BYTES = 3 << 29
"""A picture of a hundred million pixels, decoded, turned and written."""
CPU_SECONDS = 30
PATIENCE_SECONDS = 120


def main() -> None:
    """Read one document from standard input and say what it is."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    signal.alarm(PATIENCE_SECONDS)
    content = sys.stdin.buffer.read(MOST_BYTES + 1)
    try:
        media_type, kept = opened(content)
    except RefusedContent as refused:
        _say({"refused": refused.code})
    except (MemoryError, RecursionError):
        _say({"refused": "file_damaged"})
    else:
        _say({"type": media_type})
        sys.stdout.buffer.write(kept)


def _say(line: dict[str, str]) -> None:
    sys.stdout.buffer.write(json.dumps(line).encode() + b"\n")


if __name__ == "__main__":
    main()
