"""The face check: Tencent Cloud FaceID's page in WeChat (DetectAuth, GetDetectInfoEnhanced).

Name and identity number go out in the body, the person goes to the provider's page, and a yes or a
no comes back. No picture, no video and no similarity is asked for or kept. Source: the provider's
pages 1007/31816 and 1007/41957.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol
from urllib.parse import urlsplit

from notifier.providers.tencent_cloud import CallError, Cloud, Product
from registry.base.clock import Clock
from registry.codes import identity
from runtime.settings import Settings

TEXT_ONLY = "1"
"""InfoType: the outcome in words, without pictures."""
PAGES = frozenset({"open.weixin.qq.com", "open.faceid.qq.com", "faceid.qq.com"})
"""Hosts of the provider's page: by WeChat's sign-in, as DetectAuth's example has it, or at once."""
PASSED = 0


class FaceOutcome(StrEnum):
    """What became of a check."""

    PASSED = "passed"
    FAILED = "failed"
    OTHER_PERSON = "other_person"
    """Passed, but as somebody else than was asked for."""
    UNFINISHED = "unfinished"


@dataclass(frozen=True)
class Person:
    """Who is to be proven: the name, and the normalised resident identity number."""

    name: str
    identity_number: str


@dataclass(frozen=True)
class Begun:
    """A check that waits for the person: where to go, and the token that asks for its outcome."""

    url: str
    token: str


class FaceCheck(Protocol):
    """Whatever tells by the face that a person is present."""

    @property
    def is_offered(self) -> bool:
        """Whether there is a provider."""
        ...

    def begin(self, person: Person, back_url: str) -> Begun:
        """Return where the person goes; she comes back to `back_url`. Raises CallError."""
        ...

    def outcome(self, person: Person, token: str) -> FaceOutcome:
        """Return what became of it. Raises CallError."""
        ...

    def who_passed(self, token: str) -> Person | None:
        """Return who passed it; None where nobody did. Raises CallError."""
        ...


class Face:
    """The provider as the settings name it; threads may share it."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        """Open a pool of connections; nothing is asked yet."""
        self._settings = settings
        self._cloud = Cloud(_product(settings), clock)

    @property
    def is_offered(self) -> bool:
        """Whether the settings name a provider."""
        settings = self._settings
        return all((settings.face_secret_id, settings.face_secret_key, settings.face_rule_id))

    def begin(self, person: Person, back_url: str) -> Begun:
        """Begin a check; it waits for two hours. Raises CallError, for a page elsewhere, too."""
        if not identity.is_resident(person.identity_number):
            raise CallError("not_a_resident_number")
        answer = self._cloud.ask(
            "DetectAuth",
            {
                "RuleId": self._settings.face_rule_id,
                "IdCard": person.identity_number,
                "Name": person.name,
                "RedirectUrl": back_url,
            },
        )
        begun = Begun(str(answer.get("Url") or ""), str(answer.get("BizToken") or ""))
        if not begun.token:
            raise CallError("bad_answer")
        if not _is_their_page(begun.url, self._settings):
            raise CallError("unlisted_page")
        return begun

    def outcome(self, person: Person, token: str) -> FaceOutcome:
        """Ask what became of a check; passed only if it was of this person. Raises CallError."""
        return _outcome(self._asked(token), person)

    def who_passed(self, token: str) -> Person | None:
        """Ask who passed a check, as the provider compared them. Raises CallError."""
        text = self._asked(token)
        return _named(text) if text.get("ErrCode") == PASSED else None

    def _asked(self, token: str) -> Mapping[str, Any]:
        content = {
            "BizToken": token,
            "RuleId": self._settings.face_rule_id,
            "InfoType": TEXT_ONLY,
        }
        text = self._cloud.ask("GetDetectInfoEnhanced", content).get("Text")
        if not isinstance(text, dict):
            raise CallError("bad_answer")
        return text


def _product(settings: Settings) -> Product:
    return Product(
        name="faceid",
        version="2018-03-01",
        url=settings.face_url,
        secret_id=settings.face_secret_id,
        secret_key=settings.face_secret_key,
    )


def _is_their_page(url: str, settings: Settings) -> bool:
    """Say whether a person may be led there: to a page of PAGES, or of who stands in for both."""
    page, stand_in = urlsplit(url), urlsplit(settings.face_url)
    if (page.scheme, page.netloc) == (stand_in.scheme, stand_in.netloc):
        return True
    return page.scheme == "https" and page.netloc in PAGES


def _outcome(text: Mapping[str, Any], person: Person) -> FaceOutcome:
    code = text.get("ErrCode")
    if code is None:
        return FaceOutcome.UNFINISHED
    if code != PASSED:
        return FaceOutcome.FAILED
    return FaceOutcome.PASSED if _named(text) == person else FaceOutcome.OTHER_PERSON


def _named(text: Mapping[str, Any]) -> Person:
    return Person(str(text.get("Name")), identity.normalised(str(text.get("IdCard"))))
