"""The sandbox in a thread of this process, for tests."""

import asyncio
import threading
from dataclasses import replace
from types import TracebackType
from typing import Self

from sandbox.config import Config
from sandbox.control import Control
from sandbox.serving import run

START = 10


class RunningSandbox:
    """`with RunningSandbox() as sandbox:` listens on a free port at `sandbox.url`."""

    control: Control

    def __init__(self, config: Config | None = None) -> None:
        self.config = replace(config or Config(), port=0)
        self.url = ""
        self._up = threading.Event()
        self._failure: BaseException | None = None
        self._runner = asyncio.Runner()
        self._stop = asyncio.Event()
        self._thread = threading.Thread(target=self._serve, name="sandbox", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        if not self._up.wait(START) or not self.url:
            raise RuntimeError("the sandbox did not start") from self._failure
        self.control = Control(self.url)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.control.close()
        self._runner.get_loop().call_soon_threadsafe(self._stop.set)
        self._thread.join(START)

    def _serve(self) -> None:
        try:
            with self._runner:
                self._runner.run(run(self.config, self._ready, self._stop))
        except BaseException as error:
            self._failure = error
            raise
        finally:
            self._up.set()

    def _ready(self, url: str) -> None:
        self.url = url
        self._up.set()
