"""A campus that speaks OpenID Connect, for tests: it signs whatever a test has it say."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey
from typing_extensions import override

from runtime.campus_logins import CampusLogin

CLIENT, SECRET = "qx", "0123456789abcdef0123456789abcdef"
BACK = "https://qx.example/login/campus/o/back"
LOGOUT: dict[str, Any] = {"http://schemas.openid.net/event/backchannel-logout": {}}
KEY, OTHER_KEY = (RSAKey.generate_key(2048, {"kid": "1"}) for _ in range(2))


class OidcCampus:
    """What it says of itself and of who came, and what it was asked last."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.metadata: dict[str, Any] = {
            "issuer": address,
            "authorization_endpoint": f"{address}/authorize",
            "token_endpoint": f"{address}/token",
            "jwks_uri": f"{address}/keys",
            "userinfo_endpoint": f"{address}/me",
        }
        self.claims: dict[str, Any] = {"sub": "liwei", "sid": "s1"}
        self.me: dict[str, Any] = {"sub": "liwei", "code": "T1", "type": ["teacher", "member"]}
        self.header: dict[str, Any] = {"alg": "RS256", "kid": "1"}
        self.key: RSAKey | OctKey = KEY
        self.status = 200
        self.asked: dict[str, str] = {}
        self.keys = [KEY]
        self.asked_for_keys = 0

    def login(self, **changes: Any) -> CampusLogin:  # noqa: ANN401 - any setting's value
        """Return its settings."""
        fields = {
            "name": "o",
            "school": "99001",
            "protocol": "oidc",
            "server": self.address,
            "number": "code",
            "kind": "type",
            "client_id": CLIENT,
            "client_secret": SECRET,
        }
        return CampusLogin.model_validate(fields | changes)

    def token(self, **claims: Any) -> str:  # noqa: ANN401 - any claim's value
        """Sign what is said; a claim of None is left out."""
        now = int(time.time())
        usual = {"iss": self.address, "aud": CLIENT, "iat": now, "exp": now + 300}
        said = {name: value for name, value in (usual | claims).items() if value is not None}
        return jwt.encode(self.header, said, self.key, algorithms=["RS256", "HS256"])

    def answer(self, path: str) -> dict[str, Any]:
        """Return what an address answers with."""
        if path == "/token":
            return {"access_token": "a", "id_token": self.token(**self.claims)}
        if path == "/keys":
            self.asked_for_keys += 1
            return {"keys": [each.as_dict(private=False) for each in self.keys]}
        return self.me if path == "/me" else self.metadata

    def sign_in(self, way_in: str) -> dict[str, str]:
        """Take over what the way in asks for; return the arguments of the way back."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(way_in).query).items()}
        self.claims = {"nonce": asked["nonce"]} | self.claims
        self.asked = asked
        return {"code": "c1", "state": asked["state"]}


@contextmanager
def run_campus() -> Iterator[OidcCampus]:
    """Run it on a free port."""

    class Door(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            said = json.dumps(campus.answer(self.path)).encode()
            self.send_response(campus.status)
            self.end_headers()
            self.wfile.write(said)

        def do_POST(self) -> None:
            form = self.rfile.read(int(self.headers["Content-Length"])).decode()
            campus.asked |= {name: values[0] for name, values in parse_qs(form).items()}
            campus.asked["authorization"] = self.headers.get("Authorization", "")
            self.do_GET()

        @override
        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Door) as server:
        campus = OidcCampus(f"http://127.0.0.1:{server.server_port}")
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield campus
        server.shutdown()
        thread.join()
