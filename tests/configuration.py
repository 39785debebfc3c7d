"""Settings that are right in every way, with made-up secrets."""

import base64
from typing import Any

from runtime.settings import Settings

SECRET = "made up for tests, of no use outside"


def settings_for(database_url: str, redis_url: str, **changes: Any) -> Settings:  # noqa: ANN401 - any setting's value
    """Make settings for a test's own servers; `changes` are fields by name."""
    fields = {
        "database_url": database_url,
        "redis_url": redis_url,
        "public_url": "http://localhost",
        "secret_key": SECRET,
        "data_keys": "k1:" + base64.b64encode(bytes(range(32))).decode(),
        "index_key": SECRET,
        "unbound_values": "refuse",
        "wechat_app_id": "wx0123456789abcdef",
        "wechat_app_secret": SECRET,
        "wechat_token": "token",
        "wechat_aes_key": "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG",
        "second_factor": "",
    }
    return Settings(**(fields | changes))
