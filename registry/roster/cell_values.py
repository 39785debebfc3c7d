"""What a cell of a file says, whichever program wrote it; what only stands for nothing is empty."""

from functools import lru_cache

from registry.base.text import clean

_ERRORS = """
#N/A #REF! #VALUE! #DIV/0! #NAME? #NULL! #NUM! #SPILL! #CALC! #FIELD! #BLOCKED! #CONNECT!
#UNKNOWN! #BUSY! #PYTHON! #EXTERNAL! #GETTING_DATA
"""
ERROR_VALUES = frozenset(_ERRORS.split())
"""What spreadsheets show where a formula has no result."""
NO_RESULT = "#公式没有结果"
"""Stands for a formula that no program has computed, which shows nothing at all."""

_EMPTY_SIGNS = "/ // ／ \\ - -- --- － — —— – ― ─ ── _ __"
_EMPTY_WORDS = """
无 暂无 没有 空 未填 未填写 不适用 无。 暂无。 (无) （无） (空) （空） (空白) （空白）
nan <na> nat none null nil n/a na (null) (blank)
"""
_NOTHING = frozenset(f"{_EMPTY_SIGNS} {_EMPTY_WORDS}".split())
ZEROS = frozenset("0" * length for length in range(1, 21))
"""As programs fill empty cells, up to the length of the longest number."""
_OPENING_QUOTES = {"'": "'", "`": "`", "‘": "’", "’": "’", "＇": "＇", "′": "′"}
"""What makes a spreadsheet keep a cell as text, by the sign that would close it as a quotation."""


@lru_cache(maxsize=65536)
def said(cell: str) -> str:
    """Return what a cell says, cleaned.

    Signs and words for “nothing” and the empty values of other programs (nan, None, NULL) are
    empty, an apostrophe in front goes, a whole number loses the fraction that programs add
    (202606.0).
    """
    text = clean(cell)
    if text.isalnum():
        return "" if text.casefold() in _NOTHING else text
    text = _without_apostrophe(text)
    whole, point, fraction = text.partition(".")
    if point and whole.isdecimal() and fraction and not fraction.strip("0"):
        text = whole
    return "" if text.casefold() in _NOTHING else text


def _without_apostrophe(text: str) -> str:
    while text and (closing := _OPENING_QUOTES.get(text[0])):
        rest = text[1:]
        if rest.endswith(closing):
            rest = rest[:-1]
        elif closing in rest:
            return text  # a quotation within the text: ‘青禾’科技
        text = rest.strip()
    return text


def is_error(text: str) -> bool:
    """Say whether a cell is the error of a formula."""
    return text[:1] == "#" and (text == NO_RESULT or text.upper() in ERROR_VALUES)
