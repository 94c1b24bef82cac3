"""What is told to others: executions, alerts, and the journal's head."""

from collections.abc import Mapping
from typing import Protocol

from petrosa_core.audit import Head
from petrosa_core.signal import Undecodable


class Notifier(Protocol):
    """Tells, and never stands in the way. Contract: tests/contract/test_notifier.py.

    N1  Every method returns at once and never raises: a listener that is down, slow or broken costs nothing here.
    N2  What is told is bounded: when nobody takes it, the oldest goes, and the loss is counted.
    """

    def execution(self, strategy: str, event: Mapping[str, object]) -> None:
        """One ``execution.events.<strategy>``: the body already has its published shape."""
        ...

    def alert(self, name: str, severity: str, category: str, message: str, detail: Mapping[str, object]) -> None:
        """One ``alerts.tradeengine.<name>``; severity is info, warning or critical."""
        ...

    def dead_letter(self, letter: Undecodable, message_id: str, subject: str) -> None:
        """A message that is no signal, whole, with the reason."""
        ...

    def anchor(self, head: Head) -> None:
        """The journal's head, to be kept where the journal's owner cannot rewrite it."""
        ...
