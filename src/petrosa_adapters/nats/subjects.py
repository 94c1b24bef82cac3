"""Names of subjects: which ones carry signals, and how any text becomes one token of a subject.

A token is percent-encoded UTF-8 (RFC 3986, with the dot encoded as well, since it would begin another token): letters, digits,
``-``, ``_`` and ``~`` stand for themselves, so the names in use stay as they are. The empty text is ``%``, which stands for
nothing else.
"""

from urllib.parse import quote, unquote

_EMPTY = "%"


def escape(text: str) -> str:
    """The text as one token; no two texts share one."""
    return quote(text, safe="", errors="surrogatepass").replace(".", "%2E") or _EMPTY


def unescape(token: str) -> str:
    """The text that ``escape`` made the token of."""
    return "" if token == _EMPTY else unquote(token, errors="surrogatepass")


def signal_subjects(setting: str) -> tuple[str, str]:
    """The subjects to listen on, from NATS_SIGNAL_SUBJECT: the bare one, and everything below it.

    ``signals.trading``, ``signals.trading.*`` and ``signals.trading.>`` mean the same: ``.>`` alone does not match the bare
    subject, and ``.*`` no strategy with a dot in its name; producers use them all.

    Raises:
        ValueError: when nothing is left without the wildcard, or another one is inside.
    """
    text = setting.strip()
    base = text[:-2] if text.endswith((".>", ".*")) else text
    tokens = base.split(".")
    if any(not token or set(token) & set("*> \t\r\n") for token in tokens):
        raise ValueError(f"NATS_SIGNAL_SUBJECT: a subject such as signals.trading, was {setting!r}")
    return base, f"{base}.>"
