"""A client that commands the sandbox, for tests, the demo, the tour and the fault suite."""

import time
from collections.abc import Iterable, Iterator
from types import TracebackType
from typing import Any, Self, TypedDict

import requests

TIMEOUT = (3, 30)
POLL = 0.02


class ControlError(Exception):
    """The sandbox did not understand or refused a command."""


class MessageRecord(TypedDict):
    """One accepted template message, as the journal has it; `at` is in seconds since 1970."""

    seq: int
    msgid: int
    openid: str
    template_id: str
    data: dict[str, str]
    url: str
    client_msg_id: str
    at: float
    status: str
    mini_path: str


class SmsRecord(TypedDict):
    """One short message; `params` are the values the sender filled in, the code first."""

    seq: int
    number: str
    text: str
    template_id: str
    params: list[str]
    at: float


class FaceRecord(TypedDict):
    """One face check; `errcode` is None until it ended, 0 when it was passed."""

    token: str
    name: str
    id_card: str
    redirect_url: str
    at: float
    errcode: int | None
    errmsg: str | None
    pictures: bool


class NoticeRecord(TypedDict):
    """One one-time notice of the mini program that a person sees."""

    seq: int
    openid: str
    template_id: str
    data: dict[str, str]
    page: str
    at: float


class Recipient(TypedDict):
    """How often one person was the target of one template."""

    template_id: str
    openid: str
    calls: int
    accepted: int


class Counts(TypedDict):
    """Everything counted since the start; accepted and seen also from before a restart."""

    totals: dict[str, int]
    paths: dict[str, int]
    pushes: dict[str, int]
    recipients: list[Recipient]


class Control:
    """Commands over HTTP with timeouts; raises ControlError for what the sandbox refuses."""

    def __init__(self, url: str) -> None:
        self._url = url.rstrip("/")
        self._http = requests.Session()
        self._http.trust_env = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def _call(self, method: str, name: str, **kwargs: Any) -> Any:  # noqa: ANN401 JSON of many shapes
        answer = self._http.request(
            method, f"{self._url}/control/{name}", timeout=TIMEOUT, **kwargs
        )
        if not answer.ok:
            raise ControlError(f"{answer.status_code} {answer.text}")
        return answer.json()

    # -- people ---------------------------------------------------------------------------------

    def add_phone(self, label: str = "", number: str = "", **traits: object) -> str:
        """Make one phone and return its openid; traits as in sandbox.phones.Phone."""
        return self.add_phones([{"label": label, "number": number, **traits}])[0]

    def add_phones(self, phones: Iterable[dict[str, Any]]) -> list[str]:
        """Make many phones at once, quietly; return their openids in order."""
        openids: list[str] = self._call("POST", "phones", json={"phones": list(phones)})["openids"]
        return openids

    def change_phone(self, openid: str, **traits: object) -> dict[str, Any]:
        """Change blocked, blacklisted, refused, snapshot, label, number quietly."""
        changed: dict[str, Any] = self._call("PATCH", "phones", json={"openid": openid, **traits})
        return changed

    def phone(self, openid: str) -> dict[str, Any]:
        """Return one phone."""
        found: dict[str, Any] = self._call("GET", "phones", params={"openid": openid})["phones"][0]
        return found

    def follow(self, openid: str, scene: str = "") -> None:
        """Let a person follow the account (or scan again); events are pushed."""
        self._call("POST", "follow", json={"openid": openid, "scene": scene})

    def unfollow(self, openid: str) -> None:
        """Let a person leave; the event is pushed."""
        self._call("POST", "unfollow", json={"openid": openid})

    def write(self, openid: str, text: str) -> None:
        """Let a person write to the account."""
        self._call("POST", "text", json={"openid": openid, "text": text})

    def click(self, openid: str, key: str) -> None:
        """Let a person press a click button of the menu."""
        self._call("POST", "click", json={"openid": openid, "key": key})

    def login_code(self, openid: str) -> str:
        """Return what the mini program's login gives on a phone; good once."""
        return self._mini_code({"openid": openid, "kind": "login"})

    def phone_code(self, openid: str, number: str = "") -> str:
        """Return what the mini program's button gives: of the phone's own number, or another."""
        return self._mini_code({"openid": openid, "kind": "number", "number": number})

    def _mini_code(self, wish: dict[str, str]) -> str:
        return str(self._call("POST", "mini-code", json=wish)["code"])

    def allow_notices(self, openid: str, template_id: str, times: int = 1) -> int:
        """Let a person allow one-time notices of the mini program; return how many are allowed."""
        wish = {"openid": openid, "template_id": template_id, "times": times}
        return int(self._call("POST", "notices/allow", json=wish)["allowed"])

    # -- misbehaviour ---------------------------------------------------------------------------

    def fault(self, behaviour: str, **order: object) -> int:
        """Order a misbehaviour (sandbox.faults) and return its number."""
        made: dict[str, Any] = self._call("POST", "faults", json={"behaviour": behaviour, **order})
        return int(made["id"])

    def faults(self) -> list[dict[str, Any]]:
        """Return the standing orders with their hits."""
        standing: list[dict[str, Any]] = self._call("GET", "faults")["faults"]
        return standing

    def clear_faults(self, fault_id: int | None = None) -> list[dict[str, Any]]:
        """Withdraw one order, or all; return them with how often each was followed."""
        which = {} if fault_id is None else {"id": fault_id}
        ended: list[dict[str, Any]] = self._call("DELETE", "faults", json=which)["faults"]
        return ended

    def revoke_tokens(self, errcode: int = 40001) -> int:
        """End every access token; return how many there were."""
        return int(self._call("POST", "tokens/revoke", json={"errcode": errcode})["revoked"])

    def ban_template(self, template_id: str, errcode: int = 43116) -> None:
        """Let sends with this template answer the code; 0 lifts it."""
        wish = {"template_id": template_id, "errcode": errcode}
        self._call("POST", "templates/ban", json=wish)

    def add_template(self, title: str, content: str, template_id: str = "") -> str:
        """Give the account a template, or change one; return its id."""
        wish = {"title": title, "content": content, "template_id": template_id}
        return str(self._call("POST", "templates", json=wish)["template_id"])

    def mini_template(self, template_id: str, title: str, content: str) -> None:
        """Give the mini program a template for one-time notices, or change one."""
        wish = {"template_id": template_id, "title": title, "content": content}
        self._call("POST", "notices/templates", json=wish)

    def remove_mini_template(self, template_id: str) -> None:
        """Take a template for one-time notices from the mini program."""
        self._call("POST", "notices/templates", json={"template_id": template_id, "gone": True})

    def configure(self, **settings: object) -> dict[str, Any]:
        """Change settings of sandbox.config.Config while running; return all of them."""
        changed: dict[str, Any] = self._call("POST", "settings", json=settings)
        return changed

    def advance_clock(self, seconds: float) -> None:
        """Move the platform's clock forward."""
        self._call("POST", "clock", json={"seconds": seconds})

    def verify_callback(self) -> bool:
        """Do what WeChat's console does when the callback address is saved."""
        return bool(self._call("POST", "callback/verify")["verified"])

    # -- reading back ---------------------------------------------------------------------------

    def messages(self, *, unseen: bool = False, **which: str) -> Iterator[MessageRecord]:
        """Yield the messages people see (and the other accepted ones); by openid, template_id."""
        since: int | None = 0
        while since is not None:
            params = {**which, "since": str(since), "unseen": str(int(unseen))}
            page = self._call("GET", "messages", params=params)
            yield from page["messages"]
            since = page["next"]

    def counts(self, **which: str) -> Counts:
        """Return the counts; recipients only of one template_id or openid if given."""
        counted: Counts = self._call("GET", "counts", params=which)
        return counted

    def calls(self) -> list[dict[str, Any]]:
        """Return the last few hundred platform calls."""
        called: list[dict[str, Any]] = self._call("GET", "calls")["calls"]
        return called

    def sms(self, number: str = "", since: int = 0) -> list[SmsRecord]:
        """Return the short messages to a number, or all."""
        params = {"phone": number, "since": str(since)}
        found: list[SmsRecord] = self._call("GET", "sms", params=params)["sms"]
        return found

    def notices(self, **which: str) -> list[NoticeRecord]:
        """Return the one-time notices that people see, or one openid's."""
        found: list[NoticeRecord] = self._call("GET", "notices", params=which)["notices"]
        return found

    def face_checks(self) -> list[FaceRecord]:
        """Return the face checks that were begun, oldest first."""
        found: list[FaceRecord] = self._call("GET", "face")["checks"]
        return found

    def wait_until_pushed(self, seconds: float = 10) -> None:
        """Wait until no push is waiting or on its way; raise TimeoutError."""
        end = time.monotonic() + seconds
        while self.counts(openid="-")["pushes"]["pending"]:
            if time.monotonic() > end:
                raise TimeoutError("pushes are still waiting")
            time.sleep(POLL)
