"""The bodies of what is told to others, as plain values for ``plain_json``.

Shapes: the neighbours' alert dispatcher reads ``alert_name``, ``severity``, ``category``, ``message`` and ``timestamp``, and
shows "(no message)" without them; so a detail of the same name never takes their place.
"""

from base64 import b64encode
from collections.abc import Mapping

from petrosa_core.audit import Head
from petrosa_core.signal import Undecodable
from petrosa_core.values import AccountId, Moment, iso


def alert(
    name: str, *, severity: str, category: str, message: str, detail: Mapping[str, object], at: Moment
) -> dict[str, object]:
    """One alert; ``detail`` is added to it."""
    return {
        **detail,
        "alert_name": name,
        "severity": severity,
        "category": category,
        "message": message,
        "timestamp": iso(at),
    }


def anchor(account: AccountId, head: Head, at: Moment) -> dict[str, object]:
    """The journal's head, for ``audit verify --anchor``."""
    return {"account": account, "frame": head.number, "hash": head.hash, "timestamp": iso(at)}


def dead_letter(letter: Undecodable, message_id: str, subject: str, at: Moment) -> dict[str, object]:
    """A body that could not be read, whole and in base64 (it may be no text at all), and the reason."""
    return {
        "message_id": message_id,
        "subject": subject,
        "timestamp": iso(at),
        "code": letter.code,
        "message": letter.message,
        "field": letter.field,
        "value": letter.value,
        "body_base64": b64encode(letter.raw).decode("ascii"),
    }
