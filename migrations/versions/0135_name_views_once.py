"""name views once.

Of two of a school's staff who shared filters under one name at the same moment both were kept: the
later ones get a number behind their name. Processes of the version before run on it.
"""

import sqlalchemy as sa
from alembic import op

revision = "0135"
down_revision = "0132"

LONGEST = 40
_VIEW = sa.table(
    "list_view",
    *map(sa.column, ("id", "school_id", "staff_id", "page", "name", "shared")),
)


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":  # nobody saves one between the two steps
        op.execute("LOCK TABLE list_view IN SHARE ROW EXCLUSIVE MODE")
    _number_doubles()
    op.create_index("uq_list_view_staff", "list_view", ["staff_id", "page", "name"], unique=True)
    op.create_index(
        "uq_list_view_shared",
        "list_view",
        ["school_id", "page", "name"],
        unique=True,
        sqlite_where=sa.text("shared"),
        postgresql_where=sa.text("shared"),
    )


def _number_doubles() -> None:
    """Give each view of a name that an earlier one has the first number that makes it another."""
    rows = op.get_bind().execute(sa.select(_VIEW).order_by(_VIEW.c.id)).all()
    taken = set[tuple[object, ...]]()
    for row in rows:
        name, number = row.name, 1
        while taken & _places(row, name):
            number += 1
            told = f"（{number}）"
            name = f"{row.name[: LONGEST - len(told)]}{told}"
        taken |= _places(row, name)
        if name != row.name:
            op.execute(_VIEW.update().where(_VIEW.c.id == row.id).values(name=name))


def _places(row: sa.Row[tuple[object, ...]], name: str) -> set[tuple[object, ...]]:
    """Return where a name may stand once: with who saved it, and where it is shared."""
    own = {("staff", row.staff_id, row.page, name)}
    return own | {("school", row.school_id, row.page, name)} if row.shared else own


def downgrade() -> None:
    op.drop_index("uq_list_view_shared", "list_view")
    op.drop_index("uq_list_view_staff", "list_view")
