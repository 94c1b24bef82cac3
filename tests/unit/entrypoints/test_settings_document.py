"""The documents of the settings say what the program does."""

from pathlib import Path

import pytest

from petrosa_entrypoints.settings import TABLE
from petrosa_entrypoints.settings.document import README, README_ROWS, REFERENCE, readme_table, reference, with_table

MEND = "run python -m petrosa_entrypoints.settings.document"


def test_the_reference_page_is_what_the_table_says(root: Path):
    """given a changed setting, when the page was not generated again, then this fails and says how to mend it."""
    assert (root / REFERENCE).read_text("utf-8") == reference(), MEND


def test_the_readme_table_is_what_the_table_says(root: Path):
    """given a changed setting, when the README was not generated again, then this fails and says how to mend it."""
    readme = (root / README).read_text("utf-8")

    assert with_table(readme) == readme, MEND


def test_the_reference_page_has_every_setting_once():
    """No setting is undocumented, and none is described twice."""
    page = reference()

    assert [row.name for row in TABLE if page.count(f"| `{row.name}` |") != 1] == []


def test_the_readme_table_has_the_variables_of_the_specification():
    """A reader who knows the specification finds its ten variables first."""
    specified = {"BINANCE_API_KEY", "BINANCE_API_SECRET", "BINANCE_TESTNET", "SIMULATION_ENABLED", "MONGODB_URL",
                 "MONGODB_DATABASE", "NATS_URL", "NATS_SIGNAL_SUBJECT", "STOP_LOSS_DEFAULT", "TAKE_PROFIT_DEFAULT"}  # fmt: skip

    assert specified <= set(README_ROWS)
    assert "| `STOP_LOSS_DEFAULT` | `2.0` |" in readme_table()


def test_a_readme_without_markers_is_told():
    """given a README that lost its markers, when the table is put in, then nothing is guessed."""
    with pytest.raises(ValueError, match="settings:begin"):
        with_table("# Petrosa")
