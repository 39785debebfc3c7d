"""What a process finds on its machine: clocks, threads; put in the place of Python's own."""

from collections.abc import Callable
from typing import Any, Generic, TypeVar

from redis.exceptions import RedisError
from sqlalchemy.exc import SQLAlchemyError

from simulation.scheduler import Scheduler

Result = TypeVar("Result")


class Clocks:
    """Stands where a module imports `time`."""

    CLOCK_MONOTONIC = 1
    CLOCK_BOOTTIME = 7

    def __init__(self, scheduler: Scheduler) -> None:
        """Read the clock of this scheduler."""
        self._scheduler = scheduler

    def monotonic(self) -> float:
        """Return seconds; those in which the machine was suspended are not counted."""
        return self._scheduler.monotonic()

    def clock_gettime(self, clock: int) -> float:
        """Return seconds; CLOCK_BOOTTIME counts those in which the machine was suspended."""
        return self._scheduler.now if clock == self.CLOCK_BOOTTIME else self.monotonic()

    def sleep(self, seconds: float) -> None:
        """Let others go on."""
        self._scheduler.pause(seconds)


class Task(Generic[Result]):
    """Stands for a future."""

    def __init__(self) -> None:
        self._done = False
        self._result: Result | None = None
        self._error: Exception | None = None

    def carry_out(self, work: Callable[[], Result]) -> None:
        """Do it, and keep what comes of it; an error that nobody expects ends the simulation."""
        try:
            self._result = work()
        except (SQLAlchemyError, RedisError) as error:
            self._error = error
        self._done = True

    def done(self) -> bool:
        """Say whether it is done."""
        return self._done

    def result(self) -> Result:
        """Return what came of it, or raise."""
        if self._error is not None:
            raise self._error
        return self._result  # type: ignore[return-value]  # None only where Result allows it


class Threads:
    """Stands for a ThreadPoolExecutor of one thread."""

    def __init__(self, scheduler: Scheduler) -> None:
        """Start its threads in this scheduler."""
        self._scheduler = scheduler
        self._open: list[Task[Any]] = []

    def submit(self, work: Callable[..., Result], *arguments: object) -> Task[Result]:
        """Start it in a thread of the process at work."""
        task: Task[Result] = Task()
        self._open.append(task)
        running = self._scheduler.running
        self._scheduler.thread(running, lambda: task.carry_out(lambda: work(*arguments)))
        return task

    def shutdown(self) -> None:
        """Wait for what was submitted."""
        while any(not task.done() for task in self._open):
            self._scheduler.pause(0.01)
