"""Names of many rows at once: side by side in an index, and not to be guessed."""

from sqlalchemy import literal, select
from sqlalchemy.orm import Session

from registry.base.database import hex_name_sql


def test_a_name_begins_with_its_number_and_ends_as_nobody_knows(session: Session) -> None:
    made = [session.scalars(select(hex_name_sql(session, literal(255)))).one() for _ in range(50)]
    assert {len(name) for name in made} == {32}
    assert {name[:12] for name in made} == {"0000000000ff"}
    assert len(set(made)) == 50
    assert set("".join(made)) <= set("0123456789abcdef")
