"""The mini program's one-time notices: its templates, what people allowed, and what they got."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

from sandbox.account_templates import LIBRARY, Templates, whole_entry
from sandbox.errors import Refusal
from sandbox.mini_codes import mini_openid

PAGES = ("pages/start/start", "pages/web/web")
"""The mini program's pages: a notice may open these."""


@dataclass(frozen=True, slots=True)
class OneTimeNotice:
    """A notice that somebody sees; `at` is in seconds."""

    seq: int
    openid: str
    """The person's, with the account."""
    template_id: str
    data: dict[str, str]
    page: str
    at: float

    def record(self) -> dict[str, Any]:
        """Return the notice as a JSON object."""
        return asdict(self)


class Subscriptions:
    """A restart forgets what was allowed and sent."""

    def __init__(self, mini_app_id: str) -> None:
        self.templates = Templates()
        for number in LIBRARY:
            self.templates.add(whole_entry(mini_app_id, number))
        self.allowed: Counter[tuple[str, str]] = Counter()
        self.sent: list[OneTimeNotice] = []

    def allow(self, openid: str, template_id: str, times: int) -> int:
        """Let somebody have allowed more notices of a template; return how many there are."""
        template = self.templates.get(template_id)
        self.allowed[openid, template.template_id] += times
        return self.allowed[openid, template.template_id]

    def take(self, openid: str, template_id: str) -> None:
        """Use one notice up; raise Refusal 43101 where none is left."""
        if self.allowed[openid, template_id] < 1:
            raise Refusal(43101)
        self.allowed[openid, template_id] -= 1

    def show(self, openid: str, template_id: str, content: dict[str, Any], at: float) -> None:
        """Let somebody see a notice: its data, and the page it opens."""
        seq = len(self.sent) + 1
        self.sent.append(OneTimeNotice(seq, openid, template_id, at=at, **content))


def whose(mini: object, openids: Iterable[str]) -> str:
    """Return the person with an openid of the mini program; raise Refusal 40003 for nobody's."""
    found = next((each for each in openids if mini_openid(each) == mini), None)
    if found is None:
        raise Refusal(40003)
    return found
