"""What a form was filled with, as a digest it sends along: none overwrites what it never showed."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from registry.base.errors import RuleError

SEEN = "seen"
"""Name in a form of the digest of what it began with."""
_MOST_NAMED = 5


def digest(values: Mapping[str, Any]) -> str:
    """Return 32 hex digits that stand for values, the same in whatever order they stand."""
    written = json.dumps(dict(values), ensure_ascii=False, sort_keys=True, default=str)
    return hashlib.sha256(written.encode()).hexdigest()[:32]


class FormOutdated(RuleError):
    """Another changed what a form was filled with: whoever typed has to look at it again."""

    def __init__(self, now: Mapping[str, str]) -> None:
        """Name by title what stands now and differs from what was typed."""
        named = [f"{title} {value or '（空）'}" for title, value in now.items()][:_MOST_NAMED]
        more = "等" if len(now) > len(named) else ""
        differs = f"现登记为：{'；'.join(named)}{more}，与您填写的不同。" if named else ""
        sentence = f"登记内容已由他人更改。{differs}请核对后再次保存，将以您填写的为准。"
        super().__init__("changed_meanwhile", sentence)
