"""`quxiang web`: the pages, served by gunicorn."""

import argparse
import os
from typing import Any

from flask import Flask
from gunicorn.app.base import BaseApplication
from typing_extensions import override

from commands.answers import Answer, count, runs
from commands.logs import write_logs
from commands.opening import settings_of_environment
from notifier.resources import open_resources
from notifier.settings import Settings
from notifier.sms import Sms
from notifier.wechat.gateway import open_gateway
from workers.bell import open_bell
from wxapp import create_app

REQUEST_SECONDS = 60
LAST_SECONDS = 15
REQUESTS_A_PROCESS = 20_000


def fill(parser: argparse.ArgumentParser) -> None:
    """Describe the arguments."""
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (127.0.0.1)")
    parser.add_argument("--port", type=count, default=8000, help="to listen on (8000)")
    parser.add_argument("--processes", type=count, default=2, help="that serve pages (2)")
    parser.add_argument("--threads", type=count, default=32, help="in each of them (32)")
    runs(parser, _serve)


def open_app(settings: Settings) -> Flask:
    """Open what a web process needs, after the fork, and make its application."""
    resources = open_resources(settings, open_bell(settings.redis_url))
    gateway = open_gateway(settings, resources.redis, resources.clock)
    return create_app(resources, gateway, Sms(settings, resources.clock))


class _Server(BaseApplication):
    """Gunicorn with our settings instead of its command line and files."""

    def __init__(self, settings: Settings, options: dict[str, Any]) -> None:
        self.settings = settings
        self.chosen = options
        super().__init__()

    @override
    def load_config(self) -> None:
        for name, value in self.chosen.items():
            self.cfg.set(name, value)

    @override
    def load(self) -> Any:
        return open_app(self.settings)


def _serve(options: argparse.Namespace) -> Answer:
    chosen = {
        "bind": f"{options.host}:{options.port}",
        "workers": options.processes,
        "threads": options.threads,
        "worker_class": "gthread",
        "timeout": REQUEST_SECONDS,
        "graceful_timeout": LAST_SECONDS,
        "max_requests": REQUESTS_A_PROCESS,
        "max_requests_jitter": REQUESTS_A_PROCESS // 10,
        "limit_request_line": 4094,
        "accesslog": None,
        "loglevel": "warning",
        "proc_name": "quxiang-web",
        "control_socket_disable": True,
        "worker_tmp_dir": "/dev/shm" if os.path.isdir("/dev/shm") else None,  # noqa: PTH112, S108 - memory, as gunicorn advises
    }
    settings = settings_of_environment()
    write_logs(settings)
    _Server(settings, chosen).run()
    return Answer({"stopped": True})
