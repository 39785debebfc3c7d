"""`quxiang init`: settings for a new installation, with fresh keys and every choice explained."""

import argparse
import getpass
import os
import sys
import textwrap
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from pydantic import SecretStr
from pydantic.fields import FieldInfo

from commands.answers import Answer, Misused, Refused, runs, say
from commands.fresh_keys import fresh_keys
from registry.base.retention import Retention
from runtime import database_url, redis_client
from runtime.settings import PREFIX, Settings, checked_site_url

FILE = Path("settings.env")
PRINTED = Path("-")
WIDTH = 96
HEAD = """\
The settings of Quxiang. They hold every secret there is: for the service alone, and a copy in a
safe. What begins with # has the value that is shown; docs/operations.md says more of each.
"""


def _any_text(text: str) -> str:
    if not text.strip():
        raise ValueError("it cannot be empty")
    return text.strip()


ASKED: dict[str, Callable[[str], str]] = {
    "PUBLIC_URL": checked_site_url,
    "DATABASE_URL": database_url.checked_url,
    "REDIS_URL": redis_client.checked_url,
    "WECHAT_APP_ID": _any_text,
    "WECHAT_APP_SECRET": _any_text,
}
"""What nobody can make up, and how each is read."""
SECRET = {"WECHAT_APP_SECRET"}
"""What is no option, which others would see, and is typed without being shown."""


def fill(parser: argparse.ArgumentParser) -> None:
    """Describe the arguments."""
    parser.add_argument(
        "--out", type=Path, default=FILE, metavar="FILE", help=f"({FILE}); - prints it"
    )
    for name in ASKED:
        if name not in SECRET:
            option = name.lower().replace("_", "-")
            parser.add_argument(f"--{option}", metavar="VALUE", help=_explained(name)[0])
    runs(parser, _write)


def _write(options: argparse.Namespace) -> Answer:
    printed = options.out == PRINTED
    if options.out.exists() and not printed:
        raise Refused("exists", f"{options.out} exists: it is left as it is.")
    values = {name: _value(name, options) for name in ASKED}
    text = settings_text({**fresh_keys(), **values, "UNBOUND_VALUES": "refuse"})
    if printed:
        return Answer({"settings": text}, text.rstrip("\n"))
    _write_new(options.out, text)
    missing = [f"{PREFIX}{name}" for name, value in values.items() if not value]
    steps = [f"{options.out} is written, with fresh keys: keep a copy in a safe."]
    steps += [f"Fill in {', '.join(missing)}."] if missing else []
    steps += [f"Then: {PREFIX}ENV_FILE={options.out} quxiang db upgrade, and quxiang check."]
    return Answer({"settings": str(options.out), "missing": missing}, "\n".join(steps))


def _value(name: str, options: argparse.Namespace) -> str:
    """Return what an option says, or who sits at the terminal; empty where there is neither."""
    given = getattr(options, name.lower(), None)
    if given is not None:
        try:
            return ASKED[name](given)
        except ValueError as error:
            raise Misused(f"--{name.lower().replace('_', '-')}: {error}") from None
    return _asked(name) if sys.stdin is not None and sys.stdin.isatty() else ""


def _asked(name: str) -> str:
    """Ask until the answer can be used; an empty one leaves it for later."""
    say("\n".join(_explained(name)))
    ask = getpass.getpass if name in SECRET else input
    while answer := ask(f"{PREFIX}{name}= ").strip():
        try:
            return ASKED[name](answer)
        except ValueError as error:
            say(f"{error}")
    return ""


def _write_new(path: Path, text: str) -> None:
    """Write a file that was not there, for its owner alone."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)


def settings_text(values: Mapping[str, str]) -> str:
    """Return the lines of a file of settings: what must be set and is given, and every default."""
    parts = ["\n".join(f"# {line}".rstrip() for line in HEAD.splitlines())]
    for field, about in Settings.model_fields.items():
        name = field.upper()
        must = name in values or about.is_required()
        value = values.get(name, "") if must else _default(about)
        sentences = "\n".join(f"# {line}" for line in _explained(name))
        parts.append(f"{sentences}\n{'' if must else '#'}{PREFIX}{name}={_quoted(value)}")
    return "\n\n".join(parts) + "\n"


def _quoted(value: str) -> str:
    return f"'{value}'" if any(each in value for each in ' #"') else value


def _explained(name: str) -> list[str]:
    said = " ".join((Settings.model_fields[name.lower()].description or "").split())
    return textwrap.wrap(said, WIDTH)


def _default(about: FieldInfo) -> str:
    """Return a default as it would be written."""
    default: Any = about.get_default(call_default_factory=True)
    return WRITTEN.get(type(default), str)(default)


WRITTEN: dict[type, Callable[[Any], str]] = {
    type(None): lambda _: "",
    SecretStr: lambda found: found.get_secret_value(),
    tuple: lambda hours: "-".join(f"{each:%H:%M}" for each in hours),
    Retention: lambda _: "",
    frozenset: lambda names: ",".join(sorted(names)),
    dict: lambda each: ",".join(f"{name}:{value}" for name, value in each.items()),
}
