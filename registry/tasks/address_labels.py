"""Addresses of files to be posted: labels to stick on (A4, 2 by 5), and printed envelopes.

Source of the envelopes: GB/T 1416 (ZL 230 by 120 mm, C4 324 by 229 mm): the receiver's postcode
above left, the address and the unit in the middle, sender and postcode below right. The name of a
graduate stands on none of them; the reference (转档字号) is the slip's.
"""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import IO

from registry.accounts.school_tables import School
from registry.base import typesetting
from registry.codes import transfer_types
from registry.numbers.posting import directory
from registry.numbers.posting.directory import FileReceiver
from registry.tasks import printed_parts
from registry.tasks.mail_slips import STAYS, reference_of
from registry.tasks.people import Building, GraduateWithNumber
from registry.tasks.printed_parts import Drawn, PrintedPages

LABELS, ENVELOPES = "address_labels", "envelopes"
"""The templates."""
STEP = 100
NO_UNIT = "未登记收档单位"
NO_ADDRESS = "未登记收档单位地址"
NOTHING = "没有一个可以打印的地址：这些毕业生的档案留在学校，或没有登记收档单位和地址。"


@dataclass(frozen=True)
class Address:
    """To whom and where a file goes, as it is printed."""

    unit: str
    address: str
    postcode: str
    contact: str
    phone: str
    reference: str


def write_labels(building: Building, file: IO[bytes]) -> None:
    """Write the labels of all with an address; raises as `printed_parts.write` does."""
    _write(building, file, "档案地址标签", LABELS, "")


def write_envelopes(building: Building, file: IO[bytes], *, size: str) -> None:
    """Write the envelopes (`C4` or `ZL`) of all with an address; raises as `write_labels` does."""
    _write(building, file, f"档案信封{size}", ENVELOPES, size)


def _write(building: Building, file: IO[bytes], title: str, template: str, size: str) -> None:
    school = building.session.get_one(School, building.task.scope.school_id)
    sender = {
        "unit": school.name,
        "address": school.post_address,
        "postcode": school.post_code,
        "phone": school.helpline,
    }

    def typeset(addresses: Sequence[Address]) -> bytes:
        content = {
            "title": title,
            "size": size,
            "sender": sender,
            "addresses": [asdict(each) for each in addresses],
        }
        return typesetting.typeset(template, content, building.at)

    printed_parts.write(building, file, PrintedPages(title, typeset, NOTHING), _drawn(building))


def _drawn(building: Building) -> Iterator[Drawn[Address]]:
    """Yield the addresses of those whose file is posted, and who said where to."""
    known = dict[str, FileReceiver | None]()
    for person in building.everyone(STEP):
        kind = transfer_types.file_type(person.about.file_type)
        if kind is not None and kind.stays:
            building.leave_out(person, STAYS)
            continue
        receiver = _receiver(building, person, known)
        if not receiver.unit:
            building.leave_out(person, NO_UNIT)
        elif not receiver.address:
            building.leave_out(person, NO_ADDRESS)
        else:
            yield Drawn(person, Address(**asdict(receiver), reference=reference_of(person)))


def _receiver(
    building: Building, person: GraduateWithNumber, known: dict[str, FileReceiver | None]
) -> FileReceiver:
    """Return to whom a file goes, what she left empty as the directory has it."""
    said = directory.registered(person.about)
    if said.unit and said.unit not in known:
        school_id = building.task.scope.school_id
        known[said.unit] = directory.known(building.session, school_id, said.unit)
    return directory.filled_in(said, known.get(said.unit))
