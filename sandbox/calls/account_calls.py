"""What an account asks about itself: its automatic replies, its server, its addresses."""

from typing import Any
from urllib.parse import urlsplit

from sandbox.calls.asked import Asked
from sandbox.errors import Refusal
from sandbox.world import World

ACTIONS = {"dns": ("dns",), "ping": ("ping",), "all": ("dns", "ping")}
OPERATORS = ("CHINANET", "UNICOM", "CAP", "DEFAULT")


def automatic_replies(_world: World, _asked: Asked) -> dict[str, Any]:
    """Say that the account answers by its own server."""
    return {"is_add_friend_reply_open": 0, "is_autoreply_open": 0}


def check_server(world: World, asked: Asked) -> dict[str, Any]:
    """Tell how the account's server is reached; raise Refusal 40201 to 40203."""
    body = asked.body()
    action, operator = body.get("action"), body.get("check_operator", "DEFAULT")
    host = urlsplit(world.config.callback_url).hostname
    if not host:
        raise Refusal(40201)
    if not isinstance(action, str) or action not in ACTIONS:
        raise Refusal(40202)
    if operator not in OPERATORS:
        raise Refusal(40203)
    way = {"dns": {"ip": host, "real_operator": "DEFAULT"}}
    way["ping"] = {"ip": host, "from_operator": operator, "package_loss": "0%", "time": "0.100ms"}
    return {name: [way[name]] for name in ACTIONS[action]}
