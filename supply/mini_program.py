"""The mini program as it is uploaded: its sources, with an installation's address and AppID."""

import json
import re
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from supply.parts import ROOT

SOURCE = ROOT / "miniprogram"
LARGEST = 2 * 1024 * 1024
"""Bytes of a package that WeChat takes."""
_NOT_PACKED = shutil.ignore_patterns("*.md", "*.d.ts")
_APPID = re.compile(r"wx[0-9a-f]{16}")
_ADDRESS = re.compile(r"https://[a-z0-9.-]+")
"""WeChat takes no other port for the pages of a web-view."""


@dataclass(frozen=True)
class BuiltFor:
    """Whose mini program it is."""

    appid: str
    """As WeChat's console of the mini program says."""
    address: str
    """The public address of the service (QUXIANG_PUBLIC_URL), without a slash at its end."""


class NotBuiltError(Exception):
    """What was asked for can be no mini program; says why."""


def build(folder: Path, built_for: BuiltFor) -> int:
    """Write the package into a folder, which is emptied first; return its bytes.

    Raises NotBuiltError for an AppID or an address that cannot be one, and for a package that
    WeChat would refuse.
    """
    _check(built_for)
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(SOURCE / "src", folder, ignore=_NOT_PACKED)
    settings = f"module.exports = {{ address: {json.dumps(built_for.address)} }};\n"
    (folder / "settings.js").write_text(settings, encoding="utf-8")
    project = json.dumps(_project() | {"appid": built_for.appid}, ensure_ascii=False, indent=2)
    (folder / "project.config.json").write_text(f"{project}\n", encoding="utf-8")
    return _measured(folder)


def _check(built_for: BuiltFor) -> None:
    if not _APPID.fullmatch(built_for.appid):
        raise NotBuiltError("APPID is that of the mini program: wx and 16 characters")
    if not _ADDRESS.fullmatch(built_for.address):
        raise NotBuiltError(
            "ADDRESS is that of the service: https:// and a host, nothing behind it"
        )


def _project() -> dict[str, Any]:
    text = (SOURCE / "project.config.json").read_text(encoding="utf-8")
    return {**json.loads(text), "miniprogramRoot": "./"}


def _measured(folder: Path) -> int:
    size = sum(each.stat().st_size for each in folder.rglob("*") if each.is_file())
    if size > LARGEST:
        raise NotBuiltError(f"{size} bytes: WeChat takes {LARGEST} at most")
    return size
