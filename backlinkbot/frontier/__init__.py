"""The crawl frontier: known pages, the order of requests, and the queue on the disk."""

from backlinkbot.frontier.arms import Link, link_to
from backlinkbot.frontier.best import LINK, NAMED, REASON, BestFirstQueue, Lessons
from backlinkbot.frontier.evidence import NamedBy
from backlinkbot.frontier.known import KnownPages, page_hash
from backlinkbot.frontier.marks import PageMarks, links_fingerprint
from backlinkbot.frontier.order import Reason
from backlinkbot.frontier.queues import DomainFairQueue
from backlinkbot.frontier.saving import CrawlSaver
from backlinkbot.frontier.waiting import WaitingQueue

HostFairQueue = DomainFairQueue  # the former name, which projects have in their settings

__all__ = [
    "LINK",
    "NAMED",
    "REASON",
    "BestFirstQueue",
    "CrawlSaver",
    "DomainFairQueue",
    "HostFairQueue",
    "KnownPages",
    "Lessons",
    "Link",
    "NamedBy",
    "PageMarks",
    "Reason",
    "WaitingQueue",
    "link_to",
    "links_fingerprint",
    "page_hash",
]
