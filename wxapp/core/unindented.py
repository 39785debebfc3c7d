"""Pages without the indentation of their templates: it was a third of what a phone fetches.

Pages are not compressed: tokens of forms stand beside what others may have written (BREACH).
"""

import re

from jinja2.ext import Extension
from typing_extensions import override

_INDENTED = re.compile(r"\n\s+")


class Unindented(Extension):
    """Takes the indentation off a template when it is compiled; values keep theirs."""

    @override
    def preprocess(self, source: str, name: str | None, filename: str | None = None) -> str:
        return _INDENTED.sub("\n", source)
