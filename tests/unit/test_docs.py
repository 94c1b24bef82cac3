"""The documents can be trusted: what they point at exists."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
DECISIONS = sorted((ROOT / "docs" / "decisions").glob("[0-9]*.md"))


def test_every_relative_link_leads_somewhere():
    """A reader who follows a link arrives."""
    broken = [
        f"{document.relative_to(ROOT)}: {target}"
        for document in DOCUMENTS
        for target in LINK.findall(document.read_text("utf-8"))
        if "://" not in target and not target.startswith(("#", "mailto:"))
        if not (document.parent / target.partition("#")[0]).exists()
    ]

    assert DOCUMENTS
    assert broken == []


def test_decisions_are_numbered_without_gaps():
    """A decision is replaced by a later one, never removed."""
    assert [int(path.name[:4]) for path in DECISIONS] == list(range(1, len(DECISIONS) + 1))


def test_every_decision_says_its_status_and_its_cost():
    """A decision without a cost was not one."""
    assert DECISIONS
    for path in DECISIONS:
        text = path.read_text("utf-8")
        assert re.search(r"^Status: (accepted|superseded by \d{4})", text, flags=re.MULTILINE), path.name
        assert "## Cost" in text, path.name
