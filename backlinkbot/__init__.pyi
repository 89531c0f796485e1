from backlinkbot import errors as errors
from backlinkbot.addon import Addon as Addon
from backlinkbot.api import CrawlRows as CrawlRows
from backlinkbot.api import Rows as Rows
from backlinkbot.api import aio as aio
from backlinkbot.api import changes as changes
from backlinkbot.api import discover as discover
from backlinkbot.api import gap as gap
from backlinkbot.api import recheck as recheck
from backlinkbot.api import verify as verify
from backlinkbot.extract.page import extract_links as extract_links
from backlinkbot.extract.robots_directives import judge as judge
from backlinkbot.items import Backlink as Backlink
from backlinkbot.items import Candidate as Candidate
from backlinkbot.items import Link as Link
from backlinkbot.items import Page as Page
from backlinkbot.targets import Scope as Scope
from backlinkbot.targets import Target as Target
from backlinkbot.targets import Targets as Targets

__version__: str
