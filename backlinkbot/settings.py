"""Every setting of a crawl: the project's own, then changed settings of Scrapy, each with its reason.

``docs/settings.md`` describes ours one by one. Any of them can be given as ``-s NAME=VALUE``.
"""

import os

from scrapy.settings import default_settings

from backlinkbot.option_table import defaults

# --- ours, and those of Scrapy's that are options too: BACKLINKBOT_MAX_PAGES, DOWNLOAD_DELAY, ... ------------------

globals().update(defaults(os.environ))

# --- the project --------------------------------------------------------------------------------------------------

BOT_NAME = "backlinkbot"
SPIDER_MODULES = ["backlinkbot.spiders"]
COMMANDS_MODULE = "backlinkbot.commands"  # `scrapy crawl` with an exit status that can be trusted
ADDONS = {"backlinkbot.Addon": 0}  # what follows from our settings; keeps our components beside those of the user's own

# --- safety: nothing is fetched or opened that should not be --------------------------------------------------------

# A crawled page's <a href="file:///..."> must not be read: only http and https have a handler. And ours, on aiohttp, costs
# a crawl a quarter less than Twisted's.
DOWNLOAD_HANDLERS = {
    **dict.fromkeys(("http", "https"), "backlinkbot.download.handler.Client"),
    **dict.fromkeys(("file", "data", "ftp", "s3")),
}
REMOTE_CONTROL_ENABLED = False  # it runs any code for those who can read its token file
TELNETCONSOLE_ENABLED = False
# What Chromium offers: no finite-field DHE, whose groups are too small at many servers that prefer it and have ECDHE too;
# the CBC and RSA suites, beside which some old servers have nothing.
DOWNLOADER_CLIENT_TLS_CIPHERS = (
    "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:"
    "ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384:"
    "ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305:"
    "ECDHE-RSA-AES128-SHA:ECDHE-RSA-AES256-SHA:"
    "AES128-GCM-SHA256:AES256-GCM-SHA384:AES128-SHA:AES256-SHA:@SECLEVEL=1"
)
DOWNLOAD_MAXSIZE = 10 * 1024 * 1024  # bytes, decompressed too; Scrapy's default is 1 GiB
DOWNLOAD_WARNSIZE = 0
DOWNLOAD_TIMEOUT = 20  # seconds for the whole answer, however slowly it drips
DNS_TIMEOUT = 10
REDIRECT_MAX_TIMES = 10
URLLENGTH_LIMIT = 2083

# --- politeness ---------------------------------------------------------------------------------------------------

ROBOTSTXT_OBEY = True
ROBOTSTXT_USER_AGENT = "backlinkbot"
DOWNLOAD_DELAY_JITTER = 0.25  # varied by up to a quarter
CONCURRENT_REQUESTS_PER_DOMAIN = 1
DOWNLOADER = "backlinkbot.download.slots.DomainDownloader"  # one slot per registrable domain, not per host
RETRY_TIMES = 1
RETRY_HTTP_CODES = [500, 502, 504, 522, 524, 408]  # not 429 and 503: asking again at once is what they forbid
# Without an exception of Twisted's client, which is not used; to name it, Scrapy would import that client with all of its TLS.
RETRY_EXCEPTIONS = [kind for kind in default_settings.RETRY_EXCEPTIONS if not str(kind).endswith(".TunnelError")]
RETRY_GIVE_UP_LOG_LEVEL = "INFO"

# --- many hosts ---------------------------------------------------------------------------------------------------

REACTOR_THREADPOOL_MAXSIZE = 40  # host names are looked up on these threads
SCHEDULER_PRIORITY_QUEUE = "backlinkbot.frontier.BestFirstQueue"  # Scrapy's grows with the number of pending hosts
SCHEDULER_MEMORY_QUEUE = "backlinkbot.frontier.WaitingQueue"  # breadth first; a long queue waits on disk
SCHEDULER_DISK_QUEUE = "scrapy.squeues.PickleFifoDiskQueue"
SCHEDULER_START_MEMORY_QUEUE = None  # seeds and links share one order
SCHEDULER_START_DISK_QUEUE = None
DUPEFILTER_CLASS = "scrapy.dupefilters.BaseDupeFilter"  # links are de-duplicated before a Request is made
CONCURRENT_ITEMS = 1  # Scrapy starts that many tasks per response; ours wait in batches
WARN_ON_GENERATOR_RETURN_VALUE = False  # it reads and parses the source of a callback at every response
SCRAPER_SLOT_MAX_ACTIVE_SIZE = (
    35_000_000  # bytes of pages under way; above, nothing is fetched: more than one large page
)
MEMUSAGE_LIMIT_MB = 2048

# --- what happens to a request, in order ----------------------------------------------------------------------------

_DOWNLOADER = "scrapy.downloadermiddlewares"
DOWNLOADER_MIDDLEWARES = {
    f"{_DOWNLOADER}.offsite.OffsiteMiddleware": None,  # discover decides what to follow before it makes a Request
    f"{_DOWNLOADER}.robotstxt.RobotsTxtMiddleware": None,  # ours obeys RFC 9309
    f"{_DOWNLOADER}.httpauth.HttpAuthMiddleware": None,
    f"{_DOWNLOADER}.cookies.CookiesMiddleware": None,
    f"{_DOWNLOADER}.redirect.MetaRefreshMiddleware": None,  # it decodes and searches every page; the spiders do it at need
    f"{_DOWNLOADER}.redirect.RedirectMiddleware": None,
    f"{_DOWNLOADER}.httpcompression.HttpCompressionMiddleware": None,  # does not say that a compressed answer was cut
    "backlinkbot.middlewares.private_addresses.AddressGuard": 50,
    "backlinkbot.middlewares.leases.LeaseGuard": 60,
    "backlinkbot.download.backoff.BackOff": 75,
    "backlinkbot.middlewares.robotstxt.RobotsTxt": 100,
    "backlinkbot.middlewares.budget.PageBudget": 150,
    "backlinkbot.sources.throttle.Throttle": 200,
    "backlinkbot.download.fallback.Rereading": 540,  # is told of a failure after Scrapy's RetryMiddleware, which is at 550
    "backlinkbot.download.decoding.Decoding": 530,  # is told of an answer that broke off once nobody asks again
    "backlinkbot.middlewares.redirects.Redirects": 600,
}
DOWNLOADER_STATS = False  # ten counters a page, a tenth of what a crawl costs; ours say what became of each page
METAREFRESH_MAXDELAY = 5  # seconds; a slower refresh is a page that reloads itself, not a redirect
COOKIES_ENABLED = False
REFERER_ENABLED = False  # costs a fifth on pages with many links, and tells sites how we came

_SPIDER = "scrapy.spidermiddlewares"
SPIDER_MIDDLEWARES = {  # each costs on every request; discover does the work of the last three before making one
    f"{_SPIDER}.start.StartSpiderMiddleware": None,
    f"{_SPIDER}.httperror.HttpErrorMiddleware": None,  # a failed visit is a page with a reason
    f"{_SPIDER}.metacopy.MetaCopyDetectionMiddleware": None,
    f"{_SPIDER}.referer.RefererMiddleware": None,
    f"{_SPIDER}.urllength.UrlLengthMiddleware": None,
    f"{_SPIDER}.depth.DepthMiddleware": None,
}

# --- what happens to a page, in order -------------------------------------------------------------------------------

ITEM_PIPELINES = {
    "backlinkbot.pipelines.extract.ExtractBacklinks": 100,
    "backlinkbot.pipelines.resolve.ResolveLinks": 150,
    "backlinkbot.pipelines.confirm_missing.JudgeAbsence": 160,
    "backlinkbot.pipelines.check_targets.CheckTargets": 200,
    "backlinkbot.pipelines.recall_claims.RecallClaims": 250,  # where there is a history, as is RecordHistory
    "backlinkbot.pipelines.judge.JudgeBacklinks": 300,
    "backlinkbot.pipelines.record.RecordHistory": 350,  # before a row is reported; pages without rows come by here, too
    "backlinkbot.pipelines.drop.DropDuplicates": 400,
}
ITEM_PROCESSOR = "backlinkbot.pipelines.own_pipelines.PagesThenRows"  # other people's pipelines take one row at a time
DEFAULT_DROPITEM_LOG_LEVEL = "DEBUG"  # a page without backlinks is the normal case

STATS_CLASS = "backlinkbot.extensions.outcome.Stats"  # counts the same at a third of the price
EXTENSIONS = {
    "backlinkbot.extensions.content_filter.ContentGuard": 0,
    "backlinkbot.extensions.messages.LogFormat": 0,
    "backlinkbot.extensions.progress.Progress": 0,
    "backlinkbot.extensions.outcome.RunOutcome": 0,
    "backlinkbot.exporters.feeds.Feeds": 0,
    "backlinkbot.extensions.memory.MemoryUsage": 0,
    "scrapy.extensions.memusage.MemoryUsage": None,  # ours is Scrapy's, without the memory of the program that started it
    "scrapy.extensions.feedexport.FeedExporter": None,  # ours is Scrapy's, a row at a time, and no feed fails for another
    "scrapy.extensions.telnet.TelnetConsole": None,  # off above; their imports alone take a quarter of a second
    "scrapy.extensions.remote_control.RemoteControl": None,
}

# --- rows ---------------------------------------------------------------------------------------------------------

FEED_EXPORT_ENCODING = "utf-8"
FEED_EXPORTERS = {
    "csv": "backlinkbot.exporters.exporters.CsvRows",
    "jsonl": "backlinkbot.exporters.exporters.JsonLinesRows",
    "jsonlines": "backlinkbot.exporters.exporters.JsonLinesRows",
    "jl": "backlinkbot.exporters.exporters.JsonLinesRows",
    "json": "backlinkbot.exporters.exporters.JsonRows",
    "xml": "backlinkbot.exporters.exporters.XmlRows",
    "pickle": "backlinkbot.exporters.exporters.PickleRows",
    "marshal": "backlinkbot.exporters.exporters.MarshalRows",
    "terminal": "backlinkbot.exporters.terminal_rows.TerminalRows",
}
FEED_STORAGES = {  # files appear whole, under their name, at the end
    "": "backlinkbot.exporters.feed_storage.WholeFileStorage",
    "file": "backlinkbot.exporters.feed_storage.WholeFileStorage",
    "stdout": "backlinkbot.exporters.feed_storage.StdoutStorage",
    "terminal": "backlinkbot.exporters.terminal_rows.TerminalStorage",
}
FEED_STORE_EMPTY = True  # a run that found nothing still writes its header

LOG_LEVEL = "INFO"  # DEBUG prints every page
