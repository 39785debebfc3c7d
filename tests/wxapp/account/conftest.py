"""The accounts' pages with the schools, departments, province and operator of the console."""

from tests.wxapp.school.conftest import app, console, other, records, resources

__all__ = ["app", "console", "other", "records", "resources"]
