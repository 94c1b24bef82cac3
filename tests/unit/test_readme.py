"""What the README shows is run: its Python blocks print what they say they print."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BLOCKS = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.DOTALL)


def test_the_readme_shows_both_ways_to_embed():
    """One example without I/O, one with the whole engine."""
    assert len(BLOCKS) == 2


@pytest.mark.parametrize("block", BLOCKS, ids=["decide", "embed"])
def test_an_example_prints_what_it_says(block: str, tmp_path: Path):
    """given a block of the README, when it is run as it stands, then its last comment is the last line it prints."""
    said = re.findall(r"print\(.*\)  # (.*)", block)[-1]
    script = tmp_path / "example.py"
    script.write_text(block, encoding="utf-8")

    told = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, check=False, cwd=tmp_path)

    assert told.returncode == 0, told.stderr
    assert said in told.stdout.splitlines()


def test_the_example_without_io_takes_twelve_lines():
    """Imports aside, judging a signal fits on a screen."""
    lines = [line for line in BLOCKS[0].splitlines() if line.strip()]

    assert len(lines) <= 12
