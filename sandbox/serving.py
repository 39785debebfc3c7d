"""Running the sandbox until it is told to stop."""

import asyncio
import logging
import signal
from collections.abc import Callable

from aiohttp import web

from sandbox.app import create_app
from sandbox.config import Config

log = logging.getLogger(__name__)

# Calls that hang on purpose must not hold up the end.
LAST_ANSWERS = 0.2


async def run(config: Config, ready: Callable[[str], None], stop: asyncio.Event) -> None:
    """Serve until `stop` is set; `ready` is told the address. Raise OSError for a taken port."""
    # The access log would contain tokens, which stand in the query.
    runner = web.AppRunner(
        create_app(config), access_log=None, shutdown_timeout=LAST_ANSWERS, keepalive_timeout=75
    )
    await runner.setup()
    try:
        site = web.TCPSite(runner, config.host, config.port, backlog=1024)
        await site.start()
        port = runner.addresses[0][1]
        ready(f"http://{config.host}:{port}")
        await stop.wait()
    finally:
        await runner.cleanup()


def serve(config: Config) -> None:
    """Serve until SIGINT or SIGTERM. Raise OSError when the port is taken."""
    asyncio.run(_until_signalled(config))


async def _until_signalled(config: Config) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    await run(config, lambda url: log.info("the sandbox listens at %s", url), stop)
