"""The account's menus: the one for everybody, and those for some.

Source: the pages of /cgi-bin/menu/create and /cgi-bin/menu/addconditional.
"""

from typing import Any

from sandbox.errors import Refusal
from sandbox.phones import Phone

Menu = dict[str, Any]
FIRST_MENU = 430_000_000
ANDROID = "2"
"""What every phone here is, as matching rules count them."""


class Menus:
    """The default menu and the conditional ones, oldest first."""

    def __init__(self) -> None:
        self.default: Menu = {}
        self.conditional: list[Menu] = []
        self._made = 0

    def set_default(self, buttons: object) -> None:
        """Set the menu that everybody sees who matches no other."""
        self.default = {"button": buttons}

    def add(self, buttons: object, rule: object) -> str:
        """Add a menu for some and return its id; raise Refusal 65303 or 65304."""
        if not self.default:
            raise Refusal(65303)
        if not isinstance(rule, dict) or not any(rule.values()):
            raise Refusal(65304)
        self._made += 1
        menuid = str(FIRST_MENU + self._made)
        self.conditional.append({"button": buttons, "matchrule": rule, "menuid": menuid})
        return menuid

    def remove(self, menuid: object) -> None:
        """Delete a menu for some; raise Refusal 65301."""
        left = [each for each in self.conditional if each["menuid"] != str(menuid)]
        if len(left) == len(self.conditional):
            raise Refusal(65301)
        self.conditional = left

    def clear(self) -> None:
        """Delete the default menu, and with it all others."""
        self.default, self.conditional = {}, []

    def seen_by(self, phone: Phone) -> Menu:
        """Return the menu a person sees: the newest that fits, or the default one."""
        fitting = (each for each in reversed(self.conditional) if _fits(each["matchrule"], phone))
        return next(fitting, self.default)

    def record(self) -> dict[str, Any]:
        """Return everything as a JSON object."""
        return {"menu": self.default, "conditional": self.conditional, "made": self._made}

    def restore(self, record: dict[str, Any]) -> None:
        """Take back what `record` returned, now or before there were conditional menus."""
        self.default = record["menu"]
        self.conditional = record.get("conditional", [])
        self._made = record.get("made", 0)


def _fits(rule: Menu, phone: Phone) -> bool:
    """Say whether every criterion holds; those the platform has given up fit nobody."""
    tags = [str(each) for each in phone.account_tags]
    known = {"tag_id": tags, "group_id": tags, "client_platform_type": [ANDROID]}
    return all(str(wanted) in known.get(name, []) for name, wanted in rule.items() if wanted)
