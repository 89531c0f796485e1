"""The crawl frontier: known pages, the order of requests, and the queue on the disk."""

from backlinkbot.frontier.best import FEATURES, NAMED, REASON, BestFirstQueue, Lessons
from backlinkbot.frontier.evidence import NamedBy
from backlinkbot.frontier.features import PageFeatures, features_of
from backlinkbot.frontier.known import KnownPages, page_hash
from backlinkbot.frontier.marks import PageMarks, links_fingerprint
from backlinkbot.frontier.queues import DomainFairQueue
from backlinkbot.frontier.reasons import Reason
from backlinkbot.frontier.saving import CrawlSaver
from backlinkbot.frontier.waiting import WaitingQueue

HostFairQueue = DomainFairQueue  # the former name, which projects have in their settings

__all__ = [
    "FEATURES",
    "NAMED",
    "REASON",
    "BestFirstQueue",
    "CrawlSaver",
    "DomainFairQueue",
    "HostFairQueue",
    "KnownPages",
    "Lessons",
    "NamedBy",
    "PageFeatures",
    "PageMarks",
    "Reason",
    "WaitingQueue",
    "features_of",
    "links_fingerprint",
    "page_hash",
]
