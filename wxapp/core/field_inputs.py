"""A field of a console's form: what stands in it, what may be chosen, what is wrong with it."""

from dataclasses import dataclass, field

from registry.record.fields import ValueType
from wxapp.core import region_picker
from wxapp.core.region_picker import Select

CONTROLS = {ValueType.REGION: "region", ValueType.DAY: "date"}
"""How values of a type are asked for, where it is not by text or by a list."""


@dataclass(frozen=True)
class FieldInput:
    """One field of a form."""

    name: str
    title: str
    kind: str
    """How it is asked for: select, region, date, several, long or text."""
    value: str
    options: list[tuple[str, str]] = field(default_factory=list)
    required: bool = False
    limit: int = 0
    problem: str = ""
    hint: str = ""
    kept: str = ""
    """What stands there without a code, and stays until a region is chosen."""

    @property
    def selects(self) -> list[Select]:
        """Return the lists a region is chosen from."""
        return region_picker.selects(self.name, self.value)

    @property
    def chosen(self) -> list[str]:
        """Return what of several choices is chosen."""
        return self.value.split("、") if self.value else []
