"""A structure of destinations as JSON keeps it, without the lists of people it leads to."""

from collections.abc import Mapping, Sequence
from typing import Any

from registry.record.destination_filter import DestinationFilter
from registry.record.graduate_filter import GraduateFilter
from registry.statistics.structure import Share, Structure, StructurePart


def written_structure(structure: Structure) -> dict[str, Any]:
    """Return what is kept of a structure."""
    return {
        "parts": [
            {
                **{name: getattr(part, name) for name in ("name", "title", "total", "whose")},
                "shares": [_written(each) for each in part.shares],
            }
            for part in structure.parts
        ],
        "staying": _written(structure.staying),
        "employed": structure.employed,
    }


def read_structure(kept: Mapping[str, Any], year: int) -> Structure:
    """Return the structure of a cohort that was kept; of whom a share is, its categories alone."""
    parts = [
        StructurePart(
            part["name"],
            part["title"],
            [_read(each, year) for each in part["shares"]],
            part["total"],
            part["whose"],
        )
        for part in kept["parts"]
    ]
    return Structure(parts, _read(kept["staying"], year), kept["employed"])


def _written(share: Share) -> list[Any]:
    return [share.title, share.number, list(share.meant.destination.categories)]


def _read(share: Sequence[Any], year: int) -> Share:
    title, number, categories = share
    destination = DestinationFilter(categories=tuple(categories))
    return Share(title, number, GraduateFilter(year, destination=destination))
