"""A first filter against floods, counted in Redis, or in the process while Redis is away.

What protects a person from guessing is counted in the database (`registry.accounts.attempts`).
"""

import time
from collections import Counter
from functools import cache
from threading import Lock

from flask import request
from flask_limiter import ApplicationLimit, Limiter
from limits import parse
from typing_extensions import override

from registry.accounts import addresses
from wxapp.core.browser_session import OWN_WAYS, browser
from wxapp.core.rights import EXPORTS

SIGN_IN = "30 per minute"
BINDING = "30 per minute"
"""For each browser: more than anybody presses."""
BINDING_ADDRESS = "6000 per minute"
"""Lecture halls of graduates share one address and are asked to bind at the same minute."""
SUGGESTIONS = "90 per minute"
"""For each graduate: faster than anybody types."""
LOOKUP = "60 per minute"
"""Whole counties may share one address; what a guesser may do is counted in the database."""
SPOKEN_PUZZLE = "10 per minute"
"""Each takes a fifth of a second of work."""
PHONE_TAILS = "20 per minute"
"""For each member of staff: one opens the phones of a school, half a second of work."""

STRANGERS = "6000 per minute"
"""From one address (IPv6: /48), of all that comes without a session, each of which may have one
written down. A campus or a telephone network shares one, and a campaign sends twenty thousand here
at once."""

PERSON = "1200 per minute"
"""Of one person over all windows: many times what pages ask that watch some work."""
CALM = 0.05
"""Of that, what each process counts by itself before it asks Redis: all that nearly everybody asks
for. Over all processes somebody gets that much more from each."""
DEMANDING = "30 per minute"
"""Of one person, of all of DEMANDING_VIEWS together."""
DEMANDING_VIEWS = EXPORTS | {
    *("authorizing.download", "sheet.download", "evidence.upload", "breach.upload"),
    "offices.look_up",
    *("terminating.ask", "terminating.escalate", "terminating.add_proof", "offline.hand_in"),
    *("employer.ask_termination", "employer.escalate_termination"),
    *("employer.add_termination_proof",),
    *("employer.hand_in", "employer.papers_file", "registration.ask_to_take_over"),
    *("school.papers_file", "province.papers_file", "school.takeover_letter"),
    *("province.list_employer", "ops.list_employer", "registration.register"),
    *("school.upload", "school.read_numbers", "account.check_table", "account.make_accounts"),
    *("employer.upload_sheet", "school.statistics_report", "school.statistics_workbook"),
    *("school.upload_courier_list", "school.print_posters", "school.make_posters"),
    *("province.statistics_workbook", "province.enter_receipt"),
}
"""What opens a file, sets a report, writes a workbook or hashes passwords: tenths of a second each,
or a process of its own."""


def _has_a_session() -> bool:
    return request.path.startswith(OWN_WAYS) or browser().row is not None


def _has_none() -> bool:
    return not _has_a_session() or request.path.startswith(OWN_WAYS)


def _is_light() -> bool:
    return request.endpoint not in DEMANDING_VIEWS


def person() -> str:
    """Return who is asking, whichever of their sessions it is; of a stranger the session."""
    who = browser().identity
    numbers = (("staff", who.staff_id), ("graduate", who.graduate_id))
    known = next((f"{kind}:{number}" for kind, number in numbers if number is not None), "")
    return known or browser().token_hash


def _household() -> str:
    return addresses.household(request.remote_addr or "")


def _site() -> str:
    return addresses.site(request.remote_addr or "")


class CalmPeople:
    """How often this process was asked by each person in the present minute."""

    def __init__(self) -> None:
        """Begin with nobody."""
        self._lock = Lock()
        self._minute = 0
        self._asked = Counter[str]()

    def count(self, person: str, seconds: float) -> int:
        """Count one more; return how often they have asked in this minute of a running clock."""
        minute = int(seconds // 60)
        with self._lock:
            if minute != self._minute:
                self._minute, self._asked = minute, Counter()
            self._asked[person] += 1
            return self._asked[person]


class FirstFilter(Limiter):
    """Flask-Limiter, but who is signed in and asks calmly for light pages costs no way to Redis.

    Limits of single views are asked for as ever.
    """

    calm = CalmPeople()

    @override
    def _check_request_limit(
        self, callable_name: str | None = None, in_middleware: bool = True
    ) -> None:
        if not (in_middleware and self._is_calm()):
            super()._check_request_limit(callable_name, in_middleware)

    def _is_calm(self) -> bool:
        if _has_none() or not _is_light():
            return False
        return self.calm.count(person(), time.monotonic()) <= _amount(PERSON) * CALM


@cache
def _amount(limit: str) -> int:
    return parse(limit).amount


limiter = FirstFilter(
    _household,
    application_limits=[
        ApplicationLimit(lambda: STRANGERS, key_function=_site, exempt_when=_has_a_session),
        ApplicationLimit(
            lambda: PERSON, key_function=person, exempt_when=_has_none, scope="person"
        ),
        ApplicationLimit(
            lambda: DEMANDING, key_function=person, exempt_when=_is_light, scope="demanding"
        ),
    ],
    strategy="fixed-window",
    in_memory_fallback_enabled=True,
    key_prefix="quxiang-limits",
)
