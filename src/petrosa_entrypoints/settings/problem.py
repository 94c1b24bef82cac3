"""What is wrong with the settings: every problem at once, because a restart per typing error is a bad evening."""

from collections.abc import Sequence

import attrs

_SHOWN_MAX = 80


@attrs.frozen(kw_only=True)
class Problem:
    """One thing to mend: the setting, the value that was given (None when it must not be shown), and why it will not do."""

    setting: str
    value: str | None
    why: str

    def __str__(self) -> str:
        """One line, whatever the value holds."""
        if self.value is None:
            return f"{self.setting}: {self.why}"
        shown = self.value if len(self.value) <= _SHOWN_MAX else f"{self.value[:_SHOWN_MAX]}..."
        return f"{self.setting}={shown!r}: {self.why}"


class SettingsInvalid(ValueError):
    """The settings cannot be used; ``problems`` holds all that is wrong with them, at least one."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        """Keep the problems, and put them into one line for whoever only prints the exception."""
        assert problems, "without a problem they are valid"
        super().__init__("; ".join(str(problem) for problem in problems))
        self.problems = tuple(problems)
