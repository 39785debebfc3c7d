"""The command line `quxiang`: finds the command, carries it out, says how it went."""

import argparse
import importlib
import sys
from collections.abc import Sequence

from commands.answers import MISUSED, Misused, Refused, give, refuse, say
from notifier.wechat.errors import GatewayError
from registry.base.errors import RuleError

INTERRUPTED = 130  # as a shell says it

NOUNS = {
    "demo": ("commands.demo", "everything on this machine, with made-up people, to try it"),
    "tour": ("commands.tour", "play the whole story against a demo of its own, with proof"),
    "web": ("commands.web", "serve the pages"),
    "worker": ("commands.worker", "send messages and do the other work behind the pages"),
    "sandbox": ("commands.stand_in", "a stand-in for WeChat and for text messages"),
    "db": ("commands.database", "the database's tables"),
    "check": ("commands.check", "say what is missing or wrong"),
    "school": ("commands.schools", "schools that take part"),
    "department": ("commands.departments", "departments of a school"),
    "erase": ("commands.erasure", "erase one person's data on request"),
    "audit": ("commands.audit", "the audit log: whether it is as it was written"),
    "keys": ("commands.keys", "the keys that personal data is sealed under"),
    "province": ("commands.provinces", "systems of provinces that sync by the interface"),
    "roster": ("commands.roster", "rosters of graduates"),
    "population": ("commands.population", "made-up people for trials and benchmarks"),
    "user": ("commands.users", "members of staff"),
    "campaign": ("commands.campaigns", "reminders to many"),
    "wechat": ("commands.wechat", "the account's menu, templates and followers"),
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Carry out one command; return 0 when done, 1 when refused, 2 when misused."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    as_json = "--json" in given
    try:
        options = _parser(given).parse_args(given)
        as_json = options.json
        return give(options.run(options), as_json=as_json)
    except Misused as misused:
        say(f"quxiang: {misused}")
        return MISUSED
    except (Refused, RuleError, GatewayError) as refusal:
        return refuse(_as_refused(refusal), as_json=as_json)
    except KeyboardInterrupt:
        return INTERRUPTED


def _as_refused(refusal: Refused | RuleError | GatewayError) -> Refused:
    """Return the refusal of a rule or of WeChat as the command line says it."""
    match refusal:
        case RuleError():
            return Refused(refusal.code, refusal.sentence)
        case GatewayError():
            return Refused(refusal.outcome.code, f"WeChat: {refusal}")
        case Refused():
            return refusal


def _parser(given: Sequence[str]) -> argparse.ArgumentParser:
    """Make the parser; only the chosen noun's module is loaded, which keeps the start quick."""
    parser = argparse.ArgumentParser(prog="quxiang", description=__doc__)
    nouns = parser.add_subparsers(required=True, metavar="COMMAND", dest="noun")
    chosen = next((word for word in given if not word.startswith("-")), None)
    for name, (module, purpose) in NOUNS.items():
        noun = nouns.add_parser(name, help=purpose, description=purpose)
        if name == chosen:
            importlib.import_module(module).fill(noun)
    return parser


if __name__ == "__main__":
    sys.exit(main())
