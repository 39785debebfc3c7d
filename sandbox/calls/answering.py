"""What calls answer when there is nothing more to say."""

from typing import Any

OK: dict[str, Any] = {"errcode": 0, "errmsg": "ok"}
