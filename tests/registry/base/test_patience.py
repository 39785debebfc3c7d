"""A statement waits for what another transaction holds no longer than it was told to."""

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import OperationalError

from registry.base.database import open_engine


@pytest.mark.parametrize("database_kind", ["postgresql"], indirect=True)
def test_a_lock_is_not_waited_for_for_ever(engine: Engine, database_url: str) -> None:
    hurried = open_engine(database_url, lock_seconds=1)
    with engine.begin() as holder, hurried.connect() as visitor:
        holder.execute(text("LOCK TABLE school"))
        with pytest.raises(OperationalError, match="lock timeout"):
            visitor.execute(text("SELECT count(*) FROM school"))
    hurried.dispose()
