"""Every parameter of every route: its path's, its query's, its form's, learned while it is asked.

Names are heard as a view asks for them, and read off the forms of its page; a new route or field is
walked without a word here.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from html import unescape
from io import BytesIO
from typing import Any, ClassVar
from urllib.parse import quote, urlsplit

from bs4 import BeautifulSoup, Tag
from flask import Flask
from flask.testing import FlaskClient
from typing_extensions import override
from werkzeug.datastructures import ImmutableMultiDict
from werkzeug.exceptions import MethodNotAllowed, NotFound
from werkzeug.routing import Rule

from tests.page_forms import Sent
from tests.pages import Browser
from wxapp.core.incoming import IncomingRequest

FORMS = re.compile(r"<form\b([^>]*)>(.*?)</form>", re.DOTALL)
ACTION = re.compile(r'\baction="([^"]*)"')
OTHER_ACTION = re.compile(r'\bformaction="([^"]*)"')
NAME = re.compile(r'<(?:input|select|textarea|button)\b[^>]*\bname="([^"]+)"')
LINK = re.compile(r'\b(?:href|action|formaction|hx-get)="(/[^"]*)"')
UNSEEN = {"csrf_token"}
KEPT_FORMS = 4
"""Forms of one route that a walker keeps: the newest, each of another page."""


class HeardNames(ImmutableMultiDict[str, str]):
    """What was sent, which also remembers the names it was asked for."""

    heard: ClassVar[set[str]] = set()

    @override
    def __getitem__(self, key: str) -> str:
        self.heard.add(key)
        return super().__getitem__(key)

    @override
    def __contains__(self, key: object) -> bool:
        self.heard.add(str(key))
        return super().__contains__(key)

    @override
    def get(self, key: str, *more: Any, **options: Any) -> Any:
        self.heard.add(key)
        return super().get(key, *more, **options)

    @override
    def getlist(self, key: str, *more: Any, **options: Any) -> Any:
        self.heard.add(key)
        return super().getlist(key, *more, **options)


class HeardRequest(IncomingRequest):
    """The application's request, which remembers the names its view asks for."""

    parameter_storage_class = HeardNames


def listen_on(app: Flask) -> None:
    """Have an application remember which names its views ask for."""
    app.request_class = HeardRequest


@dataclass(frozen=True)
class Shot:
    """One request: a route, and what it is sent."""

    rule: Rule
    method: str
    path: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)
    form: Mapping[str, str] = field(default_factory=dict)
    file_name: str | None = None
    found: str | None = None
    """The address as a page led to it, instead of one with what stands in the path."""
    sent: Sent | None = None
    """A form of a page as it was filled in, instead of `form` and `file_name`."""

    @override
    def __str__(self) -> str:
        """Name the route and what was sent, long values shortened."""
        values = {**self.path, **self.query, **self.form, "file": self.file_name or ""}
        sent = {name: value[:40] for name, value in values.items() if value}
        return f"{self.method} {self.rule} {sent!r}"


class Walker:
    """Asks one application as one browser, and learns the names of each route's parameters."""

    def __init__(self, browser: Browser, known: Mapping[str, str]) -> None:
        self.client: FlaskClient = browser.client
        self.known = known
        self.names: dict[tuple[str, str], set[str]] = {}
        self.paths: dict[str, set[str]] = {}
        """Endpoint -> the addresses of it that pages lead to."""
        self.forms: dict[str, dict[str, Tag]] = {}
        """Endpoint -> the forms that pages send there, by the address they are sent to."""
        self.addresses = self.client.application.url_map.bind("localhost")
        page = browser.get("/verify/file")
        self.token = str(page.find_all("input[name=csrf_token]")[0]["value"])

    def ask(self, shot: Shot) -> int:
        """Send it; return the status. What it asked for and offered is remembered."""
        HeardNames.heard.clear()
        path = shot.found or path_of(shot.rule, {**self.known, **shot.path})
        with self.client.open(
            path,
            method=shot.method,
            query_string=dict(shot.query),
            data=self._body(shot) if shot.method == "POST" else None,
        ) as answer:
            self._learn(shot.rule.endpoint, shot.method, HeardNames.heard - UNSEEN)
            if answer.mimetype == "text/html":
                page = answer.get_data(as_text=True)
                self._read_forms(shot.rule, path, page)
                self._read_links(page)
            return 403 if _is_shown_out(answer.headers.get("Location", "")) else answer.status_code

    def _body(self, shot: Shot) -> Mapping[str, object]:
        if shot.sent is not None:
            return shot.sent
        form: dict[str, object] = {"csrf_token": self.token, **shot.form}
        if shot.file_name is not None:
            form["file"] = (BytesIO(b"a,b\n1,2\n"), shot.file_name)
        return form

    def names_of(self, rule: Rule, method: str) -> set[str]:
        """Return the names that a route is known to read."""
        return set(self.names.get((str(rule), method), ()))

    def _learn(self, endpoint: str, method: str, names: set[str]) -> None:
        for rule in self._rules(endpoint):
            self.names.setdefault((rule, method), set()).update(names)

    def _read_forms(self, rule: Rule, path: str, page: str) -> None:
        """Learn the names of the fields that a page's forms send, and keep those that write."""
        for attributes, inside in FORMS.findall(page):
            method = "POST" if 'method="post"' in attributes.lower() else "GET"
            for action in ("".join(ACTION.findall(attributes)), *OTHER_ACTION.findall(inside)):
                target = urlsplit(unescape(action)).path
                endpoint = self._endpoint(target, method) if target else rule.endpoint
                if endpoint is None:
                    continue
                self._learn(endpoint, method, set(NAME.findall(inside)) - UNSEEN)
                if method == "POST":
                    form = f"<form{attributes}>{inside}</form>"
                    self._keep(endpoint, target or urlsplit(path).path, form)

    def _endpoint(self, path: str, method: str) -> str | None:
        try:
            return str(self.addresses.match(path, method)[0])
        except (NotFound, MethodNotAllowed):
            return None

    def _keep(self, endpoint: str, target: str, form: str) -> None:
        kept = self.forms.setdefault(endpoint, {})
        kept.pop(target, None)
        kept[target] = BeautifulSoup(form, "html.parser").form or Tag(name="form")
        if len(kept) > KEPT_FORMS:
            del kept[next(iter(kept))]

    def _read_links(self, page: str) -> None:
        """Learn the addresses that a page leads to, by what stands behind them."""
        for address in LINK.findall(page):
            path = urlsplit(unescape(address)).path
            for method in ("GET", "POST"):
                if endpoint := self._endpoint(path, method):
                    self.paths.setdefault(endpoint, set()).add(path)

    def _rules(self, endpoint: str) -> Iterator[str]:
        return (str(rule) for rule in self.client.application.url_map.iter_rules(endpoint))


def arguments_of(rule: Rule) -> list[str]:
    """Return what stands in a route's path."""
    return sorted(rule.arguments - set(rule.defaults or {}))


def path_of(rule: Rule, values: Mapping[str, str]) -> str:
    """Return a route's path with its arguments filled in, whatever stands in them."""
    path = rule.rule
    for argument in arguments_of(rule):
        value = quote(values.get(argument, "1"), safe="")
        for mark in (f"<{argument}>", f"<path:{argument}>"):
            path = path.replace(mark, value)
    return path


def rules_of(app: Flask, method: str) -> list[Rule]:
    """Return the routes that take a method."""
    return sorted(
        (rule for rule in app.url_map.iter_rules() if method in (rule.methods or set())), key=str
    )


def _is_shown_out(location: str) -> bool:
    """Say whether a door did not let somebody in to begin with."""
    return location.startswith(("/login", "/wechat/login"))
