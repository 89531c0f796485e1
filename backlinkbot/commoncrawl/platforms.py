"""The table of platforms on which others publish, and of services that name every site: they link to most targets.

Each is one line of an answer instead of one for each of its domains, behind the domains that say something of a target.
"""

from __future__ import annotations

from typing import Final

PLATFORMS: Final[dict[str, tuple[str, ...]]] = {
    # code and its pages
    "GitHub": ("github.com", "github.io", "github.dev", "githubusercontent.com", "githubassets.com"),
    "GitLab": ("gitlab.com", "gitlab.io"),
    "Bitbucket": ("bitbucket.org", "bitbucket.io"),
    "SourceForge": ("sourceforge.net", "sourceforge.io", "sf.net"),
    "Codeberg": ("codeberg.org", "codeberg.page"),
    "Read the Docs": ("readthedocs.io", "readthedocs.org", "rtfd.io"),
    "Hugging Face": ("huggingface.co", "hf.space"),
    # hosting of sites and applications
    "Amazon Web Services": (
        "amazonaws.com",
        "cloudfront.net",
        "elasticbeanstalk.com",
        "awsapprunner.com",
        "amplifyapp.com",
    ),
    "Azure": ("azurewebsites.net", "azureedge.net", "azurestaticapps.net", "cloudapp.net", "azure.com", "windows.net"),
    "Cloudflare": ("pages.dev", "workers.dev", "cloudflare.com", "r2.dev"),
    "DigitalOcean": ("ondigitalocean.app", "digitaloceanspaces.com"),
    "Fly": ("fly.dev",),
    "Glitch": ("glitch.me", "glitch.com"),
    "Google Cloud": ("appspot.com", "web.app", "firebaseapp.com", "run.app", "withgoogle.com", "googleusercontent.com"),
    "Heroku": ("herokuapp.com", "heroku.com"),
    "Neocities": ("neocities.org",),
    "Netlify": ("netlify.app", "netlify.com"),
    "Render": ("onrender.com", "render.com"),
    "Replit": ("replit.app", "replit.com", "replit.dev", "repl.co"),
    "Streamlit": ("streamlit.app", "streamlitapp.com"),
    "Surge": ("surge.sh",),
    "Vercel": ("vercel.app", "vercel.com", "now.sh"),
    # site builders and shops
    "Carrd": ("carrd.co", "crd.co"),
    "Google": ("google.com", "goo.gl", "page.link"),
    "Jimdo": ("jimdo.com", "jimdofree.com", "jimdosite.com", "jimdoweb.com"),
    "Notion": ("notion.site", "notion.so"),
    "Shopify": ("myshopify.com", "shopify.com"),
    "Squarespace": ("squarespace.com",),
    "Strikingly": ("strikingly.com", "mystrikingly.com"),
    "Webflow": ("webflow.io", "webflow.com"),
    "Weebly": ("weebly.com", "weeblysite.com"),
    "Wix": ("wix.com", "wixsite.com", "wixstudio.com", "editorx.io"),
    # blogs and pages of users
    "Ameba": ("ameblo.jp", "ameba.jp"),
    "Beehiiv": ("beehiiv.com",),
    "Blogspot": ("blogspot.com", "blogger.com", "blogblog.com"),
    "FC2": ("fc2.com", "fc2.net"),
    "Ghost": ("ghost.io",),
    "Hatena": ("hatenablog.com", "hatenablog.jp", "hatena.ne.jp", "hatenadiary.com", "hatenadiary.jp"),
    "Linktree": ("linktr.ee",),
    "LiveJournal": ("livejournal.com",),
    "Medium": ("medium.com",),
    "Naver": ("naver.com", "naver.net"),
    "Over-blog": ("over-blog.com", "over-blog.net", "over-blog.fr"),
    "Substack": ("substack.com",),
    "Tistory": ("tistory.com",),
    "Tumblr": ("tumblr.com",),
    "Typepad": ("typepad.com", "typepad.fr", "typepad.jp"),
    "WordPress.com": ("wordpress.com", "wpcomstaging.com", "wp.com", "wp.me"),
    # badges, validators and mirrors of pages
    "Badges": (
        "shields.io",
        "fury.io",
        "badgen.net",
        "badgesize.io",
        "deepscan.io",
        "codecov.io",
        "coveralls.io",
        "snyk.io",
    ),
    "Validators": ("w3.org", "ssllabs.com", "securityheaders.com", "webpagetest.org", "gtmetrix.com", "pingdom.com"),
    "Web archives": (
        "archive.org",
        "archive.is",
        "archive.ph",
        "archive.today",
        "archive.li",
        "webcitation.org",
        "perma.cc",
    ),
    # tables of all sites
    "Site statistics": (
        *("ahrefs.com", "alexa.com", "builtwith.com", "hypestat.com", "majestic.com", "moz.com", "netcraft.com"),
        *(
            "semrush.com",
            "similarweb.com",
            "sitelike.org",
            "siteprice.org",
            "spyfu.com",
            "statscrop.com",
            "statshow.com",
        ),
        *("trafficestimate.com", "w3techs.com", "wappalyzer.com", "webrate.org", "worthofweb.com"),
    ),
    "Whois": (
        *(
            "centralops.net",
            "dnslytics.com",
            "domaintools.com",
            "host.io",
            "ipaddress.com",
            "robtex.com",
            "securitytrails.com",
        ),
        *("urlscan.io", "viewdns.info", "virustotal.com", "who.is", "whois.com", "whoxy.com"),
    ),
}
"""Name of a platform -> its registrable domains."""

COUNTRIES: Final = {"blogspot.": "Blogspot"}
"""Beginning of a domain that has one for each country -> platform."""

_BY_DOMAIN: Final = {domain: name for name, domains in PLATFORMS.items() for domain in domains}


def platform_of(host: str) -> str:
    """Returns the platform of a domain, or of a host below one; empty if it is of none."""
    name = host
    while name:
        if name in _BY_DOMAIN:
            return _BY_DOMAIN[name]
        for start, platform in COUNTRIES.items():
            if name.startswith(start):
                return platform
        _, _, name = name.partition(".")
    return ""
