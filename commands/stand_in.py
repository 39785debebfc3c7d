"""`quxiang sandbox`: the stand-in for WeChat, told the settings that the service has."""

import argparse
import errno
from pathlib import Path
from urllib.parse import urlsplit

from commands.answers import Answer, Refused, count, runs, say
from commands.logs import write_logs
from commands.opening import refuse_outside, settings_of_environment
from runtime.settings import Settings
from sandbox.config import Config
from sandbox.serving import serve


def fill(parser: argparse.ArgumentParser) -> None:
    """Describe the arguments."""
    parser.add_argument("--port", type=count, default=8100, help="to listen on (8100)")
    parser.add_argument("--data", type=Path, help="where it keeps its journals (nowhere)")
    parser.add_argument("--no-control", action="store_true", help="obey nobody")
    parser.add_argument(
        "--no-strangers", action="store_true", help="refuse openids of `population create` (40003)"
    )
    runs(parser, _serve)


def config_for(settings: Settings, options: argparse.Namespace) -> Config:
    """Return what the sandbox must know to be the account the settings speak of."""
    return Config(
        app_id=settings.wechat_app_id,
        app_secret=settings.wechat_app_secret.get_secret_value(),
        callback_token=settings.wechat_token.get_secret_value(),
        aes_key=settings.wechat_aes_key.get_secret_value(),
        callback_url=f"{settings.public_url}/wechat/callback",
        callback_mode=settings.wechat_callback_mode,
        redirect_host=urlsplit(settings.public_url).netloc,
        port=options.port,
        data_dir=options.data,
        control=not options.no_control,
        strangers=not options.no_strangers,
    )


def _serve(options: argparse.Namespace) -> Answer:
    settings = settings_of_environment()
    refuse_outside(settings)
    write_logs(settings)
    say(f"The sandbox listens at http://127.0.0.1:{options.port}")
    try:
        serve(config_for(settings, options))
    except OSError as error:
        if error.errno != errno.EADDRINUSE:
            raise
        raise Refused("port_taken", f"Port {options.port} is taken.") from None
    return Answer({"stopped": True})
