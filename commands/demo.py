"""`quxiang demo`: everything on this machine, until Ctrl-C."""

import argparse
import signal
import time
from pathlib import Path

from commands.answers import Answer, Refused, count, give, port, runs, say
from commands.trial.greeting import facts, words
from commands.trial.running import Trial, Wish, running

FOLDER = Path(".quxiang-demo")
GRADUATES = 3000
LOOK_SECONDS = 0.5


def fill(parser: argparse.ArgumentParser) -> None:
    """Describe the arguments."""
    parser.add_argument("--port", type=port, default=8000, help="of the pages (8000)")
    parser.add_argument("--data", type=Path, default=FOLDER, help=f"its folder ({FOLDER})")
    parser.add_argument(
        "--graduates", type=count, default=GRADUATES, help=f"on the first run ({GRADUATES})"
    )
    runs(parser, _demo)


def _demo(options: argparse.Namespace) -> None:
    for number in (signal.SIGINT, signal.SIGTERM):  # a shell lets its background ignore the first
        signal.signal(number, signal.default_int_handler)
    say("Starting the demo …")
    try:
        with running(Wish(options.data, options.port, options.graduates, say)) as trial:
            give(Answer(facts(trial), words(trial)), as_json=options.json)
            _watch(trial)
    except KeyboardInterrupt:
        say("The demo has ended; its data stays.")


def _watch(trial: Trial) -> None:
    """Return only by Ctrl-C, or refuse when a process ends by itself."""
    while True:
        if ended := trial.ended():
            raise Refused("ended", f"The {ended.name} ended by itself:\n{ended.last_words()}")
        time.sleep(LOOK_SECONDS)
