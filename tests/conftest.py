"""What every test may count on: the event loop, how hard Hypothesis tries, the order of the rooms, the shared files."""

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

ROOT = Path(__file__).resolve().parent.parent
IN_CI = os.environ.get("CI", "").lower() in {"1", "true", "yes"}

# From the smallest claim to the largest: what breaks first explains what breaks later.
ROOMS = ("unit", "laws", "crash", "contract", "e2e")
# The rooms that a complete run must not find empty.
PROOFS = ("unit", "laws", "contract", "e2e")

# A machine may be slow without being wrong: deadlines belong to pytest-timeout.
settings.register_profile("dev", max_examples=50, deadline=None)
settings.register_profile("ci", max_examples=200, deadline=None, derandomize=True, print_blob=True)
settings.register_profile(
    "nightly", max_examples=20_000, deadline=None, print_blob=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile("mutation", max_examples=25, deadline=None, derandomize=True, database=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE") or ("ci" if IN_CI else "dev"))


def room_of(path: Path) -> str:
    """The folder of tests/ that a file stands in."""
    parts = path.relative_to(ROOT / "tests").parts
    return parts[0] if len(parts) > 1 else ""


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep the rooms in order; inside a room the shuffle stands (pytest-randomly has run by now)."""
    items.sort(key=lambda item: ROOMS.index(room) if (room := room_of(item.path)) in ROOMS else len(ROOMS))


def pytest_collection_finish(session: pytest.Session) -> None:
    """A complete run that finds a room empty is no proof: it fails."""
    if session.config.args_source is not pytest.Config.ArgsSource.TESTPATHS or session.config.option.keyword:
        return
    found = {room_of(item.path) for item in session.items}
    empty = [room for room in PROOFS if room not in found and (ROOT / "tests" / room).is_dir()]
    if empty and not session.config.option.markexpr:
        raise pytest.UsageError(f"no tests in {', '.join(f'tests/{room}' for room in empty)}")


def pytest_report_header() -> list[str]:
    """Name the rooms that do not exist, so that their silence is not taken for success."""
    missing = [f"tests/{room}" for room in PROOFS if not (ROOT / "tests" / room).is_dir()]
    return [f"NOT PROVEN: there is no {', '.join(missing)} yet"] if missing else []


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    """Asyncio is the loop that every shell runs on."""
    return "asyncio"


@pytest.fixture(scope="session")
def root() -> Path:
    """The top of the repository."""
    return ROOT


@pytest.fixture(scope="session")
def shared() -> Path:
    """The shared examples of signals, outputs and market data, which lie beside the repository (or at PETROSA_SHARED).

    Absent here, the test is skipped aloud; absent in CI, it fails.
    """
    folder = Path(os.environ.get("PETROSA_SHARED") or ROOT.parent / "shared")
    if not folder.is_dir():
        reason = f"the shared examples are not at {folder}: set PETROSA_SHARED"
        if IN_CI:
            pytest.fail(reason)
        pytest.skip(reason)
    return folder
