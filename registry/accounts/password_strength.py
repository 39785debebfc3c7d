"""Which passwords are refused: those that a program finds in a hundred million guesses."""

from collections.abc import Iterable

from zxcvbn import zxcvbn

from registry.base.errors import RuleError

LENGTH = 10
LEAST_SCORE = 3
"""Of zxcvbn's 0 to 4: more than 10^8 guesses, by lists of common passwords and names, rows of the
keyboard, dates, repeats, and the words below."""
LEAST_LEFT = 8
"""Characters that have to be left without the words everybody expects."""
LOOKED_AT = 64
"""Characters of a password that are weighed: the time grows with the square of their number."""
_HERE = (
    "quxiang",
    "jiuye",
    "jiuyeban",
    "biye",
    "biyesheng",
    "xuexiao",
    "daxue",
    *("xueyuan", "fudaoyuan", "laoshi", "shengting", "dangan", "hukou", "heyan", "weixin"),
    *("去向", "就业", "毕业", "学院", "辅导员", "档案", "户口", "核验", "微信"),
)
"""Words that everybody expects in the password of such an account: the product, whom it serves,
what is done with it (docs/controls.md)."""


def check_password(password: str, *own: str) -> None:
    """Raise RuleError `password_too_short` or `password_too_easy` for one that is easily found.

    `own` are words about whose it is, such as login and name.
    """
    if len(password) < LENGTH:
        raise RuleError("password_too_short", f"密码至少 {LENGTH} 位。", "password")
    words = [*own, *_HERE]
    weighed = zxcvbn(password[:LOOKED_AT], user_inputs=words)
    if weighed["score"] < LEAST_SCORE or len(_without(password, words)) < LEAST_LEFT:
        raise RuleError(
            "password_too_easy",
            "密码太容易猜到：不要用常见的密码、键盘顺序、日期或登录名，可以用几个互不相干的词。",
            "password",
        )


def _without(password: str, words: Iterable[str]) -> str:
    """Return what is left of a password without words; short ones may stand in others by chance."""
    left = password.casefold()
    for word in sorted(words, key=len, reverse=True):
        if len(word) >= (4 if word.isascii() else 2):
            left = left.replace(word.casefold(), "")
    return left
