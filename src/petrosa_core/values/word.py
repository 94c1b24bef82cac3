"""Words from closed sets: enums of text, for which members are compared and hashed as the text that they are.

``enum`` hashes a member by a Python function over its name; a member here is looked up as fast as any string.
"""

from enum import StrEnum


class Word(StrEnum):
    """A word of one vocabulary; written, compared and hashed as its text."""

    __hash__ = str.__hash__
