"""THIRD-PARTY.md: a list of the parts of others, which the wheel carries."""

from collections.abc import Iterable

from supply.parts import MINI_PROGRAM, ROOT, Part, installed, vendored

FILE = ROOT / "THIRD-PARTY.md"

_HEAD = """# Parts of others

Made by `python -m supply licences`; a test compares it with what is installed.

## In this package

Files of the front end, unchanged but for what `wxapp/static/vendor/README.md` says; each licence's
text lies beside its file.
"""
_MINI_PROGRAM = """
## In the mini program

Files in `miniprogram/src/vendor`, unchanged, as its `README.md` says; each licence's text lies
beside its file.
"""
_INSTALLED = """
## Installed beside it

Packages that pip installs to run Quxiang, each with its licence's text in its own folder. The
licence is what the package says of itself.
"""


def listed() -> str:
    """Return the list as it should be."""
    own = f"{_HEAD}\n{_table(vendored())}"
    phones = f"{_MINI_PROGRAM}\n{_table(vendored(MINI_PROGRAM))}"
    return f"{own}{phones}{_INSTALLED}\n{_table(installed())}"


def _table(parts: Iterable[Part]) -> str:
    rows = (f"| {each.name} | {each.version} | {each.licence} |\n" for each in parts)
    return f"| part | version | licence |\n|---|---|---|\n{''.join(rows)}"
