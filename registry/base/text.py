"""How text is trimmed, folded and compared: names, free text, numbers. Every door asks here.

`clean` and `person_name` return what is stored, `folded_number` what is stored and looked for;
`compared` and `compared_name` return what two spellings of the same value have in common.
"""

import re
import unicodedata
from functools import lru_cache

MIDDLE_DOT = "·"  # U+00B7: between the parts of a name, by the standard of the identity card
MIDDLE_DOTS = "·•‧∙⋅・･．․﹒⸱⸳ꞏ"
"""Every character that keyboards and files have where a name has its middle dot."""

_LETTER_LIKE_DOT = "\ua78f"  # the one of them that Unicode counts among the letters

_TO_MIDDLE_DOT = str.maketrans(dict.fromkeys(MIDDLE_DOTS, MIDDLE_DOT))
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f]+")
_INVISIBLE = re.compile(  # format characters, fillers, and selectors of a character's variants
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f"
    "\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb\U000e0000-\U000e0fff]+"
)
_HAN = "\u3007\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_STOPS = (
    ".。｡˙"  # typed for the middle dot between Chinese characters; elsewhere signs of their own
)
_STOP_IN_A_HAN_NAME = re.compile(rf"(?<=[{_HAN}])\s*[{_STOPS}]\s*(?=[{_HAN}])")
_BLANKS_IN_A_HAN_NAME = re.compile(rf"(?<=[{_HAN}·]) (?=[{_HAN}·])")
_LETTER = "A-Za-z\u00c0-\u1cff"  # of the scripts that put blanks between words
_BLANKS = re.compile(rf"(?<![{_LETTER}])\s+|\s+(?![{_LETTER}])")
_SIGNS_OF_NAMES = str.maketrans(dict.fromkeys(f"{MIDDLE_DOTS}{_STOPS}'’‘ʼ`", ""))
_COPIED_FROM_PRINT = re.compile("[\u2e80-\u2fd5Ａ-Ｚａ-ｚ]")  # radicals of a PDF's font; full width


def clean(text: str) -> str:
    """Return a text as it is stored: composed, no invisible characters, single blanks."""
    return text if text.isascii() and text.isalnum() else _cleaned(text)


@lru_cache(maxsize=16384)
def _cleaned(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", _visible(text)).split())


def _visible(text: str) -> str:
    return _CONTROL.sub(" ", _INVISIBLE.sub("", text))


def person_name(text: str) -> str:
    """Return a person's name as it is stored: with the one middle dot, no blanks in Chinese."""
    name = _COPIED_FROM_PRINT.sub(_folded_character, clean(text)).translate(_TO_MIDDLE_DOT)
    return _BLANKS_IN_A_HAN_NAME.sub("", _STOP_IN_A_HAN_NAME.sub(MIDDLE_DOT, name))


def _folded_character(found: re.Match[str]) -> str:
    return unicodedata.normalize("NFKC", found[0])


def folded_number(text: str) -> str:
    """Return a number or code as it is stored and looked for: half width, capitals, no blanks."""
    if text.isascii() and text.isprintable():
        return text.replace(" ", "").upper()
    return _composed("".join(_half_width(text).split()).upper())


def _composed(text: str) -> str:
    """Compose again: a mark that stood after a blank meets a letter when the blank goes."""
    return unicodedata.normalize("NFKC", text)


def _half_width(text: str) -> str:
    return unicodedata.normalize("NFKC", _visible(text))


def compared(value: object) -> str:
    """Return what equal values have in common: half width, no blanks; None is empty.

    A blank between two words of a Latin or another alphabet counts, so that it can be corrected.
    """
    text = "" if value is None else str(value)
    if _is_plain(text):
        return text
    return _composed(_BLANKS.sub("", " ".join(_half_width(text).split())))


def _is_plain(text: str) -> bool:
    """Say whether there is nothing to fold in a text, as in most."""
    if not text.isalnum() or not unicodedata.is_normalized("NFKC", text):
        return False
    return _LETTER_LIKE_DOT not in text


def compared_name(text: str) -> str:
    """Return what equal names have in common: no blanks, dots or apostrophes, no capitals."""
    if _is_plain(text):
        return text.casefold()
    bare = _half_width(text.translate(_SIGNS_OF_NAMES)).translate(_SIGNS_OF_NAMES)
    return _composed("".join(bare.split())).casefold()
