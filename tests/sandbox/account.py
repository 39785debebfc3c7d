"""The account's side: wechatpy's own client, and a server that receives what is pushed."""

import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

import requests
from typing_extensions import override
from wechatpy import WeChatClient, parse_message
from wechatpy.crypto import WeChatCrypto
from wechatpy.messages import BaseMessage

from sandbox.config import Config
from sandbox.testing import RunningSandbox
from tests.waiting import PATIENCE

REMINDER = "去向登记确认提醒"
FITTING = {
    "thing10": {"value": "某某大学"},
    "thing2": {"value": "确认毕业去向登记信息"},
    "phrase5": {"value": "未确认"},
    "time8": {"value": "2026年8月31日 23:59"},
}
SEND = "/cgi-bin/message/template/send"
Query = dict[str, str]


class Account:
    """The service account as its own program sees it; nothing is changed but the address."""

    def __init__(self, sandbox: RunningSandbox) -> None:
        self.config = sandbox.config
        self.url = sandbox.url
        self.client = client_of(sandbox)
        self.http = requests.Session()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.http.close()
        self.client._http.close()

    def template(self, title: str = REMINDER) -> str:
        """Return the id the account has for a title."""
        listed = self.client.template.get_all_private_template()["template_list"]
        return next(str(one["template_id"]) for one in listed if one["title"] == title)

    def post(self, path: str, body: object, token: str | None = None) -> dict[str, Any]:
        """Call the platform with plain HTTP, so that refusals are answers, not exceptions."""
        query = {"access_token": self.client.access_token if token is None else token}
        answer = self.http.post(self.url + path, params=query, json=body, timeout=PATIENCE)
        found: dict[str, Any] = answer.json()
        return found

    def send(self, openid: str, **extra: object) -> dict[str, Any]:
        """Send the reminder to one person."""
        body = {"touser": openid, "template_id": self.template(), "data": FITTING, **extra}
        return self.post(SEND, body)


def client_of(sandbox: RunningSandbox) -> WeChatClient:
    """Return wechatpy's client with the sandbox's address, its token call included."""
    config = sandbox.config

    class Client(WeChatClient):  # type: ignore[misc]  # wechatpy has no types
        API_BASE_URL = f"{sandbox.url}/cgi-bin/"

        def fetch_access_token(self) -> object:
            return self._fetch_access_token(
                url=f"{sandbox.url}/cgi-bin/token",
                params={
                    "grant_type": "client_credential",
                    "appid": self.appid,
                    "secret": self.secret,
                },
            )

    return Client(config.app_id, config.app_secret, timeout=PATIENCE, auto_retry=False)


class QuietServer(ThreadingHTTPServer):
    """Says nothing of a push that was cut off because the sandbox stopped."""

    @override
    def handle_error(self, request: object, client_address: object) -> None:
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]  # passed on as it came


class AccountServer:
    """Keeps each push as it came; answers what it is told to, `success` at first."""

    def __init__(self) -> None:
        self.pushes: list[tuple[Query, bytes]] = []
        self.answers: list[tuple[int, bytes]] = []
        self._server = QuietServer(("127.0.0.1", 0), self._receiver())
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}/wechat/callback"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def messages(self, config: Config) -> list[BaseMessage]:
        """Return the pushes as wechatpy verifies, decrypts and parses them."""
        crypto = WeChatCrypto(config.callback_token, config.aes_key, config.app_id)
        return [
            parse_message(
                crypto.decrypt_message(
                    body, query["msg_signature"], query["timestamp"], query["nonce"]
                )
            )
            for query, body in self.pushes
        ]

    def _receiver(self) -> type[BaseHTTPRequestHandler]:
        kept = self

        class Receiver(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self._reply(200, self._query().get("echostr", "").encode())

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                kept.pushes.append((self._query(), body))
                self._reply(*(kept.answers.pop(0) if kept.answers else (200, b"success")))

            def _query(self) -> Query:
                return {
                    name: value[0] for name, value in parse_qs(urlsplit(self.path).query).items()
                }

            def _reply(self, status: int, body: bytes) -> None:
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            @override
            def log_message(self, format: str, *arguments: object) -> None:
                """Stay quiet."""

        return Receiver
