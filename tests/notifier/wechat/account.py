"""An account on the sandbox, as the service is set to use it."""

import base64

from pydantic import SecretStr
from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from runtime.settings import Settings
from sandbox.config import Config

ACCOUNT = Config()


def settings_for(url: str, **others: object) -> Settings:
    """Return settings that name the sandbox at `url` as the platform."""
    plain: dict[str, object] = {
        "database_url": "sqlite://",
        "redis_url": "redis://127.0.0.1:1/0",
        "public_url": "https://quxiang.example.edu.cn",
        "secret_key": "s" * 32,
        "data_keys": f"k1:{base64.b64encode(bytes(range(32))).decode()}",
        "index_key": "i" * 32,
        "wechat_app_id": ACCOUNT.app_id,
        "wechat_app_secret": SecretStr(ACCOUNT.app_secret),
        "wechat_token": SecretStr(ACCOUNT.callback_token),
        "wechat_aes_key": SecretStr(ACCOUNT.aes_key),
        "wechat_api_url": url,
        "sms_url": f"{url}/sms",
        "sms_secret_id": "AKIDsandbox",
        "sms_secret_key": SecretStr("sandbox-sms-secret"),
        "sms_app_id": "1400006666",
        "sms_sign_name": "去向登记",
        "sms_template_id": "449739",
        "sms_notice_template_id": "449740",
    }
    return Settings.model_validate({**plain, **others})


def redis_away() -> Redis:
    """Return a client of a Redis that is not there."""
    return Redis(host="127.0.0.1", port=1, socket_connect_timeout=0.2, retry=Retry(NoBackoff(), 0))
