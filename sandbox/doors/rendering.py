"""Turning templates into pages, and times into what people read."""

from datetime import datetime, timedelta, timezone
from pathlib import Path

from aiohttp import web
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from sandbox.doors.keys import WORLD

SHANGHAI = timezone(timedelta(hours=8))
PAGES = Environment(
    loader=FileSystemLoader(Path(__file__).parent.parent / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def moment(at: float, now: float) -> str:
    """Return a time as WeChat shows it above a message: the hour today, else with the day."""
    then, today = datetime.fromtimestamp(at, SHANGHAI), datetime.fromtimestamp(now, SHANGHAI)
    clock = f"{then:%H:%M}"
    if then.date() == today.date():
        return clock
    day = f"{then.month}月{then.day}日 {clock}"
    return day if then.year == today.year else f"{then.year}年{day}"


def page(request: web.Request, name: str, status: int = 200, **shown: object) -> web.Response:
    """Render a template with the account's name at hand."""
    config = request.app[WORLD].config
    text = PAGES.get_template(name).render(config=config, **shown)
    return web.Response(text=text, content_type="text/html", status=status)


def notice(request: web.Request, title: str, text: str, status: int = 400) -> web.Response:
    """Render a page with one sentence on it."""
    return page(request, "notice.html", status, title=title, text=text)
