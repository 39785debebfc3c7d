"""What is wrong with a number that has not the form of a resident identity number, in words.

The sentences name a place and a letter, never a digit of the number.
"""

import re

LENGTH = 18
_OLD_LENGTH = 15
_COVERED = re.compile(r"[*●■]|X{4,}")
_WRITTEN_AROUND = re.compile(r"(?<![0-9A-Z])[0-9]{17}[0-9X](?![0-9A-Z])")
_LIKE_X = frozenset("×✕✖╳ХΧ")  # signs of multiplication, the Cyrillic letter, the Greek one
_OF_HONG_KONG_OR_MACAU = re.compile(r"(?:[A-Z]{1,2}[0-9]{6}|[0-9]{7})\([0-9A]\)")
_LIKE_DIGITS = {
    "O": "0",
    "О": "0",  # Cyrillic
    "Ο": "0",  # Greek
    "〇": "0",
    "Q": "0",
    "I": "1",
    "L": "1",
    "|": "1",
    "Z": "2",
    "S": "5",
    "B": "8",
}
_TO_DIGITS = str.maketrans(dict(_LIKE_DIGITS))
_AS_SHOWN = {"О": "O", "Ο": "O"}


def described(number: str) -> tuple[str, str]:
    """Return a stable code and a sentence for a normalised number that no document has."""
    for describe in (_covered, _last, _letter, _around, _hong_kong_or_macau, _length):
        if found := describe(number):
            return found
    return "identity_form", "证件号码不是身份证号，也不像护照或通行证号。"


def _covered(number: str) -> tuple[str, str] | None:
    if _COVERED.search(number):
        return "identity_sign", "号码里有遮盖用的星号或 X，请填写完整的证件号码。"
    return None


def _last(number: str) -> tuple[str, str] | None:
    if len(number) != LENGTH or not number[:-1].isdecimal():
        return None
    if number[-1] in _LIKE_X:
        return "identity_sign", "身份证号末位应是字母 X，现在是一个形似的符号，请改为英文字母 X。"
    return "identity_sign", f"身份证号第 {LENGTH} 位应是数字或字母 X，请与证件核对。"


def _letter(number: str) -> tuple[str, str] | None:
    for place, char in enumerate(number[:-1], 1):
        if char in _LIKE_DIGITS and _is_a_letter_away(number):
            shown, digit = _AS_SHOWN.get(char, char), _LIKE_DIGITS[char]
            return "identity_sign", f"身份证号第 {place} 位是字母 {shown}，应为数字 {digit}。"
    return None


def _is_a_letter_away(number: str) -> bool:
    return len(number) == LENGTH and number[:-1].translate(_TO_DIGITS).isdecimal()


def _around(number: str) -> tuple[str, str] | None:
    if _WRITTEN_AROUND.search(number):
        return "identity_form", "身份证号前后还有别的字，请只填写号码。"
    return None


def _hong_kong_or_macau(number: str) -> tuple[str, str] | None:
    if _OF_HONG_KONG_OR_MACAU.fullmatch(number):
        return "identity_form", "这像是港澳身份证号，请填写来往内地通行证、居住证或护照的号码。"
    return None


def _length(number: str) -> tuple[str, str] | None:
    """Describe digits of another length, with or without the check character X at the end."""
    if not number.removesuffix("X").isdecimal() or len(number) <= 10:
        return None
    if len(number) == _OLD_LENGTH:
        sentence = f"这是 {_OLD_LENGTH} 位的旧身份证号，请填写 {LENGTH} 位的号码。"
    else:
        sentence = f"身份证号应为 {LENGTH} 位，现在是 {len(number)} 位。"
    return "identity_length", sentence
