"""The XML documents the platform pushes, and the few things an account answers."""

import re
from xml.sax.saxutils import escape

Fields = dict[str, str | int]
ELEMENT = re.compile(
    r"<(MsgType|Content|Encrypt|MsgSignature|TimeStamp|Nonce)>"
    r"(?:<!\[CDATA\[(.*?)\]\]>|([^<]*))</\1>",
    re.DOTALL,
)


def document(fields: Fields) -> str:
    """Return the fields as the platform's XML: numbers bare, texts in CDATA."""
    inner = "".join(f"<{name}>{_text(value)}</{name}>\n" for name, value in fields.items())
    return f"<xml>{inner}</xml>"


def _text(value: str | int) -> str:
    if isinstance(value, int):
        return str(value)
    # CDATA ends at the first ]]>, so a text that has one is escaped instead.
    return escape(value) if "]]>" in value else f"<![CDATA[{value}]]>"


def elements(xml: str) -> dict[str, str]:
    """Return the known elements of an answer."""
    return {
        name: cdata or plain.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
        for name, cdata, plain in ELEMENT.findall(xml)
    }


def event(account: str, openid: str, at: float, name: str, **extra: str | int) -> Fields:
    """Return the fields of an event; `extra` are the elements it has besides the common ones."""
    common: Fields = {
        "ToUserName": account,
        "FromUserName": openid,
        "CreateTime": int(at),
        "MsgType": "event",
        "Event": name,
    }
    return common | extra


def text_message(account: str, openid: str, at: float, text: str, msgid: int) -> Fields:
    """Return the fields of a text the person wrote."""
    return {
        "ToUserName": account,
        "FromUserName": openid,
        "CreateTime": int(at),
        "MsgType": "text",
        "Content": text,
        "MsgId": msgid,
    }
