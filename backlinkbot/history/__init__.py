"""What was seen when: every visit of a page with backlinks, in SQLite or PostgreSQL.

The only room that knows SQLAlchemy, Alembic and psycopg.
"""

from backlinkbot.history.records import KnownPage, Recorded, Run, RunState, Visit
from backlinkbot.history.store import History, now

__all__ = ["History", "KnownPage", "Recorded", "Run", "RunState", "Visit", "now"]
