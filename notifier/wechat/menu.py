"""The account's menu: three buttons at the bottom of the chat (names: 5 and 20 Han characters)."""

from typing import Any, Protocol

from notifier.ledger.kinds import Kind
from runtime.settings import Settings

LOGIN_PATH = "/wechat/login"
HOME = "home"
"""The name of a graduate's first page, in menus and links to the mini program."""
OF_GRADUATES = "/g/"
"""Where the pages are that the mini program can open."""
MINI_PAGE = "pages/start/start"
"""Its first page (`miniprogram/`), where the settings have cards open no other."""


def mini_path(settings: Settings, target: str, message: str | None = None) -> str:
    """Return the page of the mini program that leads to a target; "" where pages are opened."""
    if not settings.mini_page:
        return ""
    named = "" if message is None else f"&message={message}"
    return f"{settings.mini_page}?to={target}{named}"


def notice_path(settings: Settings, kind: Kind, client_msg_id: str) -> str:
    """Return the page of the mini program that a one-time notice opens."""
    target = kind.page.removeprefix(OF_GRADUATES) or HOME
    return f"{settings.mini_page or MINI_PAGE}?to={target}&message={client_msg_id}"


def default_menu(settings: Settings) -> dict[str, Any]:
    """Return the menu as WeChat takes it; every entry opens a page after a silent sign-in.

    By the mini program where the settings name its page, with the page for clients too old for it.
    """

    def view(name: str, target: str) -> dict[str, str]:
        url = f"{settings.public_url}{LOGIN_PATH}?to={target}"
        path = mini_path(settings, target)
        if not path:
            return {"type": "view", "name": name, "url": url}
        mini = {"appid": settings.mini_app_id, "pagepath": path}
        return {"type": "miniprogram", "name": name, "url": url, **mini}

    graduate = [
        view("去向登记", HOME),
        view("核对确认", "confirmation"),
        view("核验授权", "authorization"),
    ]
    return {
        "button": [
            {"name": "毕业生", "sub_button": graduate},
            view("我的消息", "messages"),
            view("帮助", "help"),
        ]
    }


class MenuTaker(Protocol):
    """Whatever sets the account's menu: notifier.wechat.gateway.Gateway."""

    def menu_create(self, menu: dict[str, Any]) -> None:
        """Set it; raise GatewayError."""
        ...


def push_menu(gateway: MenuTaker, settings: Settings) -> dict[str, Any]:
    """Set the default menu and return it; raises GatewayError."""
    menu = default_menu(settings)
    gateway.menu_create(menu)
    return menu
