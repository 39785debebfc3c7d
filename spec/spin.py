"""Runs Spin over one model: translate, compile, search."""

import re
import resource
import shutil
import subprocess
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

FOLDER = Path(__file__).parent
DEPTH = 400_000
MEMORY_MB = 4_000
_FINISHED = re.compile(r"errors: (\d+)")
_STATES = re.compile(r"^\s*([\d.e+]+) states, stored", re.MULTILINE)
_CUT_SHORT = ("max search depth too small", "Search not completed", "out of memory")
_EXHAUSTIVE = ("-O1", "-DCOLLAPSE", "-DSAFETY", "-DNOCLAIM")
_SHORTEST = ("-O0", "-DBFS", "-DSAFETY", "-DNOCLAIM")  # compiled quickly, for what ends early
_FAIR = ("-O1", "-DCOLLAPSE", "-DNFAIR=3")


class ToolMissing(Exception):
    """Spin or a C compiler is not installed; the message says what to do."""


class ModelBroken(Exception):
    """Spin or the compiler did not accept a model; the message is theirs."""


@dataclass(frozen=True)
class Model:
    """A model with its switches, as `delivery` with ("FREEZES=1", "PROMPT")."""

    name: str
    switches: tuple[str, ...] = ()

    @property
    def live(self) -> bool:
        """Say whether its formula is checked, under weak fairness, and not its assertions."""
        return "LIVE" in self.switches

    @property
    def defines(self) -> list[str]:
        """Return the switches as the preprocessor reads them."""
        return [f"-D{each}" for each in self.switches]


@dataclass(frozen=True)
class Found:
    """What a search came to."""

    verdict: str
    """`holds`, `broken`, or `unfinished` where the search was cut short."""
    states: int
    seconds: float
    """Of one core, with the compiling."""
    trail: list[str] = field(default_factory=list)
    """The counterexample as Spin prints it, if it was asked for."""


def require_tools() -> None:
    """Raise ToolMissing unless everything needed is installed."""
    missing = [name for name in ("spin", "gcc") if shutil.which(name) is None]
    if missing:
        raise ToolMissing(
            f"{' and '.join(missing)} not found (Debian: apt-get install {' '.join(missing)})."
        )


def search(model: Model, *, shortest: bool = False, with_trail: bool = False) -> Found:
    """Search all states of a model; `shortest` goes breadth first, for a short counterexample."""
    began = cpu_seconds()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for each in FOLDER.glob("*.pml"):
            shutil.copy(each, folder)
        _run(folder, "spin", "-a", *model.defines, f"{model.name}.pml")
        how = _FAIR if model.live else _SHORTEST if shortest else _EXHAUSTIVE
        limits = (f"-DMEMLIM={MEMORY_MB}", "-DVECTORSZ=2048")
        _run(folder, "gcc", "-w", *how, *limits, "-o", "pan", "pan.c")
        said = _run(folder, "./pan", f"-m{DEPTH}", *(("-a", "-f") if model.live else ()))
        trail = _trail(folder, model) if with_trail else []
    states = _STATES.search(said)
    return Found(
        _verdict(said), int(float(states[1])) if states else 0, cpu_seconds() - began, trail
    )


def cpu_seconds() -> float:
    """Return how long one core has worked for the commands that ended, in seconds."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _verdict(said: str) -> str:
    errors = _FINISHED.search(said)
    if errors and int(errors[1]):
        return "broken"
    if errors is None or any(words in said for words in _CUT_SHORT):
        return "unfinished"
    return "holds"


def _trail(folder: Path, model: Model) -> list[str]:
    if not (folder / f"{model.name}.pml.trail").exists():
        return []
    said = _run(folder, "spin", "-t", "-p", "-g", *model.defines, f"{model.name}.pml")
    return said.splitlines()


def _run(folder: Path, *command: str) -> str:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode and command[0] != "./pan":
        raise ModelBroken((done.stdout + done.stderr).strip())
    return done.stdout
