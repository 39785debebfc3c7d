"""The table of a province's figures that are counted now and then, and kept."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, String
from sqlalchemy.orm import Mapped, mapped_column

from registry.base.database import Base


class KeptFigures(Base):
    """What was counted of a province's cohort, and whether somebody waits for it anew."""

    __tablename__ = "province_figures"

    province: Mapped[str] = mapped_column(String(6), primary_key=True)
    """GB/T 2260 code, six digits."""
    year: Mapped[int] = mapped_column(primary_key=True)
    figures: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    """As `registry.province.kept_figures` writes them; None until they were counted once."""
    made_at: Mapped[datetime | None]
    """The moment that they are of."""
    asked_at: Mapped[datetime | None]
    """Since when somebody waits for new ones; None: nobody does."""
    begun_at: Mapped[datetime | None]
    """When a worker began with new ones; None: none has."""
