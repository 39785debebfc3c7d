"""A strict browser for tests: no page can be fetched without its markup being checked."""

from collections.abc import Iterator, Mapping
from http import HTTPStatus
from urllib.parse import urlencode, urljoin, urlsplit

from bs4 import BeautifulSoup, Tag
from bs4.element import NavigableString
from flask.testing import FlaskClient
from werkzeug.datastructures import Headers
from werkzeug.test import TestResponse

from tests.page_checks import complaints_about_new
from tests.page_forms import Given, Sent, action_of, filled

MOST_REDIRECTS = 10
REDIRECTS = {HTTPStatus.MOVED_PERMANENTLY, HTTPStatus.FOUND, HTTPStatus.SEE_OTHER}
BLOCKS = (
    "address article aside button br dd div dl dt fieldset figure footer form h1 h2 h3 h4 h5 h6 "
)
BLOCKS += "header hr label legend li main nav ol option p pre section table td th tr ul"
APART = frozenset(BLOCKS.split())


class Browser:
    """Flask's test client with a page before its eyes; follows redirects within the service.

    What the last answer was: `status`, `path` (with its query), `headers`, `body`; for a page also
    `text` as read on screen, `title`, `soup`. A redirect to elsewhere is not followed: `leads_to`.
    """

    def __init__(self, client: FlaskClient, host: str = "http://localhost") -> None:
        self.client = client
        self.host = host
        self.path = "/"
        self.leads_to: str | None = None
        self._response: TestResponse | None = None
        self._soup: BeautifulSoup | None = None

    def get(self, path: str, headers: Mapping[str, str] | None = None) -> "Browser":
        """Open a page, and check it."""
        return self._follow(path, self._ask(path, None, headers), headers)

    def post(
        self, path: str, data: Mapping[str, Given] | Sent, headers: Mapping[str, str] | None = None
    ) -> "Browser":
        """Send what no form of the page needs to have offered, and check the answer."""
        return self._follow(path, self._ask(path, data, headers), headers)

    def submit(
        self, form: str | Tag = "form", button: str | None = None, **values: Given
    ) -> "Browser":
        """Fill in a form of this page (a selector, if there are several), press a button of it."""
        tag = self.find(form) if isinstance(form, str) else form
        sent = self.fill(tag, button, **values)
        target = urljoin(self.path, action_of(tag, button) or self.path)
        if str(tag.get("method")).lower() == "post":
            return self.post(target, sent)
        return self.get(f"{target.partition('?')[0]}?{urlencode([*sent.items(multi=True)])}")

    def fill(self, form: str | Tag, button: str | None = None, **values: Given) -> Sent:
        """Return what the form would send, to look at it or to change it before `post`."""
        return filled(self.find(form) if isinstance(form, str) else form, values, button)

    def follow(self, words: str) -> "Browser":
        """Click the one link whose text holds these words."""
        links = [each for each in self.find_all("a[href]") if words in each.get_text()]
        assert len(links) == 1, f"{len(links)} links say {words} on {self.path}"
        return self.get(urljoin(self.path, str(links[0]["href"])))

    def find(self, selector: str) -> Tag:
        """Return the one element that a CSS selector names."""
        found = self.find_all(selector)
        assert len(found) == 1, f"{len(found)} elements are {selector} on {self.path}"
        return found[0]

    def find_all(self, selector: str) -> list[Tag]:
        """Return the elements that a CSS selector names, none or many."""
        return list(self.soup.select(selector))

    @property
    def response(self) -> TestResponse:
        """Return the last answer as Flask gave it."""
        assert self._response is not None, "nothing was opened yet"
        return self._response

    @property
    def status(self) -> int:
        """Return the last answer's status."""
        return self.response.status_code

    @property
    def headers(self) -> Headers:
        """Return the last answer's headers."""
        return self.response.headers

    @property
    def body(self) -> bytes:
        """Return the last answer whole, such as a file."""
        return self.response.get_data()

    @property
    def title(self) -> str:
        """Return the title of the window."""
        return self.find("head > title").get_text(strip=True)

    @property
    def soup(self) -> BeautifulSoup:
        """Return the page's elements, read when they are first asked for.

        It is well written by now, so the faster parser reads it as a browser would.
        """
        if self._soup is None:
            html = self.response.get_data(as_text=True) if self._is_page else ""
            self._soup = BeautifulSoup(html, "html.parser")
        return self._soup

    @property
    def text(self) -> str:
        """Return the page as read: inline words run on, blocks are apart by one space."""
        if not self._is_page:
            return " ".join(self.response.get_data(as_text=True).split())
        page = self.soup.body or self.soup  # what htmx puts into a page has no body
        return " ".join("".join(_read_out(page)).split())

    @property
    def _is_page(self) -> bool:
        return self.response.mimetype == "text/html"

    def _ask(
        self,
        path: str,
        data: Mapping[str, Given] | Sent | None,
        headers: Mapping[str, str] | None,
    ) -> TestResponse:
        method = "GET" if data is None else "POST"
        return self.client.open(path, method=method, data=data, headers=headers, base_url=self.host)

    def _follow(
        self, path: str, response: TestResponse, headers: Mapping[str, str] | None
    ) -> "Browser":
        self.leads_to = None
        for _ in range(MOST_REDIRECTS):
            if response.status_code not in REDIRECTS:
                return self._show(path, response)
            target = urljoin(urljoin(self.host, path), response.headers["Location"])
            if urlsplit(target).netloc != urlsplit(self.host).netloc:
                self.leads_to = target
                return self._show(path, response)
            path = urlsplit(target)._replace(scheme="", netloc="").geturl()
            response = self._ask(path, None, headers)
        raise AssertionError(f"{path} leads round in circles")

    def _show(self, path: str, response: TestResponse) -> "Browser":
        self.path = path
        self._response = response
        self._soup = None
        if self._is_page and self.leads_to is None:
            html = response.get_data(as_text=True)
            fragment = "HX-Request" in response.request.headers
            policy = response.headers.get("Content-Security-Policy", "")
            complaints = complaints_about_new(html, policy, fragment=fragment)
            assert not complaints, f"{path}:\n" + "\n".join(complaints)
        return self


def _read_out(tag: Tag) -> Iterator[str]:
    """Give what is read in a tag, with a space around each block in it."""
    for child in tag.children:
        if isinstance(child, Tag):
            space = " " if child.name in APART else ""
            yield space
            yield from _read_out(child)
            yield space
        elif type(child) is NavigableString:  # no comment, script or style
            yield str(child)
