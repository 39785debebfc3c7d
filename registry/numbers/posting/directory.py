"""The directory of receivers (收档单位): where a school has posted files, as it last wrote it.

It is kept nowhere else: what a unit's address is follows from the newest posting to it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, exists, func, select, true
from sqlalchemy.orm import Session, aliased

from registry.base import paging
from registry.base.paging import Page, Place
from registry.base.text import clean, compared
from registry.numbers.posting.states import PostingState
from registry.numbers.posting.tables import Posting
from registry.record import fields

COMPLETIONS = 200
"""Units that a form offers to complete a name."""
FIELDS = {
    "unit": "file_unit",
    "address": "file_address",
    "postcode": "file_postcode",
    "contact": "file_contact",
    "phone": "file_phone",
}
"""What the catalogue of a registration calls each field of a receiver."""
TITLES = {name: fields.REGISTRATION[source].title for name, source in FIELDS.items()}
_COMPARED = ("address", "postcode", "phone")
"""What two ways to write to one unit have to agree on."""


@dataclass(frozen=True)
class FileReceiver:
    """Who a file goes to, and where that is."""

    unit: str = ""
    address: str = ""
    postcode: str = ""
    contact: str = ""
    phone: str = ""


@dataclass(frozen=True)
class ListedReceiver:
    """A unit in the directory."""

    key: str
    """Of the newest posting to it."""
    receiver: FileReceiver
    files: int
    """How many were posted to it."""
    last_on: date


def page(session: Session, school_id: int, words: str, place: Place) -> Page[ListedReceiver]:
    """Return the units whose name or address has the words, those posted to last first."""
    start = select(Posting.id).where(
        Posting.school_id == school_id, Posting.key == (place.before or place.after)
    )
    wanted = _listed(school_id).where(_meant(words))
    placed = paging.nearest(wanted, Posting.id, start.scalar_subquery(), place, newest_first=True)
    return paging.turned(map(_read, session.execute(placed)), place)


def known(session: Session, school_id: int, unit: str) -> FileReceiver | None:
    """Return where a unit is, as a school last wrote to it; None where it never did."""
    wanted = _newest(school_id).where(Posting.unit == clean(unit))
    found = session.scalar(wanted.with_only_columns(Posting))
    return receiver_of(found) if found is not None else None


def names(session: Session, school_id: int) -> list[str]:
    """Return the units a school has posted to last."""
    wanted = _newest(school_id).with_only_columns(Posting.unit)
    return list(session.scalars(wanted.order_by(Posting.id.desc()).limit(COMPLETIONS)))


def receiver_of(posting: Posting) -> FileReceiver:
    """Return to whom a posting went."""
    return FileReceiver(**{name: getattr(posting, name) for name in FIELDS})


def registered(registration: Any) -> FileReceiver:  # noqa: ANN401 - a Registration, or a row of it
    """Return to whom a registration (or a row with its columns) says that a file goes."""
    found = {name: getattr(registration, source) or "" for name, source in FIELDS.items()}
    place = registration.file_location or ""
    if place and found["address"] and not found["address"].startswith(place):
        found["address"] = f"{place}{found['address']}"[:ADDRESS_LENGTH]
    return FileReceiver(**found)


ADDRESS_LENGTH = 200
"""Characters of an address, as the table has it."""


def filled_in(said: FileReceiver, from_directory: FileReceiver | None) -> FileReceiver:
    """Return a receiver with what was left empty as the directory has it."""
    if from_directory is None:
        return said
    kept = {name: text for name, text in asdict(said).items() if text}
    return FileReceiver(**{**asdict(from_directory), **kept})


def missing(session: Session, school_id: int, values: Mapping[str, str]) -> dict[str, str]:
    """Return what a form left empty of a unit that the school has posted to, by its fields."""
    unit = clean(values.get("file_unit") or "")
    found = known(session, school_id, unit) if unit else None
    if found is None or any(values.get(FIELDS[name]) for name in _COMPARED):
        return {}
    return {FIELDS[name]: text for name, text in asdict(found).items() if text and name != "unit"}


def differences(said: FileReceiver, from_directory: FileReceiver | None) -> Iterator[str]:
    """Yield a sentence for each field that is written otherwise than in the directory."""
    if from_directory is None:
        return
    for name in _COMPARED:
        mine, theirs = getattr(said, name), getattr(from_directory, name)
        if mine and theirs and compared(mine) != compared(theirs):
            yield f"{TITLES[name]}与上次寄往该单位时（{theirs}）不同"


def _listed(school_id: int) -> Select[*tuple[Any, ...]]:
    counted = aliased(Posting)
    files = select(func.count()).where(
        counted.school_id == school_id,
        counted.unit == Posting.unit,
        counted.state != PostingState.REMOVED,
    )
    columns = (Posting.key, *(getattr(Posting, name) for name in FIELDS), Posting.posted_on)
    return _newest(school_id).with_only_columns(*columns, files.scalar_subquery().label("files"))


def _newest(school_id: int) -> Select[*tuple[Any, ...]]:
    """Return the query of the newest posting of a school to each unit."""
    later = aliased(Posting)
    another = exists().where(
        later.school_id == school_id,
        later.unit == Posting.unit,
        later.state != PostingState.REMOVED,
        later.id > Posting.id,
    )
    return select(Posting).where(
        Posting.school_id == school_id, Posting.state != PostingState.REMOVED, ~another
    )


def _meant(words: str) -> ColumnElement[bool]:
    wanted = clean(words)
    if not wanted:
        return true()
    by_name = Posting.unit.contains(wanted, autoescape=True)
    return by_name | Posting.address.contains(wanted, autoescape=True)


def _read(row: Row[*tuple[Any, ...]]) -> ListedReceiver:
    receiver = FileReceiver(**{name: getattr(row, name) for name in FIELDS})
    return ListedReceiver(row.key, receiver, row.files, row.posted_on)
