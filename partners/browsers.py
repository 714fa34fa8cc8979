"""«Chrome, Windows» out of a User-Agent: enough to recognise one's own sessions."""

from __future__ import annotations

# The first that fits: Chromium's relatives name Chrome and Safari too, Android names Linux.
BROWSERS = (
    ("YaBrowser/", "Яндекс Браузер"), ("Edg/", "Edge"), ("OPR/", "Opera"), ("Sputnik", "Спутник"),
    ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari"),
)  # fmt: skip
SYSTEMS = (
    ("Windows", "Windows"), ("iPad", "iPad"), ("iPhone", "iPhone"), ("Android", "Android"), ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
)  # fmt: skip


def browser_name(agent: str) -> str:
    """Browser and system; the beginning of an agent that is neither."""
    found = [next((name for mark, name in known if mark in agent), "") for known in (BROWSERS, SYSTEMS)]
    return ", ".join(filter(None, found)) or agent[:40]
