"""What is remembered during one request: Flask's `g`, without the way through its proxy.

A page looks at it a hundred times, and each look through the proxy finds it anew.
"""

from typing import cast

from flask import g
from flask.ctx import _AppCtxGlobals
from werkzeug.local import LocalProxy


def remembered() -> _AppCtxGlobals:
    """Return Flask's `g` of this request itself."""
    proxy = cast("LocalProxy[_AppCtxGlobals]", g)
    return proxy._get_current_object()  # noqa: SLF001 - the proxy's documented way in
