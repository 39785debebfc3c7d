"""The mini program itself, in node, for a server of the test: what it shows, where it goes."""

import json
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from supply.mini_program import SOURCE
from tests.lacking import do_without

START, WEB = "pages/start/start", "pages/web/web"


class Played:
    """One phone with the mini program."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process

    def open(self, page: str = START, query: dict[str, str] | None = None, **more: Any) -> Any:  # noqa: ANN401 - any JSON
        """Open a page; `codes` are WeChat's login codes, to be used in their order."""
        return self._ask({"act": "open", "page": page, "query": query or {}, **more})

    def fire(self, selector: str, event: str = "tap", **more: Any) -> Any:  # noqa: ANN401 - any JSON
        """Do something on the first page."""
        asked = {"act": "fire", "page": START, "selector": selector, "event": event, "detail": {}}
        return self._ask(asked | more)

    def again(self) -> Any:  # noqa: ANN401 - any JSON
        """Come back to the first page."""
        return self._ask({"act": "again", "page": START})

    def _ask(self, asked: dict[str, Any]) -> Any:  # noqa: ANN401 - any JSON
        asking, answering = self._process.stdin, self._process.stdout
        assert asking is not None, "a pipe"
        assert answering is not None, "a pipe"
        asking.write(f"{json.dumps(asked)}\n")
        asking.flush()
        line = answering.readline()
        assert line, "the mini program has ended: its words stand above"
        return json.loads(line)


@contextmanager
def playing(address: str) -> Iterator[Played]:
    """Run the mini program for a server until left."""
    if shutil.which("node") is None or not (SOURCE / "node_modules" / ".installed").exists():
        do_without("node plays the mini program: make miniprogram-test brings what it wants")
    command = ["node", "test/played.js", address]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, cwd=SOURCE, text=True, stdin=pipe, stdout=pipe) as process:
        try:
            yield Played(process)
        finally:
            process.terminate()
