"""Counts no changes of mentions among those of a run, as a mention is no backlink, and indexes the kinds of backlinks."""

from __future__ import annotations

import json

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_KINDS = sa.text("kind <> ''")
_COUNTED = """
    SELECT c.run_id, c.kind, count(*)
    FROM _backlinks m JOIN _changes c ON c.backlink_id = m.id
    WHERE m.kind <> '' AND (m.kind = 'mention' OR substr(m.kind, 1, 6) = 'brand:')
    GROUP BY c.run_id, c.kind
"""


def upgrade() -> None:
    """Migrates from 0011."""
    op.create_index("ix_backlinks_kind", "_backlinks", ["kind"], sqlite_where=_KINDS, postgresql_where=_KINDS)
    connection = op.get_bind()
    runs = sa.table("_runs", sa.column("id", sa.BigInteger), sa.column("changes", sa.Text))
    for run, kind, mentions in connection.execute(sa.text(_COUNTED)).all():
        text = connection.execute(sa.select(runs.c.changes).where(runs.c.id == run)).scalar()
        counts = json.loads(text) if text else {}
        if kind not in counts:  # a run that has not ended counts its changes when it is asked
            continue
        left = counts[kind] - mentions
        counts = {name: count for name, count in counts.items() if name != kind} | ({kind: left} if left > 0 else {})
        connection.execute(sa.update(runs).where(runs.c.id == run).values(changes=json.dumps(counts, sort_keys=True)))
