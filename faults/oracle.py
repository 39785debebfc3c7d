"""What must hold after a run: the ledger beside what people saw, as the sandbox wrote it down."""

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

from sqlalchemy import select

from faults.house import House
from faults.parts import clean_environment
from notifier.ledger import outcomes, states
from notifier.ledger.states import MessageState as State
from notifier.ledger.tables import Campaign, Message

GOT_IT = frozenset({State.ACCEPTED, State.DELIVERED})
NEEDS_REASON = frozenset({State.FAILED, State.UNKNOWN, State.SKIPPED})
SHOW_SECONDS = 300  # a busy machine is no fault
COUNTINGS = 10


@dataclass
class Allowed:
    """What a fault may do to a campaign; the oracle holds it to this."""

    unsure: int = 0
    """Ambiguous answers and calls in flight at crashes: no more may be unknown."""
    failed: int = 0
    """How many the platform really refuses: exactly so many fail."""


@dataclass
class Verdict:
    """The ledger and the truth, compared. Everything but the counts must be empty."""

    recipients: int
    states: Counter[str] = field(default_factory=Counter)
    lost: int = 0
    doubled: int = 0
    complaints: list[str] = field(default_factory=list)
    silence: float = 0.0
    """The longest time, in seconds, in which nobody's message was taken."""

    def hold(self, holds: bool, otherwise: str) -> None:  # noqa: FBT001 - the thing held
        """Complain unless it holds."""
        if not holds:
            self.complaints.append(otherwise)


def judge(house: House, recipients: Mapping[str, int], allowed: Allowed) -> Verdict:
    """Compare the ledger of campaigns with the sandbox's journals and our own counters.

    `recipients` is how many each campaign has, by its key.
    """
    verdict = Verdict(sum(recipients.values()))
    rows = [row for key in recipients for row in _rows(house, key)]
    seen, unseen = _journal(house, "messages"), _journal(house, "unseen")
    verdict.states = Counter(row.state for row in rows)
    judge_rows(verdict, rows)
    judge_truth(verdict, rows, seen, unseen)
    judge_bounds(verdict, allowed)
    for key, number in recipients.items():
        _judge_counters(verdict, house, key, number)
    moments = sorted(each["at"] for each in seen)
    gaps = [after - before for before, after in pairwise(moments)]
    verdict.silence = max(gaps, default=0.0)
    return verdict


def _rows(house: House, key: str) -> list[Message]:
    with house.resources.readers() as session:
        query = select(Message).join(Campaign, Campaign.id == Message.campaign_id)
        return list(session.scalars(query.where(Campaign.key == key)))


def _journal(house: House, name: str) -> list[dict[str, Any]]:
    """Read what the sandbox wrote, synced to the disk, before each answer."""
    return list(_records(house.folder / "sandbox" / f"{name}.jsonl"))


def _records(path: Path) -> Iterator[dict[str, Any]]:
    if path.exists():
        for line in path.read_text(encoding="utf-8").splitlines(keepends=True):
            if line.endswith("\n"):
                yield json.loads(line)


def judge_rows(verdict: Verdict, rows: list[Message]) -> None:
    """Hold every recipient to exactly one row, final or accepted, with a reason where due."""
    people = {row.graduate_id for row in rows}
    verdict.hold(
        len(rows) == len(people) == verdict.recipients,
        f"{len(rows)} rows of {len(people)} people for {verdict.recipients} recipients",
    )
    left = sum(verdict.states[state] for state in states.OPEN_MESSAGES)
    verdict.lost += left
    verdict.hold(left == 0, f"{left} wait for ever")
    mute = [row for row in rows if row.state in NEEDS_REASON and not row.reason]
    verdict.hold(not mute, f"{len(mute)} ended without a reason")
    unknown = {row.reason for row in rows} - {"", *outcomes.SENTENCES}
    verdict.hold(not unknown, f"reasons without a sentence: {sorted(unknown)}")


def judge_truth(
    verdict: Verdict,
    rows: list[Message],
    seen: list[dict[str, Any]],
    unseen: list[dict[str, Any]],
) -> None:
    """Hold the ledger to what people saw: nothing lost, doubled, out of nowhere or misnamed."""
    saw = {each["client_msg_id"] for each in seen}
    taken = saw | {each["client_msg_id"] for each in unseen}
    ours = {row.client_msg_id for row in rows}
    lost = [row for row in rows if row.state in GOT_IT and row.client_msg_id not in taken]
    lost += [
        row for row in rows if row.state == State.DELIVERED and row.client_msg_id in taken - saw
    ]
    verdict.lost += len(lost)
    verdict.hold(not lost, f"{len(lost)} are called accepted or delivered and never came")
    verdict.doubled = len(seen) - len({each["openid"] for each in seen})
    verdict.hold(verdict.doubled == 0, f"{verdict.doubled} were seen twice")
    strange = [each for each in seen if each["client_msg_id"] not in ours]
    verdict.hold(not strange, f"{len(strange)} were seen that nobody sent")
    denied = [row for row in rows if row.state == State.FAILED and row.client_msg_id in saw]
    verdict.hold(not denied, f"{len(denied)} are called failed and came")
    unsent = [row for row in rows if row.state == State.SKIPPED and row.client_msg_id in taken]
    verdict.hold(not unsent, f"{len(unsent)} are called not sent and came")


def judge_bounds(verdict: Verdict, allowed: Allowed) -> None:
    """Hold the unknown to what can be unknown, and the failed to what was refused."""
    unknown, failed = verdict.states[State.UNKNOWN], verdict.states[State.FAILED]
    verdict.hold(
        unknown <= allowed.unsure, f"{unknown} unknown where at most {allowed.unsure} can be"
    )
    verdict.hold(failed == allowed.failed, f"{failed} failed where {allowed.failed} were refused")
    skipped = verdict.states[State.SKIPPED]
    verdict.hold(skipped == 0, f"{skipped} were not sent without anybody asking for it")


def _judge_counters(verdict: Verdict, house: House, key: str, recipients: int) -> None:
    """Hold `quxiang campaign show` to the rows, at a moment when no late receipt moves them."""
    rows, shown = _counted(house, key), show(house, key)
    for _ in range(COUNTINGS):
        before, rows = rows, _counted(house, key)
        if before == rows:
            break
        shown = show(house, key)
    if "error" in shown:
        verdict.complaints.append(f"`campaign show` failed: {shown['error']}")
        return
    verdict.hold(shown["state"] == "finished", f"the campaign is {shown['state']}")
    counted = {state.value: shown[state.value] for state in State}
    verdict.hold(counted == rows, f"counters {counted} are not the rows {rows}")
    verdict.hold(shown["recipients"] == recipients, f"{shown['recipients']} recipients are counted")


def _counted(house: House, key: str) -> dict[str, int]:
    counted = Counter(row.state for row in _rows(house, key))
    return {state.value: counted[state] for state in State}


def show(house: House, key: str) -> dict[str, Any]:
    """Return what the command line says of a campaign."""
    command = [sys.executable, "-m", "quxiang", "campaign", "show", key, "--json"]
    more = {"QUXIANG_ENV_FILE": str(house.env_file)}
    said = subprocess.run(
        command,
        env=clean_environment() | more,
        capture_output=True,
        check=False,
        timeout=SHOW_SECONDS,
    )
    shown: dict[str, Any] = json.loads(said.stdout or b"{}")
    return shown if said.returncode == 0 else {"error": said.stderr.decode(errors="replace")}
