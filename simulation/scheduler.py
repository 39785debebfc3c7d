"""Processes and threads of the simulation: greenlets that hand over wherever real ones could.

Time is a number that jumps to whatever happens next. Every hand-over is a step of its process; a
plan says at which steps a process is killed or frozen.
"""

import heapq
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from random import Random

from greenlet import getcurrent, greenlet


class Killed(BaseException):
    """The process is gone. Raised in each of its threads, so that what they hold is let go."""


@dataclass
class Freeze:
    """A process stands still for some seconds; a suspended machine's own clock does too."""

    seconds: float
    suspended: bool = False


@dataclass(eq=False)
class Process:
    """Threads that live, stand still and die together."""

    name: str
    incidents: dict[int, Freeze | None] = field(default_factory=dict)
    """What happens at which step; None kills."""
    steps: int = 0
    frozen_since: float = 0.0
    frozen_until: float = 0.0
    suspended_seconds: float = 0.0
    dead: bool = False
    busy: bool = False
    """Whether it is at work on a job."""
    threads: list["greenlet"] = field(default_factory=list)


class Scheduler:
    """One thing at a time, in the order of the simulated clock; equal moments in random order."""

    def __init__(self, random: Random) -> None:
        """Begin at zero."""
        self.now = 0.0
        self.random = random
        self.buried: Callable[[Process], None] = lambda _process: None
        """Is told of each process that was killed."""
        self.processes: list[Process] = []
        self._queue: list[tuple[float, float, int, Process, greenlet]] = []
        self._number = count()
        self._running: Process | None = None
        self._parked: dict[Process, greenlet] = {}
        self._main = getcurrent()

    @property
    def running(self) -> Process:
        """Return the process whose thread is at work; there must be one."""
        if self._running is None:
            raise RuntimeError("nobody is at work")
        return self._running

    def start(
        self,
        name: str,
        work: Callable[[], None],
        *,
        after: float = 0.0,
        incidents: dict[int, Freeze | None] | None = None,
    ) -> Process:
        """Start a process with one thread, after some seconds."""
        process = Process(name, incidents or {})
        self.processes.append(process)
        self.thread(process, work, after=after)
        return process

    def thread(self, process: Process, work: Callable[[], None], *, after: float = 0.0) -> None:
        """Start a thread of a process."""
        made = greenlet(lambda: self._live(process, work), self._main)
        process.threads.append(made)
        self._later(after, process, made)

    def pause(self, seconds: float = 0.0) -> None:
        """Hand over for some seconds; a step of the process, where it may be killed or frozen."""
        process = self.running
        if process.dead:
            raise Killed
        process.steps += 1
        if process.steps in process.incidents:
            self._strike(process, process.incidents.pop(process.steps))
        self._later(seconds, process, getcurrent())
        self._main.switch()
        if process.dead:
            raise Killed

    def park(self) -> None:
        """Hand over until somebody calls `wake` for this process."""
        self._parked[self.running] = getcurrent()
        self._main.switch()

    def wake(self, process: Process, after: float) -> None:
        """Have a process that is parked go on after some seconds; others are left alone."""
        thread = self._parked.pop(process, None)
        if thread is not None:
            self._later(after, process, thread)

    def end(self) -> None:
        """Have every process end; what its threads hold is let go."""
        for process in list(self.processes):
            process.dead = True
            self._bury(process)

    def run(self, until: float) -> None:
        """Let everything go on until a moment, or until nothing is left to do."""
        while self._queue and self._queue[0][0] <= until:
            at, _, _, process, thread = heapq.heappop(self._queue)
            self.now = max(self.now, at)
            if not process.dead and process.frozen_until > self.now:
                self._later(process.frozen_until - self.now, process, thread)
                continue
            self._switch(process, thread)
            if process.dead:
                self._bury(process)
        self.now = max(self.now, until)

    def monotonic(self) -> float:
        """Return the seconds that the running process's own clock counts: not while suspended."""
        return self.now - self.running.suspended_seconds

    def _strike(self, process: Process, freeze: Freeze | None) -> None:
        if freeze is None:
            process.dead = True
            raise Killed
        process.frozen_since = self.now
        process.frozen_until = self.now + freeze.seconds
        if freeze.suspended:
            process.suspended_seconds += freeze.seconds

    def _later(self, seconds: float, process: Process, thread: "greenlet") -> None:
        entry = (self.now + seconds, self.random.random(), next(self._number), process, thread)
        heapq.heappush(self._queue, entry)

    def _switch(self, process: Process, thread: "greenlet") -> None:
        before, self._running = self._running, process
        try:
            thread.switch()
        finally:
            self._running = before

    def _bury(self, process: Process) -> None:
        before, self._running = self._running, process
        try:
            for thread in list(process.threads):
                if thread and not thread.dead:  # one that never ran has nothing to let go
                    thread.throw(Killed)
        finally:
            self._running = before
        self._queue = [entry for entry in self._queue if entry[3] is not process]
        heapq.heapify(self._queue)
        self._parked.pop(process, None)
        if process in self.processes:
            self.processes.remove(process)
            self.buried(process)

    def _live(self, process: Process, work: Callable[[], None]) -> None:
        try:
            work()
        except Killed:
            process.dead = True
        finally:
            process.threads.remove(getcurrent())
            if not process.threads and not process.dead:
                self.processes.remove(process)
