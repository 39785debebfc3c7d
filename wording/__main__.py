"""`python -m wording`: every sentence that people read, as Markdown; writes `docs/words.md` too."""

import sys
from itertools import groupby
from pathlib import Path

from wording import school_page
from wording.everywhere import all_sentences

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
    (ROOT / "docs" / "words.md").write_text(school_page.written(ROOT), encoding="utf-8")
    sys.stdout.write(page(ROOT))
