"""Forms that several of a school's staff have open and send at the same moment."""

from concurrent.futures import ThreadPoolExecutor
from http import HTTPStatus
from threading import Barrier

from sqlalchemy import ColumnElement, func, select

from registry.base.database import Base
from tests.wxapp.school.conftest import Console
from tests.wxapp.school.test_odd_sequences import Form

AT_ONCE = 8


def opened(
    console: Console, path: str, form: str, times: int = AT_ONCE, role: str = "school"
) -> list[Form]:
    """Open a form in so many tabs."""
    return [Form(console.browser(role), path, form) for _ in range(times)]


def filled(forms: list[Form], **values: str) -> list[Form]:
    """Write the same into all of them."""
    for form in forms:
        for name, value in values.items():
            form.values[name] = value
    return forms


def send_at_once(*forms: Form) -> list[int]:
    """Send all at the same moment; return the statuses, none of them a fault."""
    ready = Barrier(len(forms))

    def send(form: Form) -> int:
        ready.wait()
        return form.send().status

    with ThreadPoolExecutor(len(forms)) as many:
        found = list(many.map(send, forms))
    assert max(found) < HTTPStatus.INTERNAL_SERVER_ERROR, found
    return found


def number_of(console: Console, table: type[Base], *those: ColumnElement[bool]) -> int:
    """Count the rows of a table that the conditions hold for."""
    with console.resources.readers() as session:
        return session.scalars(select(func.count()).select_from(table).where(*those)).one()
