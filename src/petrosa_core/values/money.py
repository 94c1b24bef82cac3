"""Money, balances and quotes: numbers that only mean something together with an asset or a time."""

from decimal import Decimal

import attrs

from petrosa_core.values.decimals import EXACT, Amount, Price
from petrosa_core.values.identifiers import Symbol
from petrosa_core.values.moments import Moment

_HALF = Decimal("0.5")


@attrs.frozen
class Money:
    """An amount of one asset; fees are summed per asset, never across."""

    amount: Amount
    asset: str


@attrs.frozen(kw_only=True)
class Balance:
    """What the account holds in the quote asset. A read that failed is no Balance: missing is not zero.

    ``free`` may be spent or used as margin now; ``equity`` is the wallet and the unrealised result together.
    """

    asset: str
    free: Amount
    equity: Amount
    as_of: Moment


@attrs.frozen(kw_only=True)
class Quote:
    """The venue's price of a symbol: best bid and ask, and the mark (USD-M; on spot the mid).

    ``self_quoted`` says that no feed knows the symbol and the signal's own price was taken (paper venue only).
    """

    symbol: Symbol
    bid: Price
    ask: Price
    mark: Price
    as_of: Moment
    self_quoted: bool = False

    @property
    def mid(self) -> Decimal:
        """Half way between bid and ask."""
        return EXACT.multiply(EXACT.add(self.bid, self.ask), _HALF)
