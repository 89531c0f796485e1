"""The options with which a browser is started: without a network, in its sandbox, deaf to the signals of a terminal."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

TO_START: Final = 60.0
"""Seconds for a browser to start; a machine under load takes ten."""
CHROMIUM: Final = "chromium"
"""The name of the browser type in Playwright, which Chrome and Edge have, too."""
NO_NETWORK: Final = {"server": "socks5://nowhere.invalid:1", "bypass": "<-loopback>"}
"""A proxy that does not exist, for loopback and other addresses, too: a request that nobody answers goes nowhere."""

_DEFAULT_ARGUMENTS: Final = (
    "--js-flags=--max-old-space-size=512",  # MB of one page's objects
    "--disable-crash-reporter",
    "--mute-audio",
)
# Chromium takes the last of two equal switches, so these come after the user's.
_GUARDS: Final = (
    f"--proxy-server={NO_NETWORK['server']}",
    f"--proxy-bypass-list={NO_NETWORK['bypass']}",
    "--host-resolver-rules=MAP * ~NOTFOUND",
    "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",
    "--disable-quic",
)
# Playwright lets pages open others unasked; left out, no page does that without a reader's click.
_NOT_WANTED: Final = ("--disable-popup-blocking",)


def guarded(
    chosen: Mapping[str, Any], *, browser_type: str, executable: str, arguments: Sequence[str] = ()
) -> dict[str, Any]:
    """Returns the user's launch options with what keeps the browser from the network.

    Args:
        chosen: the user's ``PLAYWRIGHT_LAUNCH_OPTIONS``; a ``proxy`` among them is left out.
        browser_type: ``chromium``, ``firefox`` or ``webkit``.
        executable: the browser to start where ``chosen`` names none; empty for the one that Playwright has installed.
        arguments: more arguments of Chromium's command line.
    """
    options: dict[str, Any] = {
        "timeout": TO_START * 1000,
        **chosen,
        "handle_sigint": False,  # the crawl decides when the browser ends
        "handle_sigterm": False,
        "handle_sighup": False,
    }
    options.pop("proxy", None)
    if executable and not options.keys() & {"executable_path", "channel"}:
        options["executable_path"] = executable
    if browser_type != CHROMIUM:
        return {**options, "proxy": NO_NETWORK}
    # As root Chromium does not start in its sandbox; every other user's stays in it.
    options.setdefault("chromium_sandbox", os.geteuid() != 0)
    options["args"] = [*_DEFAULT_ARGUMENTS, *options.get("args", ()), *arguments, *_GUARDS]
    left_out = options.get("ignore_default_args") or []
    if left_out is not True:
        options["ignore_default_args"] = [*left_out, *_NOT_WANTED]
    return options
