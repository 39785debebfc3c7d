"""Printed pages about many people: one PDF, or an archive of several and who is in none of them."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import IO, Generic, TypeVar
from zipfile import ZIP_STORED, ZipFile

from registry.base.errors import RuleError
from registry.tasks.people import Building, GraduateWithNumber
from registry.tasks.report_files import LEFT_OUT_NAME

TOGETHER = 200
"""People in one PDF: what is printed in one go, and what one page description may weigh."""

Content = TypeVar("Content")


@dataclass(frozen=True)
class Drawn(Generic[Content]):
    """What is printed about somebody, and whom."""

    person: GraduateWithNumber
    content: Content


@dataclass(frozen=True)
class PrintedPages(Generic[Content]):
    """How pages of one kind are set."""

    title: str
    """What the files are called."""
    typeset: Callable[[Sequence[Content]], bytes]
    """Set a PDF; raise RuleError where the font lacks a character."""
    nothing: str
    """The sentence where nobody's can be printed."""


def write(
    building: Building,
    file: IO[bytes],
    pages: PrintedPages[Content],
    drawn: Iterator[Drawn[Content]],
) -> None:
    """Write one PDF of all pages; raise RuleError `nothing_printed` for none.

    An archive where they are more than fit in one, or where somebody was left out, with the list.
    """
    first = _pdf(building, pages, list(islice(drawn, TOGETHER)))
    more = list(islice(drawn, TOGETHER))
    if not more and not building.left_out:
        file.write(first)
        return
    with ZipFile(file, "w", ZIP_STORED) as archive:
        archive.writestr(_part_name(pages.title, 1), first)
        number = 1
        while more:
            number += 1
            archive.writestr(_part_name(pages.title, number), _pdf(building, pages, more))
            more = list(islice(drawn, TOGETHER))
        if building.left_out:
            archive.writestr(LEFT_OUT_NAME, building.told())


def _part_name(title: str, number: int) -> str:
    return f"{title}-{number:03}.pdf"


def _pdf(
    building: Building, pages: PrintedPages[Content], drawn: Sequence[Drawn[Content]]
) -> bytes:
    """Return the pages as PDF, without those whose characters no font has."""
    try:
        return _set(pages, drawn)
    except RuleError:
        return _set(pages, list(_printable(building, pages, drawn)))


def _printable(
    building: Building, pages: PrintedPages[Content], drawn: Sequence[Drawn[Content]]
) -> Iterator[Drawn[Content]]:
    for each in drawn:
        try:
            _set(pages, [each])
        except RuleError as refusal:
            building.leave_out(each.person, refusal.sentence)
        else:
            yield each


def _set(pages: PrintedPages[Content], drawn: Sequence[Drawn[Content]]) -> bytes:
    if not drawn:
        raise RuleError("nothing_printed", pages.nothing)
    return pages.typeset([each.content for each in drawn])
