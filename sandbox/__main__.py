"""`python -m sandbox --port 8100 --data DIR`: run the sandbox by itself."""

import argparse
import logging
import sys
from pathlib import Path

from sandbox.config import Config
from sandbox.serving import serve


def _read(arguments: list[str]) -> Config:
    parser = argparse.ArgumentParser(prog="sandbox", description=__doc__)
    parser.add_argument("--host", default=Config().host)
    parser.add_argument("--port", type=int, default=Config().port)
    parser.add_argument("--data", type=Path, default=None, help="where the journals are kept")
    parser.add_argument("--callback", default="", help="where events are pushed to")
    parser.add_argument("--fsync", action="store_true", help="write each message to the disk")
    parser.add_argument("--no-control", action="store_true", help="refuse control calls")
    parser.add_argument("--seed", type=int, default=Config().seed)
    given = parser.parse_args(arguments)
    return Config(
        host=given.host,
        port=given.port,
        data_dir=given.data,
        callback_url=given.callback,
        fsync=given.fsync,
        control=not given.no_control,
        seed=given.seed,
    )


def main(arguments: list[str]) -> int:
    """Serve; return 1 with one line when the port is taken."""
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    config = _read(arguments)
    try:
        serve(config)
    except OSError as error:
        logging.getLogger("sandbox").error("cannot listen on port %d: %s", config.port, error)  # noqa: TRY400 one line is what a person needs
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
