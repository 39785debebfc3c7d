"""The web for tests, with WeChat played by the sandbox."""

from collections.abc import Iterator

import pytest

from notifier.resources import open_resources
from notifier.sms import Sms
from notifier.wechat.gateway import open_gateway
from sandbox.config import Config
from sandbox.testing import RunningSandbox
from tests.clock import StandingClock
from tests.configuration import settings_for
from tests.wxapp.site import HOST, Site
from wxapp import create_app


@pytest.fixture(scope="session")
def wechat() -> Iterator[RunningSandbox]:
    """Run WeChat's stand-in for all pages; each test brings phones of its own."""
    with RunningSandbox(Config(redirect_host="localhost")) as running:
        yield running


@pytest.fixture
def site(
    database_url: str, redis_url: str, wechat: RunningSandbox, clock: StandingClock
) -> Iterator[Site]:
    """Give the application over the test's own servers, at the time of the standing clock."""
    settings = settings_for(
        database_url,
        redis_url,
        public_url=HOST,
        wechat_app_id=wechat.config.app_id,
        wechat_app_secret=wechat.config.app_secret,
        wechat_api_url=wechat.url,
        wechat_open_url=wechat.url,
        sms_url=f"{wechat.url}/sms",
        sms_secret_id="id",
        sms_secret_key="key",
        sms_app_id="1400000000",
        sms_sign_name="去向登记",
        sms_template_id="1",
        face_url=f"{wechat.url}/faceid",
        face_secret_id="id",
        face_secret_key="key",
        face_rule_id="1",
    )
    resources = open_resources(settings, clock=clock)
    gateway = open_gateway(settings, resources.redis, clock)
    app = create_app(resources, gateway, Sms(settings, clock))
    yield Site(app, resources, wechat, clock)
    resources.redis.close()
    resources.engine.dispose()
