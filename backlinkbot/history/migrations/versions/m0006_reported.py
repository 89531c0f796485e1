"""Which runs have written their outputs, and which backlinks no finished output has shown yet."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """From 0005."""
    # Of the runs so far nobody knows: they count as reported, or all that they found would be new once more.
    op.add_column("runs", sa.Column("is_reported", sa.Boolean(), nullable=False, server_default=sa.true()))
    op.add_column("backlinks", sa.Column("unshown", sa.Text(), nullable=False, server_default=""))
    op.add_column("backlinks", sa.Column("unshown_run", sa.BigInteger(), nullable=False, server_default="0"))
