"""A clerk at her desk while the web is killed in the middle of what she asks for."""

import html
import re
import signal
import threading
from collections.abc import Callable
from functools import partial

import requests
from sqlalchemy import select

from commands.story.rosters import national_xlsx, somebody
from faults import people
from faults.house import House
from faults.oracle import Verdict
from faults.run import Run, Scenario
from registry.accounts import sessions
from registry.accounts.tables import Staff
from registry.population.create import NewSchool
from registry.tasks.states import IMPORTS, TaskState
from registry.tasks.tables import Task

SCHOOLS = tuple(NewSchool(f"9920{number}", f"第{number}学院") for number in range(4))
PEOPLE = 40
ROWS = 99
MOST_PATIENCE = 20
_ADDRESS = r'action="/school({}(?:\?[^"]*)?)"'
"""Of a form; it names the cohort where a school has several."""
_HIDDEN = re.compile(r'<input type="hidden"\s+name="([^"]+)"\s+value="([^"]*)"')
"""What a form sends besides what is typed: its token, and what it showed."""


class Clerk:
    """A browser signed in for one school; what it asks may be cut off and is asked again."""

    def __init__(self, house: House, school: NewSchool) -> None:
        """Add the person and sign in."""
        self._base = f"{house.settings.public_url}/school"
        self._token = sessions.new_token()
        at = house.resources.clock()
        staff_id = people.employ_clerk(house, school, f"clerk{school.code}")
        with house.resources.sessions.begin() as session:
            who = sessions.proven(session.get_one(Staff, staff_id))
            sessions.start(session, self._token, who, {}, at)

    def start(self, key: str) -> bool:
        """Press the button that starts a campaign, if it is there; say whether it was answered."""
        return self._press(f"/campaigns/{key}", f"/campaigns/{key}/move/start")

    def upload(self, roster: bytes) -> bool:
        """Hand a roster in; say whether it was answered."""
        return self._press("/imports", "/imports", {"file": ("名单.xlsx", roster)})

    def _press(
        self, page: str, action: str, files: dict[str, tuple[str, bytes]] | None = None
    ) -> bool:
        with requests.Session() as browser:
            browser.cookies.set("quxiang", self._token)
            try:
                shown = browser.get(f"{self._base}{page}", timeout=MOST_PATIENCE)
                address = re.search(_ADDRESS.format(re.escape(action)), shown.text)
                if address is None:
                    return shown.ok
                form = dict(_HIDDEN.findall(shown.text[address.end() :].partition("</form>")[0]))
                where = f"{self._base}{html.unescape(address[1])}"
                said = browser.post(where, form, files=files, timeout=MOST_PATIENCE)
            except requests.RequestException:
                return False
        return said.ok


def _cut_off(run: Run, ask: Callable[[], bool]) -> None:
    """Ask, kill the web before it may have answered, and ask again until it has."""
    asking = threading.Thread(target=ask)
    asking.start()
    run.sleep(run.chance.uniform(0.0, 0.06))
    run.house.web.send_all(signal.SIGKILL)
    asking.join()
    run.wait_for(ask, "the clerk was answered", MOST_PATIENCE * 3)


def _start_and_upload(run: Run) -> None:
    roster = national_xlsx([somebody(number, "李娟") for number in range(1, ROWS + 1)])
    for school in SCHOOLS:
        people.add_school(run.house, school, PEOPLE)
    run.reach(0.02, 0.1)
    for school in SCHOOLS:
        clerk = Clerk(run.house, school)
        key = people.draft_campaign(run.house, school)
        run.also[key] = PEOPLE
        _cut_off(run, partial(clerk.start, key))
        _cut_off(run, partial(clerk.upload, roster))
    for key in run.also:
        run.wait_for(partial(run.is_finished, key), "her campaign is finished", 120)
    run.wait_for(lambda: not _unchecked(run), "every roster is checked", 120)


def _imports(run: Run) -> list[Task]:
    with run.house.resources.readers.begin() as session:
        return list(session.scalars(select(Task).where(Task.kind.in_(IMPORTS))))


def _unchecked(run: Run) -> bool:
    return any(each.state in {TaskState.WAITING, TaskState.RUNNING} for each in _imports(run))


def _whole_or_not_there(run: Run, verdict: Verdict) -> None:
    """Hold each roster to having come in whole: handed in twice, it is there twice at most."""
    found = _imports(run)
    verdict.hold(len(SCHOOLS) <= len(found) <= 2 * len(SCHOOLS), f"{len(found)} rosters came in")
    half = [each for each in found if each.state != TaskState.PLANNED or each.total != ROWS]
    verdict.hold(not half, f"{len(half)} rosters are {[(each.state, each.total) for each in half]}")


CLERKS = (
    Scenario(
        "kill_web_asked",
        "kill -9 of the web as campaigns are started and rosters handed in",
        _start_and_upload,
        after=_whole_or_not_there,
        length=20.0,
    ),
)
