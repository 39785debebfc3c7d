"""The whole web at an address a browser can open, its outside world played beside it."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from flask import Flask
from werkzeug.serving import make_server

from commands.ports import any_port
from sandbox.config import Config
from sandbox.testing import RunningSandbox
from tests.clock import StandingClock
from tests.wxapp.site import Site, open_site


@contextmanager
def served_site(
    database_url: str,
    redis_url: str,
    clock: StandingClock,
    name: str = "127.0.0.1",
    **changes: object,
) -> Iterator[Site]:
    """Serve the site at its own public address until left; `changes` are settings by name.

    Under the name `localhost` a browser of the tests' own keeps its cookies for it too.
    """
    port = any_port()
    host = f"http://{name}:{port}"
    with (
        RunningSandbox(Config(redirect_host=f"{name}:{port}")) as wechat,
        open_site(database_url, redis_url, wechat, clock, host, **changes) as site,
        _serving(site.app, port),
    ):
        yield site


@contextmanager
def served_application(app: Flask) -> Iterator[str]:
    """Serve an application alone until left; give its address."""
    port = any_port()
    with _serving(app, port):
        yield f"http://127.0.0.1:{port}"


@contextmanager
def _serving(app: Flask, port: int) -> Iterator[None]:
    """Answer each connection in a thread: a browser opens some before it has something to ask."""
    server = make_server("127.0.0.1", port, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
