"""How often a client may ask. Time is handed in, state is bounded, and nothing that reduces risk passes through here."""

from collections import OrderedDict
from typing import TypeVar

import attrs

from petrosa_core.values import SECOND, Duration, Moment

_V = TypeVar("_V")

CLIENTS_MAX = 4096
"""Clients remembered at once; the one that was quiet the longest is forgotten first."""


@attrs.define
class Throttle:
    """At most ``per_second`` requests a second and client, with a burst of as many.

    The generic cell rate algorithm: per client one number, the moment at which its allowance is whole again.
    """

    per_second: int
    _whole_again: OrderedDict[str, Moment] = attrs.field(factory=OrderedDict, init=False)

    def wait(self, client: str, now: Moment) -> Duration:
        """Take one request from the client's allowance: 0 when it may pass, else how long to wait."""
        interval = SECOND // self.per_second
        theirs = max(self._whole_again.pop(client, now), now)
        wait = theirs - now - (self.per_second - 1) * interval
        _remember(self._whole_again, client, Moment(theirs if wait > 0 else theirs + interval))
        return max(wait, 0)


@attrs.define
class Failures:
    """Wrong tokens per client. After ``allowed`` of them, further ones are told to wait; a right one always passes.

    A guesser gains nothing by guessing faster (a token has 256 bits) and must not be able to lock the operator out.
    """

    allowed: int
    forgotten_after: Duration
    _counted: OrderedDict[str, tuple[int, Moment]] = attrs.field(factory=OrderedDict, init=False)

    def wait(self, client: str, now: Moment) -> Duration:
        """Count one failure: 0 while they are few, else how long until they are forgotten."""
        count, since = self._counted.pop(client, (0, now))
        if now - since >= self.forgotten_after:
            count, since = 0, now
        _remember(self._counted, client, (count + 1, since))
        return self.forgotten_after - (now - since) if count >= self.allowed else 0


def _remember(clients: OrderedDict[str, _V], client: str, value: _V) -> None:
    clients[client] = value
    if len(clients) > CLIENTS_MAX:
        clients.popitem(last=False)
