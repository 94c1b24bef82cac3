"""Changing some fields of a value, and nothing else."""

import attrs
import pytest

from petrosa_core.values import Word, evolve


@attrs.frozen(kw_only=True)
class Pair:
    """Two numbers, the second not below the first, and one that nobody hands in."""

    least: int
    most: int = 9
    _hidden: str = "h"
    made: int = attrs.field(default=7, init=False)

    def __attrs_post_init__(self) -> None:
        """Refuse what is the wrong way round."""
        if self.most < self.least:
            raise ValueError("most: below least")


@pytest.mark.parametrize("changes", [{}, {"least": 3}, {"most": 5, "least": 4}, {"hidden": "x"}])
def test_it_is_what_attrs_makes_of_it(changes):
    """Given any fields to change, then the result is that of attrs.evolve, private fields included."""
    pair = Pair(least=1, hidden="y")

    assert evolve(pair, **changes) == attrs.evolve(pair, **changes)


def test_the_value_itself_stays_as_it_was():
    """Given a change, then a new value has it."""
    pair = Pair(least=1)

    assert evolve(pair, least=2) is not pair
    assert pair.least == 1


def test_a_copy_is_validated_as_any_new_value():
    """Given a change that the class refuses, then it is refused here too."""
    with pytest.raises(ValueError, match="below least"):
        evolve(Pair(least=1), most=0)


def test_a_field_that_is_not_there_is_a_mistake():
    """Given a name that is no field, or one that nobody may hand in, then it is a TypeError."""
    with pytest.raises(TypeError):
        evolve(Pair(least=1), other=1)  # type: ignore[call-arg]
    with pytest.raises(TypeError):
        evolve(Pair(least=1), made=1)  # type: ignore[call-arg]


class Colour(Word):
    """Two words."""

    RED = "red"
    BLUE = "blue"


def test_a_word_is_the_text_that_it_is():
    """Given a word of a closed set, then it is found by its text, and its text by it."""
    by_text: dict[str, int] = {Colour.RED: 1}

    assert by_text["red"] == 1
    assert hash(Colour.BLUE) == hash("blue")
    assert f"{Colour.RED}" == "red"
