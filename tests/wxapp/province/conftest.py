"""A province with two schools in it: its office reads what they reported."""

from tests.wxapp.school.conftest import (
    Console,
    app,
    console,
    other,
    reachable,
    records,
    resources,
    template,
)

__all__ = ["Console", "app", "console", "other", "reachable", "records", "resources", "template"]
