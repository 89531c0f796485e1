"""Records which runs have written their outputs, and which states of backlinks are not reported yet."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Migrates from 0005."""
    # Earlier runs count as reported; otherwise all their backlinks would be reported as new again.
    op.add_column("runs", sa.Column("is_reported", sa.Boolean(), nullable=False, server_default=sa.true()))
    op.add_column("backlinks", sa.Column("unshown", sa.Text(), nullable=False, server_default=""))
    op.add_column("backlinks", sa.Column("unshown_run", sa.BigInteger(), nullable=False, server_default="0"))
