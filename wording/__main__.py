"""`python -m wording`: every sentence that people read, by page, as Markdown."""

import sys
from itertools import groupby
from pathlib import Path

from wording.sentences import all_sentences

ROOT = Path(__file__).resolve().parent.parent


def page(root: Path) -> str:
    """Return the list as Markdown: a heading a file, a line a sentence."""
    lines = ["# Every sentence people read", ""]
    for path, sentences in groupby(all_sentences(root), key=lambda each: each.path):
        lines += [f"## {path}", ""]
        lines += [f"- {each.line}: {each.text}" for each in sentences]
        lines.append("")
    return "\n".join(lines)


if __name__ == "__main__":
    sys.stdout.write(page(ROOT))
