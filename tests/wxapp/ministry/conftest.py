"""A country with two provinces in it: the Ministry reads figures."""

from tests.wxapp.school.conftest import Console, app, console, other, records, resources

__all__ = ["Console", "app", "console", "other", "records", "resources"]
