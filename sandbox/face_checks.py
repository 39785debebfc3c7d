"""Face checks: who is to be shown, and what became of it."""

import uuid
from dataclasses import asdict, dataclass
from typing import Any, Self

LIFE = 7_200


@dataclass(slots=True)
class FaceCheck:
    """One check; without an error code nobody has stood before the camera yet."""

    token: str
    name: str
    id_card: str
    redirect_url: str
    at: float
    errcode: int | None = None
    errmsg: str | None = None
    pictures: bool = False
    """Whether pictures were asked for with the outcome."""

    @classmethod
    def asked_for(cls, name: str, id_card: str, redirect_url: str, at: float) -> Self:
        """Make a check with a token of its own."""
        return cls(str(uuid.uuid4()).upper(), name, id_card, redirect_url, at)

    def is_open(self, at: float) -> bool:
        """Say whether the page still takes the person."""
        return self.errcode is None and at - self.at <= LIFE

    def record(self) -> dict[str, Any]:
        """Return the check as a JSON object."""
        return asdict(self)


class FaceChecks:
    """Checks by token."""

    def __init__(self) -> None:
        self.by_token: dict[str, FaceCheck] = {}

    def put(self, check: FaceCheck) -> None:
        """Add or change one."""
        self.by_token[check.token] = check
