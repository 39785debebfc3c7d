"""`quxiang worker`: the processes behind the pages, until told to stop."""

import argparse

from commands.answers import Answer, few, port, runs
from commands.logs import write_logs
from commands.opening import settings_of_environment
from workers.start import processes_of
from workers.watching import watch


def fill(parser: argparse.ArgumentParser) -> None:
    """Describe the arguments."""
    parser.add_argument("--processes", type=few, default=2, help="that send messages (2)")
    about = "of this machine, at which monitoring reads /metrics (none)"
    parser.add_argument("--metrics-port", type=port, help=about)
    runs(parser, _work)


def _work(options: argparse.Namespace) -> Answer:
    settings = settings_of_environment()
    write_logs(settings)
    watch(processes_of(settings, options.processes, options.metrics_port))
    return Answer({"stopped": True}, "Every worker has ended.")
