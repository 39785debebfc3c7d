"""Flask's session kept in the database: the cookie holds a token, the row its hash.

A session that holds nothing is not stored. `become` and `leave` change the token, so that a token
somebody planted before the sign-in opens nothing after it.
"""

from datetime import datetime
from typing import Any, cast

import flask
from flask import Flask, Request, Response, g
from flask.sessions import SecureCookieSession, SessionInterface, SessionMixin
from sqlalchemy.exc import OperationalError, SQLAlchemyError
from typing_extensions import override
from werkzeug.local import LocalProxy

from notifier.ledger import bindings
from registry.accounts import sessions
from registry.accounts.sessions import NOBODY, Identity
from registry.accounts.tables import WebSession
from runtime.resources import Resources
from wxapp.core.read_session import let_go, reading
from wxapp.core.retry import until_through

OWN_WAYS = ("/static/", "/healthz", "/readyz", "/metrics", "/wechat/callback")
"""Paths without a person behind them; none reads or writes a session."""

OF_GRADUATES = "/g/"
OF_STAFF = (
    *("/school/", "/province/", "/ministry/", "/employer/", "/ops/", "/account/", "/receiver/"),
)
"""Paths whose door asks who it is; the others look for themselves if they do."""


class BrowserSession(SecureCookieSession):
    """What is remembered of one browser, and who it was proven to be."""

    def __init__(
        self, token: str, row: WebSession | None, trouble: SQLAlchemyError | None = None
    ) -> None:
        super().__init__(row.content if row else {})
        self.token = token
        self.row = row
        self.identity = sessions.identity_of(row) if row else NOBODY
        self.previous: str | None = None
        self.trouble = trouble
        """Why it could not be read; the request is answered with that, and nothing is written."""
        self.accessed = self.modified = False

    @property
    def token_hash(self) -> str:
        """Return the name that rows bound to this session carry."""
        return sessions.hash_of(self.token)

    def become(self, identity: Identity) -> None:
        """Sign somebody in: a new token, nothing left of what was before."""
        self._begin_anew()
        self.identity = identity

    def leave(self) -> None:
        """Sign out: the row goes, and so does the cookie."""
        self._begin_anew()

    def _begin_anew(self) -> None:
        self.clear()
        self.previous = self.previous or self.token
        self.token = sessions.new_token()
        self.row = None
        self.identity = NOBODY
        self.modified = True


class SessionRows(SessionInterface):
    """Reads a session when a request comes, writes it down when the answer goes."""

    def __init__(self, resources: Resources) -> None:
        self.resources = resources
        secure = resources.settings.public_url.startswith("https://")
        self.cookie_name = "__Host-quxiang" if secure else "quxiang"
        self.secure = secure

    @override
    def open_session(self, app: Flask, request: Request) -> SessionMixin | None:
        if request.path.startswith(OWN_WAYS):
            return BrowserSession(sessions.new_token(), None)
        token = request.cookies.get(self.cookie_name)
        if not token:
            return BrowserSession(sessions.new_token(), None)
        try:
            row = _surely_found(request.path, token, self.resources.clock())
        except SQLAlchemyError as error:  # raised once the request can be answered in words
            return BrowserSession(sessions.new_token(), None, error)
        return BrowserSession(token if row else sessions.new_token(), row)

    @override
    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        if not isinstance(session, BrowserSession) or session.trouble:
            return  # the database was away when the request came
        if session.accessed:
            response.headers.add("Vary", "Cookie")
        if session or session.identity != NOBODY:
            self._write_down(session, response)
        elif session.row or session.previous:
            self._forget(session, response)

    def _write_down(self, session: BrowserSession, response: Response) -> None:
        at = self.resources.clock()
        row = session.row
        quiet = g.get("unseen", False) or (row and at - row.seen_at < sessions.SEEN_EVERY)
        if row and not session.modified and quiet:
            return
        begun = until_through(lambda: self._write(session, at))
        if not begun:
            return
        response.set_cookie(
            self.cookie_name,
            session.token,
            max_age=sessions.LONGEST,
            path="/",
            secure=self.secure,
            httponly=True,
            samesite="Lax",
        )

    def _write(self, session: BrowserSession, at: datetime) -> bool:
        """Write a session down; say whether a new one began."""
        content: dict[str, Any] = dict(session)
        let_go()
        with self.resources.sessions.begin() as database:
            if session.row:
                sessions.keep(database, session.row, content, at)
                return False
            begun = sessions.start(database, session.token, session.identity, content, at)
            if session.previous:
                sessions.end(database, session.previous)
            return begun

    def _forget(self, session: BrowserSession, response: Response) -> None:
        until_through(lambda: self._end(session.previous or session.token))
        response.delete_cookie(
            self.cookie_name, path="/", secure=self.secure, httponly=True, samesite="Lax"
        )
        response.headers["Clear-Site-Data"] = '"cache", "storage"'

    def _end(self, token: str) -> None:
        let_go()
        with self.resources.sessions.begin() as database:
            sessions.end(database, token)


def _surely_found(path: str, token: str, at: datetime) -> WebSession | None:
    """Return the session of a token; ask again if the connection was lost since its last use.

    What a request asks first finds it out (`registry.base.database.QUIET_SECONDS`).
    """
    try:
        return _find(path, token, at)
    except OperationalError as error:
        if not error.connection_invalidated:
            raise
    return _find(path, token, at)


def _find(path: str, token: str, at: datetime) -> WebSession | None:
    """Return the session of a token, and let the door know whose it is: in one statement."""
    with reading() as session:
        if path.startswith(OF_GRADUATES):
            found = bindings.session_with_records(session, token, at)
            g.found_records = (found.session.openid if found.session else None, found.records)
            g.has_unsent = found.has_unsent
            return found.session
        if f"{path}/".startswith(OF_STAFF):
            row, g.found_staff = sessions.find_with_staff(session, token, at)
            return row
        return sessions.find(session, token, at)


def keep_sessions_of(app: Flask, resources: Resources) -> None:
    """Keep the application's sessions in the database; one that cannot be read ends its request."""
    app.session_interface = SessionRows(resources)
    app.before_request(_refuse_unread)


def _refuse_unread() -> None:
    if trouble := browser().trouble:
        raise trouble


def browser() -> BrowserSession:
    """Return the session of the browser that is asking."""
    session: LocalProxy[BrowserSession] = cast("LocalProxy[BrowserSession]", flask.session)
    return session._get_current_object()  # noqa: SLF001 - the proxy's documented way in
