"""One-time codes and notices by text message: Tencent Cloud SMS (SendSms)."""

from collections.abc import Mapping
from typing import Any, Protocol

from notifier.providers.tencent_cloud import CallError, Cloud, Product, request_id_of
from registry.base.clock import Clock
from registry.codes import identity
from runtime.settings import Settings

SENT = "Ok"
LONGEST_PARAMETER = 12
"""Of a notice's template; the provider refuses longer ones."""


class CodeSender(Protocol):
    """Whatever brings a code to a phone."""

    def send_code(self, phone: str, code: str, minutes: int) -> None:
        """Send a code that holds for so many minutes; raise CallError."""
        ...


class NoticeSender(Protocol):
    """Whatever tells a phone of what was done to its owner's record."""

    def send_notice(self, phone: str, school: str, what: str, token: str) -> None:
        """Send who did what, and the end of the link by which to object; raise CallError."""
        ...


class EmployerSender(Protocol):
    """Whatever tells who signs for an employer of news."""

    def send_employer_news(self, phone: str, unit: str, what: str) -> None:
        """Send that something has happened to what an employer signs; raise CallError."""
        ...


class Sms:
    """The provider as the settings name it; threads may share it."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        """Open a pool of connections; nothing is asked yet."""
        self._settings = settings
        self._cloud = Cloud(_product(settings), clock)

    def send_code(self, phone: str, code: str, minutes: int) -> None:
        """Send the approved template with its two parameters, the code and its minutes.

        Sent once, whatever happens: a code asked for again is a new one. Raises CallError.
        """
        self._send(phone, self._settings.sms_template_id, [code, str(minutes)])

    def send_notice(self, phone: str, school: str, what: str, token: str) -> None:
        """Send the approved template with its three parameters; raises CallError.

        Of a school's long name the beginning: a parameter has 12 characters.
        """
        template = self._settings.sms_notice_template_id
        if not template:
            raise CallError("not_configured")
        self._send(phone, template, [school[:LONGEST_PARAMETER], what, token])

    def send_employer_news(self, phone: str, unit: str, what: str) -> None:
        """Send the approved template with its two parameters; raises CallError.

        Of an employer's long name the beginning: a parameter has 12 characters.
        """
        template = self._settings.sms_employer_template_id
        if not template:
            raise CallError("not_configured")
        self._send(phone, template, [unit[:LONGEST_PARAMETER], what])

    def _send(self, phone: str, template: str, parameters: list[str]) -> None:
        if not identity.is_mobile(phone):
            raise CallError("not_a_mobile_number")
        _check(
            self._cloud.ask(
                "SendSms",
                {
                    "PhoneNumberSet": [f"+86{phone}"],
                    "SmsSdkAppId": self._settings.sms_app_id,
                    "SignName": self._settings.sms_sign_name,
                    "TemplateId": template,
                    "TemplateParamSet": parameters,
                },
            )
        )


def _product(settings: Settings) -> Product:
    return Product(
        name="sms",
        version="2021-01-11",
        url=settings.sms_url,
        secret_id=settings.sms_secret_id,
        secret_key=settings.sms_secret_key,
        region=settings.sms_region,
    )


def _check(answer: Mapping[str, Any]) -> None:
    statuses = answer.get("SendStatusSet")
    first = statuses[0] if isinstance(statuses, list) and statuses else None
    code = str(first.get("Code", "")) if isinstance(first, dict) else "bad_answer"
    if code != SENT:
        raise CallError(code, request_id_of(answer))
