"""A message that is no signal: kept raw, with the reason, so that nothing that arrived is ever lost."""

import attrs


@attrs.frozen(kw_only=True)
class Undecodable:
    """What could not be read, and why.

    ``code`` is stable (NOT_JSON, FIELD_MISSING, ...); ``field`` and ``value`` name the offender, cut to 200 characters.
    """

    raw: bytes
    code: str
    message: str
    field: str | None = None
    value: str | None = None
