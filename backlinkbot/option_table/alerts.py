"""The options for alerts and metrics."""

from __future__ import annotations

from typing import Final

from backlinkbot.option_table.option import ALL_SPIDERS, Option, OptionGroup

ALERTS: Final = (
    Option(
        name="notify",
        group=OptionGroup.ALERTS,
        default=(),
        read=str,
        metavar="URL",
        help="send an alert about changes and failed runs to this URL: one of Apprise (mail, Slack, Teams, Telegram), or webhook+https://HOST/PATH; safer in the environment variable BACKLINKBOT_NOTIFY, since the list of processes shows flags",
        meaning="[URLs that get an alert](alerts.md) about changes and failed runs; `webhook+https://…` is a signed webhook, others are URLs of Apprise",
        spiders=ALL_SPIDERS,
        is_list=True,
        is_secret=True,
    ),
    Option(
        name="notify_secret",
        group=OptionGroup.ALERTS,
        default="",
        read=str,
        metavar="SECRET",
        meaning="the key that [signs webhooks](alerts.md#signed-webhooks)",
        spiders=ALL_SPIDERS,
        has_flag=False,
        is_secret=True,
    ),
    Option(
        name="metrics",
        group=OptionGroup.ALERTS,
        default="",
        read=str,
        metavar="FILE",
        help="the run's figures for the textfile collector of Prometheus' node_exporter: a name that ends in .prom",
        meaning="file for the run's [metrics](alerts.md#metrics), for Prometheus",
        spiders=ALL_SPIDERS,
    ),
)
