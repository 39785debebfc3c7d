"""The page of a face check on the phone: instead of a camera, three ways it may end."""

from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from aiohttp import web

from sandbox.doors.forms import form_of
from sandbox.doors.keys import WORLD
from sandbox.doors.rendering import notice, page
from sandbox.face_checks import FaceCheck

ENDINGS: dict[str, tuple[int, str] | None] = {
    "pass": (0, "成功"),
    "fail": (2004, "人脸比对不通过"),
    "quit": None,
}


def add_face_pages(app: web.Application) -> None:
    """Mount the page."""
    app.router.add_get("/face/{token}", show_check)
    app.router.add_post("/face/{token}", end_check)


async def show_check(request: web.Request) -> web.Response:
    """Show whose face is asked for, and the ways it may end."""
    check = _open_check(request)
    if check is None:
        return _gone(request)
    return page(request, "face.html", person=_masked(check.name))


async def end_check(request: web.Request) -> web.Response:
    """Note how it ended and send the person back."""
    check = _open_check(request)
    ending = (await form_of(request)).get("act", "")
    if check is None or ending not in ENDINGS:
        return _gone(request)
    outcome = ENDINGS[ending]
    if outcome is not None:
        check.errcode, check.errmsg = outcome
        request.app[WORLD].save_face_check(check)
    raise web.HTTPSeeOther(_back(check))


def _open_check(request: web.Request) -> FaceCheck | None:
    world = request.app[WORLD]
    check = world.face_checks.by_token.get(request.match_info["token"])
    return check if check is not None and check.is_open(world.now()) else None


def _gone(request: web.Request) -> web.Response:
    return notice(request, "链接已失效", "这次人脸核身已经结束或已过期，请回到原页面重新开始。")


def _masked(name: str) -> str:
    return name[:1] + "*" * (len(name) - 1)


def _back(check: FaceCheck) -> str:
    parts = urlsplit(check.redirect_url)
    query = [*parse_qsl(parts.query, keep_blank_values=True), ("BizToken", check.token)]
    return urlunsplit(parts._replace(query=urlencode(query)))
