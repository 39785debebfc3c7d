"""The XML that WeChat pushes: one level of elements, each once, and nothing of use to an attacker.

A document type (and so every entity) is refused before it is read, and so is what is nested deeply;
what lies below the first level is left out.
"""

from xml.parsers import expat

_DEEPEST = 8


class BadXml(ValueError):
    """Not a document WeChat would push."""


class _Reader:
    """Collects the text of the elements directly below the root."""

    def __init__(self) -> None:
        self.found: dict[str, str] = {}
        self._path: list[str] = []
        self._text: list[str] = []

    def start(self, name: str, _attributes: object) -> None:
        self._path.append(name)
        if len(self._path) > _DEEPEST:
            raise BadXml("nested too deeply")
        if len(self._path) == 2:
            self._text = []

    def text(self, data: str) -> None:
        if len(self._path) == 2:
            self._text.append(data)

    def end(self, name: str) -> None:
        if len(self._path) == 2:
            if name in self.found:
                raise BadXml("an element stands there twice")
            self.found[name] = "".join(self._text)
        self._path.pop()


def _refuse(*_what: object) -> None:
    raise BadXml("a document type")


def read_elements(document: bytes) -> dict[str, str]:
    """Return the elements below the root and their text; raises BadXml."""
    reader = _Reader()
    parser = expat.ParserCreate("utf-8")
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.text
    parser.StartDoctypeDeclHandler = _refuse
    parser.EntityDeclHandler = _refuse
    try:
        parser.Parse(document, True)  # noqa: FBT003 - expat takes it by position only
    except expat.ExpatError as error:
        raise BadXml(expat.ErrorString(error.code)) from None
    return reader.found
