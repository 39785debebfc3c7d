"""Which passwords are refused: those that a program finds in a hundred million guesses."""

from zxcvbn import zxcvbn

from registry.base.errors import RuleError

LENGTH = 10
LEAST_SCORE = 3
"""Of zxcvbn's 0 to 4: more than 10^8 guesses, by lists of common passwords and names, rows of the
keyboard, dates, repeats, and the words below."""
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
    "去向",
    "就业",
    "毕业",
)
"""Words that everybody expects in the password of such an account."""


def check_password(password: str, *own: str) -> None:
    """Raise RuleError `password_too_short` or `password_too_easy` for one that is easily found.

    `own` are words about whose it is, such as login and name.
    """
    if len(password) < LENGTH:
        raise RuleError("password_too_short", f"密码至少 {LENGTH} 位。", "password")
    weighed = zxcvbn(password[:LOOKED_AT], user_inputs=[*own, *_HERE])
    if weighed["score"] < LEAST_SCORE:
        raise RuleError(
            "password_too_easy",
            "密码太容易猜到：不要用常见的密码、键盘顺序、日期或登录名，可以用几个互不相干的词。",
            "password",
        )
