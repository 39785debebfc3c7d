"""The door of the mini program: what it calls, and the page that its web-view opens."""

from wxapp.wechat.mini import calls, enter

blueprints = (calls.blueprint, enter.blueprint)

__all__ = ["blueprints"]
