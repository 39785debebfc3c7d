"""The mini program's one-time notices (一次性订阅消息): sending one, and listing the templates.

Sources: sendMessage and getMessageTemplateList of the mini program's documentation.
"""

from typing import Any

from sandbox import subscriptions
from sandbox.calls.answering import OK
from sandbox.calls.asked import Asked
from sandbox.errors import Refusal
from sandbox.fields import check_data
from sandbox.world import World

ONE_TIME = 2
STATES = ("developer", "trial", "formal")


def send(world: World, asked: Asked) -> dict[str, Any]:
    """Show a notice to who allowed one; nothing here knows a repeat."""
    body, notices = asked.body(), world.subscriptions
    openid = subscriptions.whose(body.get("touser"), world.phones.by_openid)
    template = notices.templates.get(body.get("template_id"))
    page = str(body.get("page") or "")
    if page and page.partition("?")[0] not in subscriptions.PAGES:
        raise Refusal(41030)
    if body.get("miniprogram_state", "formal") not in STATES:
        raise Refusal(40097)
    data = check_data(template.content, body.get("data"))
    notices.take(openid, template.template_id)
    notices.show(openid, template.template_id, {"data": data, "page": page}, world.now())
    return OK


def templates(world: World, _asked: Asked) -> dict[str, Any]:
    """List the templates that the mini program has taken."""
    return OK | {
        "data": [
            {
                "priTmplId": one.template_id,
                "title": one.title,
                "content": one.content,
                "example": one.example,
                "type": ONE_TIME,
            }
            for one in world.subscriptions.templates.by_id.values()
        ]
    }
