"""A secret that cannot be shown by accident: it gives itself up to ``reveal`` and to nothing else."""

import hmac
from typing import Final, NoReturn, final

MASK: Final = "***"
"""What stands wherever a secret would have been shown."""


@final
class Secret:
    """Text that ``repr``, ``str``, ``format``, ``vars``, JSON encoders and ``pickle`` do not give away.

    Two secrets are compared in constant time. Only what signs or sends a request calls ``reveal``.

    Raises ValueError when the text is empty: an empty secret protects nothing.
    """

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        """Hide the text."""
        if not text:
            raise ValueError("Secret: must not be empty")
        self._text = text

    def reveal(self) -> str:
        """The text itself."""
        return self._text

    def __repr__(self) -> str:
        """Show the mask."""
        return f"Secret({MASK!r})"

    def __str__(self) -> str:
        """Show the mask."""
        return MASK

    def __format__(self, spec: str) -> str:
        """Show the mask, whatever was asked for."""
        return format(MASK, spec)

    def __eq__(self, other: object) -> bool:
        """Compare in constant time; a secret equals no plain text."""
        return isinstance(other, Secret) and hmac.compare_digest(self._text.encode(), other._text.encode())

    __hash__ = None  # type: ignore[assignment]  # a hash tells two secrets apart, and ends up in a dictionary's repr

    def __reduce__(self) -> NoReturn:
        """Refuse to be pickled or copied into another process."""
        raise TypeError("Secret: is not to be pickled")
