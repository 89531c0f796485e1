"""What to fetch next: which pages are already known, whose turn it is, and where a long queue waits."""

from backlinkbot.frontier.known import KnownPages
from backlinkbot.frontier.queues import HostFairQueue
from backlinkbot.frontier.waiting import WaitingQueue

__all__ = ["HostFairQueue", "KnownPages", "WaitingQueue"]
