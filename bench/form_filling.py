"""Forms of pages as a random person fills them in: what is offered, or something that fits."""

import random
from io import BytesIO

from bs4 import Tag
from werkzeug.datastructures import MultiDict

from tests.documents import photograph
from tests.page_forms import TICKED, Given, Sent, filled

FITTING = {
    "date": "2026-06-30",
    "datetime-local": "2026-06-30T09:00",
    "time": "09:00",
    "number": "3",
    "tel": "13900000001",
    "email": "li@example.com",
    "password": "a long sentence of hers",
    "url": "https://example.com/",
}
"""What an empty field of each type is given; any other gets WORDS."""
WORDS = ("试一试", "李娟", "青岛海纳软件有限公司", "软件工程师", "110101200303071239", "9000")
SHEET = "姓名,学号,身份证号\n李娟,202200001,110101200303071239\n".encode()


def fill(form: Tag, draw: random.Random) -> Sent:
    """Return what a browser would send of a form whose empty fields are filled in."""
    names = dict.fromkeys(str(f["name"]) for f in form.select("[name]") if _is_to_fill(f))
    values = {name: given for name in names if (given := _given(form, name, draw)) is not None}
    sent = filled(form, values, _button(form, draw))
    for field in form.select("input[type=file][name]"):
        sent.add(str(field["name"]), _file(draw))
    return sent


def changed(sent: Sent, draw: random.Random, value: str) -> Sent:
    """Return what is sent with one of its texts as something else, or gone."""
    names = sorted(name for name in sent if name != "csrf_token")
    other: Sent = MultiDict(sent)
    if names:
        name = draw.choice(names)
        other.poplist(name)
        if draw.random() < 0.8:
            other.add(name, value)
    return other


def _is_to_fill(field: Tag) -> bool:
    kind = str(field.get("type", "text"))
    written = field.name in {"input", "textarea", "select"} and not field.has_attr("disabled")
    return written and kind not in {"hidden", "submit", "button", "reset", "image", "file"}


def _given(form: Tag, name: str, draw: random.Random) -> Given | None:
    """Return what a field is given; None leaves it as it stands."""
    fields = form.find_all(["input", "select", "textarea"], attrs={"name": name})
    first = fields[0]
    kind = str(first.get("type", "text"))
    if kind in TICKED:
        return [str(draw.choice(fields).get("value", "on"))] if draw.random() < 0.8 else None
    if first.name == "select":
        options = first.select("option:not([disabled])")
        values = [str(o.get("value", o.get_text(strip=True))) for o in options]
        return draw.choice(values) if values and draw.random() < 0.5 else None
    if first.get("value") or first.get_text(strip=True) or draw.random() < 0.1:
        return None
    return FITTING.get(kind) or draw.choice(WORDS)


def _button(form: Tag, draw: random.Random) -> str | None:
    """Return one of the form's buttons as `filled` names it."""
    buttons = form.select("button:not([type=button], [type=reset])")
    named = [f"{each['name']}={each.get('value', '')}" for each in buttons if each.get("name")]
    return draw.choice(named) if named else None


def _file(draw: random.Random) -> tuple[BytesIO, str]:
    kept = ((photograph(), "材料.jpg"), (SHEET, "名单.csv"), (b"", "空.pdf"))
    content, name = draw.choice(kept)
    return BytesIO(content), name
