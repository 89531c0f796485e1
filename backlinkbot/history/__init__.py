"""The history: every visit of a page with backlinks, stored in SQLite or PostgreSQL.

Only this package imports SQLAlchemy, Alembic and psycopg.
"""

from backlinkbot.history.pruning import Pruned
from backlinkbot.history.records import KnownPage, Recorded, Run, RunState, Visit
from backlinkbot.history.store import History, now

__all__ = ["History", "KnownPage", "Pruned", "Recorded", "Run", "RunState", "Visit", "now"]
