"""Applications for the tests of the review pages, made through the record's own rules."""

from collections.abc import Mapping
from dataclasses import replace

import pytest
from sqlalchemy import select

from registry.record.tables import Graduate
from registry.review.application_moves import Writer
from registry.review.tables import Application
from registry.review.void import request_void
from tests.registry.review.casework import AGREEMENT, Casework
from tests.wxapp.school.conftest import Console
from tests.wxapp.school.records import Campus

__all__ = ["AGREEMENT", "Submissions", "submissions"]


class Submissions:
    """What graduates of the console's school send, each in a transaction of its own."""

    def __init__(self, console: Console) -> None:
        self.console = console

    def add(
        self,
        name: str = "李娟",
        department: int = 0,
        values: Mapping[str, object] = AGREEMENT,
        **about: object,
    ) -> Application:
        """Have a new graduate fill the form and send it."""
        with self.console.resources.sessions.begin() as session:
            campus = replace(self.console.campus, session=session)
            graduate = campus.graduate(name, department, **about)
            return self._work(campus).submit(graduate, values)

    def of(self, graduate: Graduate, values: Mapping[str, object] = AGREEMENT) -> Application:
        """Have a graduate there is send the form."""
        with self.console.resources.sessions.begin() as session:
            campus = replace(self.console.campus, session=session)
            return self._work(campus).submit(session.get_one(Graduate, graduate.id), values)

    def rewrite(self, application: Application, **changed: str) -> Application:
        """Have her go on writing without sending it."""
        with self.console.resources.sessions.begin() as session:
            campus = replace(self.console.campus, session=session)
            graduate = session.get_one(Graduate, application.graduate_id)
            return self._work(campus).save(graduate, {**AGREEMENT, **changed})

    def void(self, graduate: Graduate, note: str = "单位解约") -> Application:
        """Have a graduate ask to void her destination."""
        with self.console.resources.sessions.begin() as session:
            writer = Writer(session.get_one(Graduate, graduate.id), self.console.resources.clock())
            return request_void(session, writer, note)

    def _work(self, campus: Campus) -> Casework:
        return Casework(campus, self.console.resources.clock())

    def again(self, application: Application) -> Application:
        """Return an application as it stands now."""
        with self.console.resources.readers() as session:
            return session.scalars(
                select(Application).where(Application.id == application.id)
            ).one()

    def graduate(self, application: Application) -> Graduate:
        """Return whose application it is."""
        with self.console.resources.readers() as session:
            return session.get_one(Graduate, application.graduate_id)


@pytest.fixture
def submissions(console: Console) -> Submissions:
    """Let graduates of the school submit."""
    return Submissions(console)
