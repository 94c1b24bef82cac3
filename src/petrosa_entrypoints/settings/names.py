"""Which names in an environment are meant for us.

An environment is full of foreign names, so an unknown one is refused only when it was surely meant as a setting: when it is
within two slips of a known name, or begins as only our names do. What Kubernetes writes for every service is never ours.
"""

import re
from collections.abc import Collection
from typing import Final

PREFIXES: Final = ("BINANCE_", "MONGODB_", "NATS_", "PETROSA_")
"""Where a name that begins so is not a setting, it is a mistake."""

FOREIGN: Final = frozenset({"MONGODB_TEST_URL", "PETROSA_SHARED"})
"""What the test suite reads, and the program leaves alone."""

# The variables that Kubernetes and the older container links set for a service, e.g. NATS_PORT_4222_TCP_ADDR.
_SERVICE_LINK: Final = re.compile(
    r"[A-Z0-9_]+_(SERVICE_HOST|SERVICE_PORT(_[A-Z0-9_]+)?|PORT_\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)", re.ASCII
)
_SERVICE_ADDRESS: Final = re.compile(r"(tcp|udp|sctp)://", re.ASCII)
_SLIPS_MAX: Final = 2
# In a short name two slips make any other word: one slip is allowed per so many letters.
_LETTERS_PER_SLIP: Final = 4


def is_service_link(name: str, value: str) -> bool:
    """Whether Kubernetes set the variable for a service, e.g. ``NATS_SERVICE_HOST`` or ``HTTP_PORT=tcp://10.0.0.1:80``."""
    return bool(_SERVICE_LINK.fullmatch(name)) or (name.endswith("_PORT") and bool(_SERVICE_ADDRESS.match(value)))


def slips(one: str, other: str) -> int:
    """How many letters to insert, drop, replace or swap with their neighbour (optimal string alignment distance)."""
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, letter in enumerate(one, start=1):
        older, before, row = before, row, [i]
        for j, wanted in enumerate(other, start=1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (letter != wanted))
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == wanted:
                cost = min(cost, older[j - 2] + 1)
            row.append(cost)
    return row[-1]


def nearest(name: str, known: Collection[str]) -> str | None:
    """The known name that was probably meant, or None; a known name behind ``PETROSA_`` is one, too."""
    upper = name.upper()
    bare = upper.removeprefix("PETROSA_")
    if bare in known:
        return bare
    candidates = [each for each in known if abs(len(each) - len(upper)) <= _SLIPS_MAX]
    distance, best = min(((slips(upper, each), each) for each in candidates), default=(_SLIPS_MAX + 1, ""))
    return best if distance <= min(_SLIPS_MAX, len(best) // _LETTERS_PER_SLIP) else None


def mistaken(name: str, value: str, known: Collection[str]) -> str | None:
    """Why the name must be a mistake, in a phrase; None when it is known or foreign."""
    if name in known or name in FOREIGN or is_service_link(name, value):
        return None
    meant = nearest(name, known)
    if meant is not None:
        return f"is not a setting; did you mean {meant}?"
    prefix = next((each for each in PREFIXES if name.upper().startswith(each)), None)
    if prefix is None:
        return None
    siblings = ", ".join(sorted(each for each in known if each.startswith(prefix) and not each.endswith("_FILE")))
    return f"is not a setting; those that begin with {prefix} are: {siblings or 'none'}"
