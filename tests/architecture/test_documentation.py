"""What an operator reads names what the code knows: no more, no less."""

import re
from pathlib import Path

from runtime.settings import Settings

ROW = re.compile(r"^\| `(QUXIANG_[A-Z_]+)` \|", re.MULTILINE)


def test_each_setting_is_documented_and_nothing_else(repository: Path) -> None:
    documented = ROW.findall((repository / "docs" / "operations.md").read_text(encoding="utf-8"))
    known = [f"QUXIANG_{name.upper()}" for name in Settings.model_fields]
    assert sorted(documented) == sorted(known)


def test_each_default_is_documented(repository: Path) -> None:
    text = (repository / "docs" / "operations.md").read_text(encoding="utf-8")
    for name, field in Settings.model_fields.items():
        if isinstance(field.default, str | int | float) and field.default != "":
            row = f"| `QUXIANG_{name.upper()}` | `{field.default}` |"
            assert row in text
