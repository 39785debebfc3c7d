"""Reports as PDF: typst sets them, the font comes with the program, text is data, never markup.

PDF/A-2a keeps them readable for decades, selectable, searchable, and tagged so that they can be
read aloud (PDF/UA-1); its rules make typst refuse a character the font does not have, so that no
report ever shows a box in place of a name.
"""

import json
import re
import threading
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Final, Literal

import typst

from registry.base.clock import SHANGHAI
from registry.base.errors import RuleError

TEMPLATES = Path(__file__).resolve().parents[2] / "templates" / "reports"
FONT_PACKAGE = "manimgx_fonts_cjk"
STANDARDS: Final[Sequence[Literal["a-2a", "ua-1"]]] = ("a-2a", "ua-1")
MEDIA_TYPE = "application/pdf"
GAP = "□"
"""What stands for a character that the font does not have, where a text may have one left out."""

LARGE = 20_000
"""Characters of content from which what typst keeps of a document is let go of at once."""
_REMEMBERED = 10
"""Documents of which typst keeps what it reckoned, to be quick with the next that is alike."""
_NO_GLYPH = re.compile(r'the text `?"(?P<text>.+?)"`? could not be displayed')
_QUOTED = re.compile(r"\\u\{(?P<code>[0-9a-f]+)\}")
"""As typst writes what nobody would see."""
_own = threading.local()


class Unprintable(RuleError):
    """The font has no picture of these characters."""

    def __init__(self, quoted: str) -> None:
        sentence = f"字库中没有“{quoted}”，不能生成 PDF。网页上的信息不受影响，仍然有效。"
        super().__init__("unprintable", sentence)
        self.characters = _QUOTED.sub(lambda found: chr(int(found["code"], 16)), quoted)


@cache
def _fonts() -> typst.Fonts:
    """Find the one font there is; nothing of the machine's own, so that all print alike."""
    folder = str(resources.files(FONT_PACKAGE))
    return typst.Fonts(
        include_system_fonts=False, include_embedded_fonts=False, font_paths=[folder]
    )


def _compiler(template: str) -> typst.Compiler:
    """Return this thread's compiler of a template: one may not be used by two at a time."""
    held: dict[str, typst.Compiler] = _own.__dict__.setdefault("compilers", {})
    if template not in held:
        path = TEMPLATES / f"{template}.typ"
        held[template] = typst.Compiler(str(path), root=str(TEMPLATES), font_paths=_fonts())
    return held[template]


def typeset(template: str, content: Mapping[str, object], at: datetime) -> bytes:
    """Return a report as PDF, dated `at`: the same content and moment give the same file.

    Raises Unprintable (`unprintable`) where the font has no picture of a character.
    """
    said = json.dumps(content, ensure_ascii=False)
    try:
        pdf = _compiler(template).compile(
            format="pdf",
            sys_inputs={"content": said, "day": at.astimezone(SHANGHAI).strftime("%Y-%m-%d")},
            pdf_standards=[*STANDARDS],
            timestamp=int(at.timestamp()),
        )
    except typst.TypstError as error:
        raise _explained(error) from None
    finally:
        if len(said) >= LARGE:
            _forget()
    assert isinstance(pdf, bytes), "one file for all pages"
    return pdf


def _forget() -> None:
    """Have typst let go of the last documents: 200 slips are 120 MB, ten times that 1.2 GB.

    It offers no call for that. What is older than its last documents goes with each, so as many
    empty ones take everything along.
    """
    for _ in range(_REMEMBERED + 1):
        _compiler("empty").compile(format="pdf")


def _explained(error: typst.TypstError) -> Exception:
    matched = _NO_GLYPH.search(error.message)
    if matched is None:
        return error
    return Unprintable(matched["text"])


def with_gaps(texts: Iterable[str], at: datetime) -> dict[str, str]:
    """Return texts of one line each as the font can print them: GAP for what it does not have.

    For what is no record of anybody, and would otherwise keep everything else from being printed.
    """
    asked = list(dict.fromkeys(texts))
    lines = "\n".join(asked)
    while True:
        try:
            typeset("characters", {"title": "文字", "text": lines}, at)
        except Unprintable as refused:
            if refused.characters not in lines.replace(GAP, ""):  # or it would go on for ever
                raise
            lines = lines.replace(refused.characters, GAP)
        else:
            return dict(zip(asked, lines.split("\n"), strict=True))
