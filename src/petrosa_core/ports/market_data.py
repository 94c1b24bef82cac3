"""Prices."""

from typing import Protocol

from petrosa_core.values import Price, Quote, Symbol


class MarketData(Protocol):
    """The newest quote of a symbol. Contract: tests/contract/test_market_data.py.

    M1  ``quote`` answers from memory, at once; it never asks a network.
    M2  A symbol without a quote is None; no stale or invented price stands in. The quote's age is in ``as_of``.
    M3  ``suggest`` offers a signal's own price: it is taken only where no feed knows the symbol (paper), marked
        ``self_quoted``, and never triggers an order that is already there.
    """

    def quote(self, symbol: Symbol) -> Quote | None:
        """The newest quote, or None."""
        ...

    def suggest(self, symbol: Symbol, price: Price) -> Quote | None:
        """The newest quote, or where no feed knows the symbol and the venue allows it, one made of this price."""
        ...
