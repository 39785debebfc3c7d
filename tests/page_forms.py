"""Forms as a person fills them in: only what is on the page can be written, ticked or chosen."""

from collections.abc import Mapping
from typing import IO

from bs4 import Tag
from werkzeug.datastructures import MultiDict

UNSENT = {"submit", "button", "reset", "image", "file"}
TICKED = {"checkbox", "radio"}

Upload = tuple[IO[bytes], str]
Given = str | bool | list[str] | Upload
Sent = MultiDict[str, str | Upload]


def filled(form: Tag, values: Mapping[str, Given], button: str | None = None) -> Sent:
    """Return what a browser would send: the form as it stands, the values, the button pressed.

    `button` is a button's text or name=value; without it the first one is pressed. Raise
    AssertionError for a field, choice or button that a person would look for in vain.
    """
    sent: Sent = MultiDict()
    for field in form.select("input[name], select[name], textarea[name]"):
        if not field.has_attr("disabled"):
            sent.setlistdefault(str(field["name"])).extend(_standing(field))
    for name, value in values.items():
        sent.setlist(name, _chosen(form, name, value))
    for name, value in _pressed(form, button).items():
        sent.add(name, value)
    return sent


def action_of(form: Tag, button: str | None = None) -> str:
    """Return where the form leads when a button is pressed: its own way, if it has one."""
    pressed = _button(form, button)
    return str((pressed and pressed.get("formaction")) or form.get("action", ""))


def _standing(field: Tag) -> list[str]:
    """Return what the field holds before anybody touches it."""
    kind = str(field.get("type", "text")).lower()
    if field.name == "textarea":
        return [field.get_text().removeprefix("\n")]
    if field.name == "select":
        return _selected(field)
    if kind in UNSENT or (kind in TICKED and not field.has_attr("checked")):
        return []
    return [str(field.get("value", "on" if kind in TICKED else ""))]


def _selected(select: Tag) -> list[str]:
    options = select.select("option")
    marked = [option for option in options if option.has_attr("selected")]
    if not marked and not select.has_attr("multiple"):
        marked = options[:1]
    return [_value(option) for option in marked]


def _value(option: Tag) -> str:
    return str(option.get("value", option.get_text(strip=True)))


def _chosen(form: Tag, name: str, value: Given) -> list[str | Upload]:
    fields = form.find_all(["input", "select", "textarea"], attrs={"name": name})
    assert fields, f"the form has no field {name}"
    if isinstance(value, tuple):
        assert fields[0].get("type") == "file", f"{name} takes no file"
        return [value]
    offered = _offered(fields)
    if isinstance(value, bool):
        assert len(offered or ()) == 1, f"{name} is not one box to tick"
        return [*(offered or ())] if value else []
    wanted = [value] if isinstance(value, str) else value
    for each in wanted:
        assert offered is None or each in offered, f"{name} offers {offered}, not {each}"
    return [*wanted]


def _offered(fields: list[Tag]) -> list[str] | None:
    """Return the values to choose from, None where anything may be written."""
    if fields[0].name == "select":
        return [_value(option) for option in fields[0].select("option:not([disabled])")]
    if str(fields[0].get("type", "")).lower() in TICKED:
        return [str(field.get("value", "on")) for field in fields]
    return None


def _pressed(form: Tag, wanted: str | None) -> dict[str, str]:
    button = _button(form, wanted)
    if button is None or not button.get("name"):
        return {}
    return {str(button["name"]): str(button.get("value", ""))}


def _button(form: Tag, wanted: str | None) -> Tag | None:
    buttons = form.select("button:not([type=button], [type=reset]), input[type=submit]")
    fitting = [each for each in buttons if wanted is None or wanted in _names_of(each)]
    assert fitting or wanted is None, f"the form has no button {wanted}"
    return fitting[0] if fitting else None


def _names_of(button: Tag) -> set[str]:
    return {
        button.get_text(strip=True) or str(button.get("value", "")),
        f"{button.get('name')}={button.get('value', '')}",
    }
