"""The whole web at an address a browser can open, its outside world played beside it."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from werkzeug.serving import BaseWSGIServer, make_server

from commands.trial.home import any_port
from notifier.resources import open_resources
from notifier.sms import Sms
from notifier.wechat.gateway import open_gateway
from sandbox.config import Config
from sandbox.testing import RunningSandbox
from tests.clock import StandingClock
from tests.configuration import settings_for
from tests.wxapp.site import Site
from wxapp import create_app


@contextmanager
def served_site(database_url: str, redis_url: str, clock: StandingClock) -> Iterator[Site]:
    """Serve the site at its own public address until left."""
    port = any_port()
    with RunningSandbox(Config(redirect_host=f"127.0.0.1:{port}")) as wechat:
        settings = settings_for(
            database_url,
            redis_url,
            public_url=f"http://127.0.0.1:{port}",
            wechat_app_id=wechat.config.app_id,
            wechat_app_secret=wechat.config.app_secret,
            wechat_api_url=wechat.url,
            wechat_open_url=wechat.url,
            face_url=f"{wechat.url}/faceid",
            face_secret_id="id",
            face_secret_key="key",
            face_rule_id="1",
        )
        resources = open_resources(settings, clock=clock)
        gateway = open_gateway(settings, resources.redis, clock)
        app = create_app(resources, gateway, Sms(settings, clock))
        with _serving(make_server("127.0.0.1", port, app, threaded=True)):
            yield Site(app, resources, wechat, clock)
        resources.redis.close()
        resources.engine.dispose()


@contextmanager
def _serving(server: BaseWSGIServer) -> Iterator[None]:
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
