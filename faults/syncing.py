"""A province's system pushes in the worst of orders while the web dies: it ends as the best does.

Two provinces' systems have the same to say of as many graduates. One says it version by version;
the other shuffled, doubled, in small batches, each of which is cut off where the web is killed and
sent again. Then everybody confirms, and both systems read their feed.
"""

import base64
import json
import secrets
import signal
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import requests
from sqlalchemy import func, select

from commands.answers import Refused
from commands.province_push import Connection
from faults import people
from faults.house import House
from faults.run import Run, Scenario
from faults.visitors import Crowd
from notifier.binding.synthetic import bind_share
from notifier.ledger import states
from notifier.ledger.tables import Message
from registry.accounts.school_tables import School
from registry.interface import keys
from registry.interface.signatures import Algorithm, headers_for
from registry.interface.tables import SourceRecord
from registry.population.create import NewSchool, PopulationSize, create
from registry.record.registration import COLUMNS
from registry.record.tables import Graduate, Registration
from wxapp.api.examples import RECORD

PEOPLE, VERSIONS = 60, 6
KILLS = 4
PAGE = 7
"""Entries of the feed that are read at a time."""
PERSISTENCE = 90.0
"""Seconds for which a batch is sent again and again."""
UNITS = ("青岛海纳软件有限公司", "青岛云岭软件有限公司", "济南泉城科技有限公司")
PUSH, FEED = "/api/province/v1/records", "/api/province/v1/changes"
SYSTEM = "省级就业系统"
ORDERLY = NewSchool("99301", "有序学院", province="370000", correction_system=SYSTEM)
WILD = NewSchool("99302", "无序学院", province="320000", correction_system=SYSTEM)
Record = dict[str, Any]


@dataclass(frozen=True)
class Source:
    """A province's system, and whom it knows of its school."""

    house: House
    school: NewSchool
    connection: Connection
    known: Sequence[tuple[str, str]]
    """Names and student numbers, in the order of their numbers."""

    def history(self) -> list[list[Record]]:
        """Return every version of every record, version by version."""
        return [
            [self._record(place, version) for place in range(len(self.known))]
            for version in range(1, VERSIONS + 1)
        ]

    def _record(self, place: int, version: int) -> Record:
        """Return a version: some are void between, a tenth of them at the end."""
        own = {"source_id": f"{self.school.code}-{place}", "version": version}
        is_last = version == VERSIONS
        if place % 10 == 0 if is_last else (place + version) % 5 == 0:
            return {**own, "void": True}
        name, number = self.known[place]
        about = {"yxdm": self.school.code, "byjc": str(people.YEAR), "xm": name, "xh": number}
        said = {"dwmc": UNITS[(place + version) % len(UNITS)], "dwdz": f"第{version}大道1号"}
        return {**{k: v for k, v in RECORD.items() if k != "ksh"}, **own, **about, **said}

    def push(self, records: Sequence[Record]) -> None:
        """Push a batch until it is answered; raise Refused for any answer but the right one."""
        until = time.monotonic() + PERSISTENCE
        while (told := self._put(records)) is None:
            if time.monotonic() > until:
                raise Refused("unreachable", "the web did not come back")
            time.sleep(0.2)
        wrong = told["counts"]["rejected"] + told["counts"]["version_conflict"]
        if wrong:
            raise Refused("rejected", json.dumps(told["results"], ensure_ascii=False)[:500])

    def _put(self, records: Sequence[Record]) -> Mapping[str, Any] | None:
        """Push a batch; return None where it was cut off."""
        try:
            return self.connection.put(records, dry_run=False)
        except Refused as refusal:
            if refusal.code != "unreachable":
                raise
            return None

    def read_feed(self) -> list[Mapping[str, Any]]:
        """Read the feed to its end, page by page: a page that was cut off is asked for again."""
        found: list[Mapping[str, Any]] = []
        cursor = ""
        until = time.monotonic() + PERSISTENCE
        while time.monotonic() < until:
            page = self._page(cursor)
            if page is None:
                time.sleep(0.2)
                continue
            found += page["items"]
            cursor = page["next"]
            if not page["more"]:
                return found
        raise Refused("feed", "the feed was not read to its end")

    def _page(self, cursor: str) -> Mapping[str, Any] | None:
        """Return a page of the feed; None where it was cut off."""
        query = f"limit={PAGE}" + (f"&after={cursor}" if cursor else "")
        own = (self.connection.keyid, self.connection.algorithm, self.connection.secret)
        at = self.connection.clock()
        signed = headers_for(("GET", FEED, query, b""), own, secrets.token_hex(16), at)
        try:
            answer = requests.get(
                f"{self.connection.url}{FEED}?{query}", headers=signed, timeout=30
            )
        except requests.RequestException:
            return None
        if answer.status_code == 503:
            return None
        answer.raise_for_status()
        page: Mapping[str, Any] = answer.json()
        return page

    def story(self, entries: Sequence[Mapping[str, Any]]) -> list[tuple[Any, ...]]:
        """Return what a feed says of each graduate, by her place, in its order."""
        place = {number: each for each, (_, number) in enumerate(self.known)}
        told = [
            (place[each["xh"]], each["kind"], each["version"], each["confirmation"])
            for each in entries
        ]
        return sorted(told, key=lambda each: each[0])  # stable: hers stay in their order

    def state(self) -> list[tuple[Any, ...]]:
        """Return what is kept of each record, and all that the registration in force says."""
        said = [getattr(Registration, name) for name in COLUMNS]
        theirs = (
            select(Graduate.confirmation, Registration.source, Registration.source_name, *said)
            .select_from(Graduate)
            .join(School, School.id == Graduate.school_id)
            .outerjoin(Registration, Registration.id == Graduate.registration_id)
            .where(School.code == self.school.code)
            .order_by(Graduate.student_number)
        )
        ours = select(SourceRecord.source_id, SourceRecord.version, SourceRecord.void)
        with self.house.resources.readers.begin() as session:
            rows = session.execute(theirs).all()
            kept = {name: (version, void) for name, version, void in session.execute(ours)}
        records = [kept.get(f"{self.school.code}-{place}", (0, True)) for place in range(len(rows))]
        return [_standing(*each) for each in zip(records, rows, strict=True)]


def _standing(record: tuple[int, bool], row: Sequence[Any]) -> tuple[Any, ...]:
    """Return what holds of one; of a void record no more: what was voided says only the way."""
    _, void = record
    return (*record, row[0]) if void else (*record, *row)


def _open(house: House, school: NewSchool) -> Source:
    """Make a school whose graduates have registered nothing, and give its province a key.

    They have bound no WeChat, so that what they would be told is no part of the campaign's truth.
    """
    resources, at = house.resources, house.resources.clock()
    create(resources.sessions, resources.vault, school, PopulationSize(people.YEAR, PEOPLE, 0), at)
    with resources.sessions.begin() as session:
        made = (school.province, Algorithm.HMAC_SHA256, (at, None), at)
        key, secret = keys.create(session, resources.vault, *made)
        theirs = select(Graduate.name, Graduate.student_number).join(School)
        known = session.execute(
            theirs.where(School.code == school.code).order_by(Graduate.student_number)
        )
        url, algorithm = house.settings.public_url, Algorithm.HMAC_SHA256
        connection = Connection(url, key.keyid, algorithm, base64.b64decode(secret))
        return Source(house, school, connection, [(name, number) for name, number in known])


def _shuffled(run: Run, history: Sequence[Sequence[Record]]) -> Iterator[list[Record]]:
    """Yield every version at least once, a third of them twice, in any order and any company."""
    versions = [each for part in history for each in part]
    versions += run.chance.sample(versions, len(versions) // 3)
    run.chance.shuffle(versions)
    while versions:
        size = run.chance.randint(1, 25)
        yield versions[:size]
        versions = versions[size:]


def _push_wildly(run: Run, wild: Source) -> None:
    """Push everything while the web is killed again and again."""
    failed = list[Refused]()

    def push_all() -> None:
        try:
            for batch in _shuffled(run, wild.history()):
                wild.push(batch)
        except Refused as refusal:
            failed.append(refusal)

    _under_kills(run, push_all)
    run.hold(not failed, f"a batch was refused: {failed}")


def _answers(run: Run) -> bool:
    try:
        return requests.get(f"{run.house.settings.public_url}/healthz", timeout=1).ok
    except requests.RequestException:
        return False


def _under_kills(run: Run, do: Callable[[], None]) -> None:
    """Have something done while the web is killed at moments drawn at random."""
    work = threading.Thread(target=do)
    work.start()
    for _ in range(KILLS):
        run.sleep(run.chance.uniform(0.1, 1.5))
        run.house.web.send_all(signal.SIGKILL)
        run.wait_for(lambda: _answers(run), "the web is up again", PERSISTENCE)
    run.wait_for(lambda: not work.is_alive(), "it is done", PERSISTENCE * 4)


def _sync(run: Run) -> None:
    orderly, wild = (_open(run.house, school) for school in (ORDERLY, WILD))
    for part in orderly.history():
        orderly.push(part)
    _push_wildly(run, wild)
    run.hold(orderly.state() == wild.state(), "the wild order ended in another state")
    _confirm(run)
    run.hold(orderly.state() == wild.state(), "confirmed, the two states differ")
    _read_both(run, orderly, wild)


def _confirm(run: Run) -> None:
    """Have the graduates of both schools confirm, the web being killed meanwhile."""
    run.wait_for(lambda: not _untold(run), "everybody was told, or could not be", PERSISTENCE)
    crowd = Crowd(run.house, persistence=PERSISTENCE * 3)
    _bind(run.house)
    for school in (ORDERLY, WILD):
        crowd.sign_in(school)
    _under_kills(run, crowd.confirm_all)
    run.hold(not crowd.left, f"{len(crowd.left)} could not confirm")


def _untold(run: Run) -> int:
    """Return how many messages to the two schools still wait."""
    ours = select(School.id).where(School.code.in_([ORDERLY.code, WILD.code]))
    where = (Message.school_id.in_(ours), Message.state.in_(states.OPEN_MESSAGES))
    with run.house.resources.readers.begin() as session:
        return session.scalar(select(func.count()).select_from(Message).where(*where)) or 0


def _bind(house: House) -> None:
    """Give the graduates of both schools a WeChat."""
    theirs = select(Graduate.id).join(School).where(School.code.in_([ORDERLY.code, WILD.code]))
    with house.resources.sessions.begin() as session:
        bind_share(session, list(session.scalars(theirs)), 1.0, house.resources.clock())


def _read_both(run: Run, orderly: Source, wild: Source) -> None:
    """Hold the feeds to each entry once, in order, and to telling the same of each graduate."""
    read: dict[str, list[Mapping[str, Any]]] = {}

    def read_all() -> None:
        for each in (orderly, wild):
            read[each.school.code] = each.read_feed()

    _under_kills(run, read_all)
    stories = []
    for each in (orderly, wild):
        entries = read.get(each.school.code, [])
        numbers = [entry["seq"] for entry in entries]
        run.hold(numbers == [*range(1, len(numbers) + 1)], "entries are missing, double or moved")
        stories.append(each.story(entries))
    run.hold(len(stories[0]) == PEOPLE - PEOPLE // 10, f"{len(stories[0])} entries were read")
    run.hold(stories[0] == stories[1], "the two feeds tell different stories")


SYNCING = (
    Scenario(
        "sync",
        "360 versions of 60 records shuffled, doubled, cut; kill -9 of the web, twelve times",
        _sync,
        length=20.0,
    ),
)
