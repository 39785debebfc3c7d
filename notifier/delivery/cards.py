"""The body of a send: the person's card, with the keys the account's own template uses."""

import json
import time
from dataclasses import dataclass
from typing import NamedTuple

from notifier.delivery.claim import Claimed
from notifier.delivery.school_queues import SchoolQueue
from notifier.ledger import kinds, wording
from notifier.ledger.kinds import Kind
from notifier.wechat.menu import HOME, OF_GRADUATES, mini_path
from notifier.wechat.templates import MatchedTemplate, template_for
from registry.accounts.school_tables import School
from registry.base.errors import RuleError
from runtime.resources import Resources

CARDS_KEPT = 1000
TEMPLATES_SECONDS = 30.0  # how long a process believes what it read of templates and schools

_quoted = json.JSONEncoder().encode


@dataclass(slots=True)
class Ready:
    """A claimed message with its card, ready to be sent."""

    queue: SchoolQueue
    message: Claimed
    body: bytes
    template: MatchedTemplate
    """What the body was written for."""
    begin_by: float
    """When it is given back, if its call was not begun (seconds of the run's clock)."""
    latest: float
    """After when nothing of its call may leave this process: others may have the message then."""
    token: str = ""
    token_tries: int = 0
    began: int = 0
    """When its call began, as `tracing.moment` says."""


class Card(NamedTuple):
    """What of a body does not name the message or its recipient."""

    page: str
    """The address it leads to, as JSON, up to the name of the message, which ends it."""
    rest: str
    """The JSON behind the address."""
    mini: str
    """The same address within the mini program, up to the name; empty where cards open pages."""


class Cards:
    """Writes bodies; remembers for a while what it read, and cards that say the same to many."""

    def __init__(self, resources: Resources) -> None:
        """Read templates from these resources."""
        self._resources = resources
        self._templates: dict[str, tuple[float, MatchedTemplate]] = {}
        self._schools: dict[int, str] = {}
        self._written: dict[tuple[int | None, str, int, str], Card] = {}

    def body(self, queue: SchoolQueue, message: Claimed) -> tuple[bytes, MatchedTemplate]:
        """Return the JSON to post, and the template it is written for.

        Raises RuleError: `field_impossible` for her values, `template_missing` (or another
        code of the template's) where the account cannot send this kind.
        """
        template = self._template(message.kind)
        said = (queue.campaign_id, message.kind, message.school_id, message.facts)
        card = self._written.get(said)
        if card is None:
            if len(self._written) >= CARDS_KEPT:
                self._written.clear()
            card = self._written[said] = self._write(queue, message, template)
        to, name = _quoted(message.openid), message.client_msg_id
        mini = f'{card.mini}{name}"}},' if card.mini else ""
        body = (
            f'{{"touser":{to},"client_msg_id":"{name}","url":{card.page}{name}",{mini}{card.rest}'
        )
        return body.encode(), template

    def is_outdated(self, ready: Ready) -> bool:
        """Say whether its kind has another template by now; reads it, so that the next have it."""
        self._templates.pop(ready.message.kind, None)
        try:
            return self._template(ready.message.kind) != ready.template
        except RuleError:  # none any more
            return False

    def _write(self, queue: SchoolQueue, message: Claimed, template: MatchedTemplate) -> Card:
        kind, school = kinds.kinds()[message.kind], self._school(message.school_id)
        shown = kind.render(wording.values(school, queue.texts, message.facts))
        content = {
            "template_id": template.template_id,
            "data": {template.fields[label]: {"value": text} for label, text in shown.items()},
        }
        page = f"{self._resources.settings.public_url}{wording.page_of(kind, '')}"
        rest = json.dumps(content, ensure_ascii=False)[1:]
        return Card(_quoted(page)[:-1], rest, self._mini(kind))

    def _mini(self, kind: Kind) -> str:
        """Return the JSON of a link to the mini program, as far as `Card.mini`; "" for none."""
        settings = self._resources.settings
        path = mini_path(settings, kind.page.removeprefix(OF_GRADUATES) or HOME, "")
        if not path or not kind.page.startswith(OF_GRADUATES):
            return ""  # what leads staff to their pages is not the mini program's
        app_id, page = _quoted(settings.mini_app_id), _quoted(path)[:-1]
        return f'"miniprogram":{{"appid":{app_id},"pagepath":{page}'

    def _template(self, kind: str) -> MatchedTemplate:
        read_at, template = self._templates.get(kind, (-TEMPLATES_SECONDS, None))
        if template is None or time.monotonic() - read_at > TEMPLATES_SECONDS:
            with self._resources.readers.begin() as session:
                template = template_for(session, kind)
            self._templates[kind] = (time.monotonic(), template)
            self._schools.clear()
            self._written.clear()
        return template

    def _school(self, ident: int) -> str:
        if ident not in self._schools:
            with self._resources.readers.begin() as session:
                self._schools[ident] = session.get_one(School, ident).name
        return self._schools[ident]
