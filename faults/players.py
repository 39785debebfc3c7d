"""Several runs at once: each player is a process of its own, with a stage of its own."""

import signal
from collections import deque
from collections.abc import Generator, Iterator, Sequence
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait

from faults.oracle import Verdict
from faults.parts import end_descendants
from faults.playing import Played, Stage, Wish, open_stage, play
from faults.scenarios import BY_NAME

Task = tuple[str, int]
"""The name of a scenario and a seed."""

_PROCESSES = get_context("spawn")


class Player:
    """One process that plays what it is given, one run after another."""

    def __init__(self, wish: Wish) -> None:
        """Start it; its servers start with its first run."""
        self.line, theirs = _PROCESSES.Pipe()
        self.task: Task | None = None
        self._process = _PROCESSES.Process(target=_serve, args=(wish, theirs))
        self._process.start()
        theirs.close()  # so that the line ends when the player does

    def give(self, task: Task) -> None:
        """Let it play a run."""
        self.task = task
        self.line.send(task)

    def hear(self) -> Played | None:
        """Return what came of its run; None if it died of it."""
        self.task = None
        try:
            played: Played = self.line.recv()
        except EOFError:
            return None
        return played

    def end(self) -> None:
        """Have it end all it started, and wait for that."""
        self._process.terminate()
        self._process.join()
        self.line.close()


def play_all(wish: Wish, tasks: Sequence[Task], at_once: int) -> Generator[Played]:
    """Play every task, so many at once, and give what came of each as it ends."""
    waiting = deque(tasks)
    players = [Player(wish) for _ in range(min(at_once, len(tasks)))]
    try:
        while waiting or any(each.task for each in players):
            for idle in [each for each in players if not each.task][: len(waiting)]:
                idle.give(waiting.popleft())
            yield from _hear_some(wish, players)
    finally:
        for each in players:
            each.end()


def _hear_some(wish: Wish, players: list[Player]) -> Iterator[Played]:
    """Give what has ended; for a player that died comes another."""
    ready = wait([each.line for each in players if each.task])
    for place, player in enumerate(players):
        if player.line not in ready or player.task is None:
            continue
        task = player.task
        played = player.hear()
        if played is None:
            player.end()
            players[place] = Player(wish)
        yield played or _not_played(task)


def _not_played(task: Task) -> Played:
    name, seed = task
    complaint = "could not be played to its end: the error stands above"
    return Played(name, BY_NAME[name].what, seed, Verdict(0, complaints=[complaint]))


def _serve(wish: Wish, line: Connection) -> None:
    """Play what comes until told to end."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _end_once)
    try:
        with open_stage(wish) as stage:
            try:
                _play_what_comes(stage, line)
            finally:
                end_descendants()  # what was just being started is known to no part yet
    except (KeyboardInterrupt, EOFError):
        return


def _play_what_comes(stage: Stage, line: Connection) -> None:
    while True:
        name, seed = line.recv()
        line.send(play(stage, BY_NAME[name], seed))


def _end_once(_number: int, _frame: object) -> None:
    """End by way of every `finally`; what comes after the first word must not cut that short."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_IGN)
    raise KeyboardInterrupt
