"""What a campus answers about a ticket: only a plain success names somebody."""

from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import ClassVar

import pytest
from typing_extensions import override

from notifier.providers.campus import CampusAway, CampusRefused, CampusVisitor
from notifier.providers.cas import CasServer
from runtime.campus_logins import CampusLogin

TOP = '<cas:serviceResponse xmlns:cas="http://www.yale.edu/tp/cas">'
USER = "<cas:user>liwei</cas:user>"
GOOD = f"""{TOP}
  <cas:authenticationSuccess>{USER}
    <cas:attributes><cas:employeeNumber>T1</cas:employeeNumber>
      <cas:type>teacher</cas:type><cas:type>member</cas:type></cas:attributes>
  </cas:authenticationSuccess></cas:serviceResponse>"""
SUCCESS = f"<cas:authenticationSuccess>{USER}</cas:authenticationSuccess>"
REFUSALS = {
    "bad_answer": [
        "yes\nliwei\n",
        "",
        f"<!DOCTYPE x [<!ENTITY u 'liwei'>]>{GOOD}",
        f"<?xml version='1.0' encoding='utf-16'?><!DOCTYPE x>{GOOD}",
        f"{TOP}{SUCCESS}{SUCCESS}</cas:serviceResponse>",
        f"<html>{GOOD}</html>",
        f"{TOP}</cas:serviceResponse>",
    ],
    "invalid_ticket": [
        (
            f"{TOP}<cas:authenticationFailure code='INVALID_TICKET'>{SUCCESS}"
            "</cas:authenticationFailure></cas:serviceResponse>"
        )
    ],
    "unknown_code": [
        f"{TOP}<cas:authenticationFailure code='张三'/></cas:serviceResponse>",
    ],
    "no_user": [
        (
            f"{TOP}<cas:authenticationSuccess><cas:user> </cas:user></cas:authenticationSuccess>"
            "</cas:serviceResponse>"
        ),
        (
            f"{TOP}<cas:authenticationSuccess>{USER}{USER}</cas:authenticationSuccess>"
            "</cas:serviceResponse>"
        ),
    ],
}


class Campus(BaseHTTPRequestHandler):
    """Answers everything with the same."""

    status: ClassVar[int] = 200
    body: ClassVar[bytes] = b""
    headers_sent: ClassVar[dict[str, str]] = {}

    def do_GET(self) -> None:
        self.send_response(self.status)
        for name, value in self.headers_sent.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(self.body)

    @override
    def log_message(self, *_: object) -> None:
        """Say nothing."""


Asked = Callable[..., CampusVisitor]


@pytest.fixture
def asked() -> Iterator[Asked]:
    """Give what asks a campus that answers with a text, by settings of its own."""
    with HTTPServer(("127.0.0.1", 0), Campus) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()

        def ask(
            body: str, status: int = 200, headers: dict[str, str] | None = None, **changes: str
        ) -> CampusVisitor:
            Campus.status, Campus.body = status, body.encode()
            Campus.headers_sent = headers or {}
            address = f"http://127.0.0.1:{server.server_port}/cas"
            fields = {"name": "a", "school": "99001", "protocol": "cas", "server": address}
            campus = CasServer(CampusLogin.model_validate(fields | changes))
            return campus.visitor({"ticket": "ST-1"}, "https://qx.example/back", "s")

        yield ask
        server.shutdown()
        thread.join()


def test_a_success_names_the_user_the_number_and_what_they_are(asked: Asked) -> None:
    visitor = asked(GOOD, number="employeeNumber", kind="type")
    assert (visitor.subject, visitor.number) == ("liwei", "T1")
    assert visitor.kinds == {"teacher", "member"}
    assert visitor.names == ("employeeNumber", "type")
    assert "ST-1" not in str(visitor)
    assert "liwei" not in repr(visitor)


def test_attributes_of_an_old_server_have_no_prefix(asked: Asked) -> None:
    old = GOOD.replace("cas:attributes", "attributes").replace("cas:employee", "employee")
    assert asked(old, number="employeeNumber").number == "T1"


def test_without_an_attribute_the_user_is_the_number(asked: Asked) -> None:
    assert asked(GOOD).number == "liwei"


@pytest.mark.parametrize("number", ["type", "uid"])
def test_no_number_or_two_is_nobody(asked: Asked, number: str) -> None:
    with pytest.raises(CampusRefused, match="no_number"):
        asked(GOOD, number=number)


@pytest.mark.parametrize(
    ("code", "body"), [(code, body) for code, bodies in REFUSALS.items() for body in bodies]
)
def test_all_else_is_nobody(asked: Asked, code: str, body: str) -> None:
    with pytest.raises(CampusRefused, match=code):
        asked(body)


def test_an_answer_of_another_status_elsewhere_or_without_end_is_none(asked: Asked) -> None:
    with pytest.raises(CampusAway, match="status_500"):
        asked(GOOD, status=500)
    with pytest.raises(CampusAway, match="status_302"):
        asked(GOOD, status=302, headers={"Location": "http://127.0.0.1:1/"})
    with pytest.raises(CampusAway, match="too_long"):
        asked(GOOD + " " * 70_000)
