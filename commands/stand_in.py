"""`quxiang sandbox`: the stand-in for WeChat, with the settings' account or one of your own."""

import argparse
import errno
import re
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

from commands.answers import Answer, Refused, port, runs, say
from commands.logs import write_logs
from commands.opening import refuse_outside, settings_of_environment
from runtime.settings import Settings
from sandbox.config import Config
from sandbox.serving import serve


def fill(parser: argparse.ArgumentParser) -> None:
    """Describe the arguments."""
    parser.add_argument("--port", type=port, default=8100, help="to listen on (8100)")
    parser.add_argument("--data", type=Path, help="where it keeps its journals (nowhere)")
    parser.add_argument("--no-control", action="store_true", help="obey nobody")
    parser.add_argument(
        "--no-strangers", action="store_true", help="refuse openids of `population create` (40003)"
    )
    own = parser.add_argument_group(
        "an account of your own", "given one of these, no settings are read"
    )
    own.add_argument("--app-id", help=f"({Config().app_id})")
    own.add_argument("--secret", help=f"({Config().app_secret})")
    own.add_argument("--token", help=f"of the pushes ({Config().callback_token})")
    own.add_argument("--aes-key", help=f"of the pushes, 43 characters ({Config().aes_key})")
    own.add_argument("--callback", help="address that events are pushed to (nowhere)")
    runs(parser, _serve)


AES_KEY = re.compile(r"[A-Za-z0-9]{43}")


def own_account(options: argparse.Namespace) -> Config | None:
    """Return the account that the options speak of; None where they speak of none.

    Raises Refused `aes_key` for a key that cannot be one.
    """
    given = {
        "app_id": options.app_id,
        "app_secret": options.secret,
        "callback_token": options.token,
        "aes_key": options.aes_key,
        "callback_url": options.callback,
    }
    wishes = {name: value for name, value in given.items() if value is not None}
    if not wishes:
        return None
    if not AES_KEY.fullmatch(wishes.get("aes_key", Config().aes_key)):
        raise Refused("aes_key", "--aes-key has 43 letters and digits (EncodingAESKey).")
    return Config(
        port=options.port, data_dir=options.data, control=not options.no_control, **wishes
    )


def config_for(settings: Settings, options: argparse.Namespace) -> Config:
    """Return what the sandbox must know to be the account the settings speak of."""
    account = Config(
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
    return _with_mini_program(account, settings)


def _with_mini_program(account: Config, settings: Settings) -> Config:
    """Return the account with the mini program that the settings speak of, if they do."""
    if not settings.mini_app_id:
        return account
    secret = settings.mini_app_secret.get_secret_value()
    return replace(
        account,
        mini_app_id=settings.mini_app_id,
        mini_app_secret=secret,
        mini_url=settings.public_url,
    )


def _settings_account(options: argparse.Namespace) -> Config:
    settings = settings_of_environment()
    refuse_outside(settings)
    write_logs(settings)
    return config_for(settings, options)


def _serve(options: argparse.Namespace) -> Answer:
    config = own_account(options) or _settings_account(options)
    say(f"The sandbox listens at http://127.0.0.1:{options.port}")
    try:
        serve(config)
    except OSError as error:
        if error.errno != errno.EADDRINUSE:
            raise
        raise Refused("port_taken", f"Port {options.port} is taken.") from None
    return Answer({"stopped": True})
