"""The account's menu: three buttons at the bottom of the chat (names: 5 and 20 Han characters)."""

from typing import Any, Protocol

from runtime.settings import Settings

LOGIN_PATH = "/wechat/login"


def default_menu(public_url: str) -> dict[str, Any]:
    """Return the menu as WeChat takes it; every entry opens a page after a silent sign-in."""

    def view(name: str, target: str) -> dict[str, str]:
        url = f"{public_url}{LOGIN_PATH}?to={target}"
        return {"type": "view", "name": name, "url": url}

    graduate = [
        view("去向登记", "home"),
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
    menu = default_menu(settings.public_url)
    gateway.menu_create(menu)
    return menu
