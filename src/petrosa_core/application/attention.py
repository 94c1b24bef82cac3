"""Which trades have to be asked again when, even if nothing is heard of them; the rest cost nothing."""

from petrosa_core.desk import Book, Rules
from petrosa_core.desk.step import Step
from petrosa_core.execution import due
from petrosa_core.values import Moment, SignalId


class Attention:
    """Moments by trade. Derived from the book at any time: losing it loses nothing."""

    def __init__(self) -> None:
        """Nobody needs anything."""
        self._due: dict[SignalId, Moment] = {}

    def look_at(self, book: Book, rules: Rules, signal_id: SignalId, now: Moment) -> None:
        """Note when the trade has to be asked again."""
        trade = book.trades.get(signal_id)
        moment = None if trade is None else due(trade, Step(book, rules, now, now).situation(trade))
        if moment is None:
            self._due.pop(signal_id, None)
        else:
            self._due[signal_id] = moment

    def at(self, now: Moment) -> tuple[SignalId, ...]:
        """Who is due."""
        return tuple(signal_id for signal_id, moment in self._due.items() if moment <= now)

    def __len__(self) -> int:
        """How many trades are waiting for a moment."""
        return len(self._due)
