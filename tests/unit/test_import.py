"""What importing the core costs, and what it needs."""

import subprocess
import sys

ALLOWED = {"attr", "attrs", "petrosa_core"}

# -S leaves out site-packages' start-up files, which load what they like; the path to attrs is given back by hand.
_PROBE = """
import sys
sys.path[:0] = {paths!r}
before = set(sys.modules)
import petrosa_core.application
foreign = {{name.partition(".")[0] for name in set(sys.modules) - before}} - set(sys.stdlib_module_names)
print(" ".join(sorted(foreign)))
"""


def test_the_core_needs_attrs_alone():
    """given an interpreter that loads nothing by itself, when the whole core is imported, then only attrs came along."""
    probe = _PROBE.format(paths=[path for path in sys.path if path])

    told = subprocess.run([sys.executable, "-S", "-c", probe], capture_output=True, text=True, check=True)

    assert set(told.stdout.split()) <= ALLOWED


def test_importing_the_package_loads_next_to_nothing():
    """``import petrosa_core`` is for whoever wants one part of it: no part is loaded before it is asked for."""
    told = subprocess.run(
        [
            sys.executable,
            "-c",
            "import sys, petrosa_core; print(sum(n.startswith('petrosa_core') for n in sys.modules))",
        ],
        capture_output=True,
        text=True,
        check=True,
    )

    assert told.stdout.strip() == "1"
