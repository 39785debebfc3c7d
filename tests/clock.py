"""A clock that stands still until a test moves it."""

from datetime import UTC, datetime, timedelta


class StandingClock:
    """Give the same moment until told otherwise."""

    def __init__(self, moment: datetime) -> None:
        self.moment = moment

    def __call__(self) -> datetime:
        return self.moment

    def set(self, moment: datetime) -> None:
        """Jump to an aware moment."""
        assert moment.tzinfo is not None, "a moment has a time zone"
        self.moment = moment.astimezone(UTC)

    def move(self, by: timedelta) -> datetime:
        """Go on by a span and say what time it is then."""
        self.moment += by
        return self.moment
