"""The one exception of the codec: it ends in an ``Undecodable`` and never leaves this package."""


class Malformed(Exception):
    """Why a body cannot be read: a stable code, a sentence, and the field and its value as JSON text where there is one."""

    def __init__(self, code: str, message: str, field: str | None = None, value: str | None = None) -> None:
        """Keep the four apart, so that they are recorded apart."""
        super().__init__(message)
        self.code = code
        self.message = message
        self.field = field
        self.value = value
