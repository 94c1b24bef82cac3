"""The document of the order table says what the table says."""

from pathlib import Path

from petrosa_core.execution.order_state import transitions_markdown

DOCUMENT = Path(__file__).resolve().parents[3] / "docs" / "reference" / "order-states.md"


def test_the_document_is_drawn_from_the_table():
    """given the transitions, when the document is drawn, then it is the one that is committed."""
    assert DOCUMENT.read_text(encoding="utf-8") == transitions_markdown()
