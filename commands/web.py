"""`quxiang web`: the pages, served by granian."""

import argparse
import gc
import os
import signal
import threading
import time
from functools import partial
from wsgiref.types import WSGIApplication

from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.log import LogLevels
from granian.server import Server

from commands.answers import Answer, Refused, few, port, runs
from commands.logs import write_logs
from commands.opening import settings_of_environment
from commands.ports import address_of, is_free
from notifier.ledger import notices
from notifier.providers.sms import Sms
from notifier.wechat.gateway import open_gateway
from registry.base.database import LOCK_SECONDS
from runtime import tracing
from runtime.resources import open_resources
from workers.wakeups import open_wakeups
from wxapp import create_app

LAST_SECONDS = 15
"""How long what is being answered may take when the server is told to end."""
MOST_MEBIBYTES = 1024
"""A process that grew larger is replaced by a fresh one."""
KEPT_SECONDS = 75
"""How long a quiet connection is kept: longer than a proxy does (nginx: 60), which closes it then
and never sends a request into a connection that is just being closed."""
WAITING = 1024
"""Requests a process keeps waiting for a thread; more wait in the kernel."""
_TO_OUR_LOG = {"level": "ERROR", "handlers": [], "propagate": True}


def fill(parser: argparse.ArgumentParser) -> None:
    """Describe the arguments."""
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (127.0.0.1)")
    parser.add_argument("--port", type=port, default=8000, help="to listen on (8000)")
    parser.add_argument("--processes", type=few, default=2, help="that serve pages (2)")
    parser.add_argument("--threads", type=few, default=32, help="in each of them (32)")
    runs(parser, _serve)


def open_app(parent: int, threads: int) -> WSGIApplication:
    """Open what a web process of so many threads needs, in it, and make its application.

    Told to end meanwhile it ends at once. The handlers it was forked with only note it for the
    server's own process, which would wait for this one until it kills all of them, those that
    still answer somebody too. What serves sets its own when this is done.
    """
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_DFL)
    settings = settings_of_environment()
    write_logs(settings)
    for name in [name for name in os.environ if name.startswith("QUXIANG_")]:
        del os.environ[name]  # or the server makes the secrets part of each request
    threading.Thread(target=_end_with, args=(parent,), daemon=True).start()
    tracing.begin(settings, "quxiang-web")
    wakeups = open_wakeups(settings.redis_url)
    resources = open_resources(
        settings, notices.write, wakeups, lock_seconds=LOCK_SECONDS, threads=threads
    )
    gateway = open_gateway(settings, resources.redis, resources.clock)
    app = create_app(resources, gateway, Sms(settings, resources.clock))
    gc.collect()
    gc.freeze()  # what stays for good is not walked over at each look for garbage
    return app


def _end_with(parent: int) -> None:
    """End when the process that would replace this one is gone, or the next server shares its port.

    Looked for each second: a pipe from the parent stays open in those forked after this one. Told
    to the main thread, which alone listens.
    """
    while True:
        time.sleep(1)
        if os.getppid() != parent:
            signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGTERM)


def _serve(options: argparse.Namespace) -> Answer:
    settings = settings_of_environment()
    host = _free_address(options.host, options.port)
    write_logs(settings)
    Server(
        "quxiang",
        address=host,
        port=options.port,
        interface=Interfaces.WSGI,
        http=HTTPModes.http1,
        http1_settings=HTTP1Settings(header_read_timeout=KEPT_SECONDS * 1000),
        workers=options.processes,
        blocking_threads=options.threads,
        backpressure=WAITING,
        respawn_failed_workers=True,
        workers_max_rss=MOST_MEBIBYTES,
        workers_kill_timeout=LAST_SECONDS,
        log_level=LogLevels.error,
        log_dictconfig={"loggers": {"_granian": _TO_OUR_LOG}},
    ).serve(target_loader=partial(open_app, os.getpid(), options.threads), wrap_loader=False)
    return Answer({"stopped": True})


def _free_address(host: str, number: int) -> str:
    """Return a host's address, which is what the server listens at.

    Refuses one that is taken: the server would share it with whoever listens there.
    """
    try:
        address = address_of(host)
        free = is_free(number, address)
    except OSError as error:
        raise Refused("cannot_listen", f"{host}:{number}: {error.strerror}") from None
    if not free:
        raise Refused("port_taken", f"Port {number} is taken.")
    return address
