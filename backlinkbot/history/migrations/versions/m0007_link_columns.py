"""Stores links as rows with columns instead of JSON, and gives the tables the names that leave theirs to the views."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from alembic import op

if TYPE_CHECKING:
    from collections.abc import Iterator

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_AT_ONCE = 2_000  # backlinks, so that a long history needs little memory
_TABLES = ("runs", "targets", "pages", "visits", "backlinks", "changes", "claims")
_TEXTS = (
    *("target_url", "anchor", "link_type", "placement", "heading", "context_before", "context_after"),
    *("target_state", "target_final_url", "raw_href", "anchor_source", "placement_by", "rendered"),
)
_LISTS = ("nofollow_by", "rel", "flags", "link_kind", "via", "link_kind_by", "flags_by")


def _columns() -> Iterator[sa.Column[Any]]:
    for name in _TEXTS:
        yield sa.Column(name, sa.Text(), nullable=False, server_default="")
    for name in (*_LISTS, "noindex_by"):
        yield sa.Column(name, sa.Text(), nullable=False, server_default="[]")
    for name in ("position", "occurrences"):
        yield sa.Column(name, sa.Integer(), nullable=False, server_default="0")
    yield sa.Column("indexable", sa.Boolean(), nullable=False, server_default=sa.false())
    yield sa.Column("follow", sa.Boolean())
    yield sa.Column("link_density", sa.Float())
    yield sa.Column("target_status", sa.Integer())


def upgrade() -> None:
    """Migrates from 0006."""
    for name in _TABLES:
        op.rename_table(name, f"_{name}")
    links = op.create_table(
        "_links",
        sa.Column(
            "backlink_id", sa.BigInteger(), sa.ForeignKey("_backlinks.id"), primary_key=True, autoincrement=False
        ),
        sa.Column("number", sa.Integer(), primary_key=True, autoincrement=False),
        *_columns(),
    )
    op.add_column("_backlinks", sa.Column("kind", sa.Text(), nullable=False, server_default=""))
    op.add_column("_backlinks", sa.Column("is_scripted", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("_backlinks", sa.Column("links_digest", sa.LargeBinary()))
    _copy(op.get_bind(), links)
    op.drop_column("_backlinks", "links")
    _write_lists_of_claims(op.get_bind())
    op.drop_index("ix_changes_run_id", "_changes")
    op.create_index("ix_changes_run_id_kind", "_changes", ["run_id", "kind"])


def _copy(connection: sa.Connection, links: sa.Table) -> None:
    """Writes a row for each link, and what its backlink needs of it."""
    names = ("id", "links", "noindex_by", "kind", "is_scripted")
    backlinks = sa.table("_backlinks", *map(sa.column, names))
    batch = (
        sa.select(backlinks.c.id, backlinks.c.links, backlinks.c.noindex_by).order_by(backlinks.c.id).limit(_AT_ONCE)
    )
    mark = backlinks.update().where(backlinks.c.id == sa.bindparam("row"))
    mark = mark.values(kind=sa.bindparam("of_kind"), is_scripted=sa.bindparam("of_scripts"))
    last = 0
    while rows := connection.execute(batch.where(backlinks.c.id > last)).all():
        last = rows[-1].id
        found = [(row.id, row.noindex_by, json.loads(row.links or "[]")) for row in rows]
        values = [
            {"backlink_id": id_, "number": number, **_values(link, noindex_by)}
            for id_, noindex_by, of_one in found
            for number, link in enumerate(of_one)
        ]
        if values:
            connection.execute(links.insert(), values)
        marks = [{"row": id_, "of_kind": _kind(of_one), "of_scripts": _is_scripted(of_one)} for id_, _, of_one in found]
        marks = [one for one in marks if one["of_kind"] or one["of_scripts"]]  # few
        if marks:
            connection.execute(mark, marks)


def _write_lists_of_claims(connection: sa.Connection) -> None:
    """Writes the lists of claims as JSON arrays."""
    claims = sa.table("_claims", *map(sa.column, ("id", "rel", "reasons")))
    batch = sa.select(claims).order_by(claims.c.id).limit(_AT_ONCE)
    write = claims.update().where(claims.c.id == sa.bindparam("of"))
    write = write.values(rel=sa.bindparam("of_rel"), reasons=sa.bindparam("of_reasons"))
    last = 0
    while rows := connection.execute(batch.where(claims.c.id > last)).all():
        last = rows[-1].id
        connection.execute(
            write,
            [
                {
                    "of": row.id,
                    "of_rel": _array(row.rel.split()),
                    "of_reasons": _array(row.reasons.split(",") if row.reasons else ()),
                }
                for row in rows
            ],
        )


def _values(link: dict[str, Any], noindex_by: str) -> dict[str, Any]:
    rules = noindex_by.split(",") if noindex_by else []
    return {
        **{name: _storable(link.get(name, "")) for name in _TEXTS},
        **{name: _array(link.get(name, ())) for name in _LISTS},
        "noindex_by": _array(rules),
        "indexable": not rules,
        "follow": link.get("follow", False),  # first histories left false out, and had no null
        "position": link.get("position", 0),
        "occurrences": link.get("occurrences", 0),
        "link_density": link.get("link_density"),
        "target_status": link.get("target_status"),
    }


def _array(texts: Any) -> str:
    return json.dumps([_storable(text) for text in texts], ensure_ascii=False, separators=(",", ":"))


def _storable(text: str) -> str:
    """Replaces what PostgreSQL or UTF-8 cannot store by U+FFFD."""
    return text.replace("\0", "\ufffd").encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _kind(links: list[dict[str, Any]]) -> str:
    """Returns what tells backlinks to one address apart: a type without a vote, or the need to fetch a redirect."""
    if any("follow" in link and link["follow"] is None for link in links):
        return str(next((link["link_type"] for link in links if link.get("link_type")), ""))
    return "resolved" if any(hop[:1].isdigit() for link in links for hop in link.get("via", ())) else ""


def _is_scripted(links: list[dict[str, Any]]) -> bool:
    return bool(links) and all(link.get("rendered") == "rendered_only" for link in links)
