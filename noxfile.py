"""One verb per session. ``nox`` checks the house; ``nox -s unit`` (laws, crash, contract, e2e) runs one room of tests.

Every session runs in the .venv that ``make setup`` fills: nothing is installed here.
"""

import os
import sys
from pathlib import Path

import nox

nox.needs_version = ">=2026.10"
nox.options.default_venv_backend = "none"
nox.options.sessions = ["lint", "types", "architecture"]
nox.options.stop_on_first_error = False

BIN = Path(sys.executable).parent
os.environ["PATH"] = f"{BIN}{os.pathsep}{os.environ['PATH']}"


@nox.session
def lint(session: nox.Session) -> None:
    """Style: ruff's rules and its formatter."""
    session.run("ruff", "check", *session.posargs)
    session.run("ruff", "format", "--check")


@nox.session
def types(session: nox.Session) -> None:
    """Types: mypy, strict."""
    session.run("mypy", *session.posargs)


@nox.session
def architecture(session: nox.Session) -> None:
    """The import contracts: who may know whom."""
    session.run("lint-imports", "--no-logo", *session.posargs)


def tests_in(session: nox.Session, folder: str, *args: str) -> None:
    """Run one folder of tests; a folder without a single test fails, a folder that is not there is said aloud."""
    if not Path("tests", folder).is_dir():
        session.skip(f"there is no tests/{folder} yet")
    session.run("pytest", f"tests/{folder}", *args, *session.posargs)


@nox.session
def unit(session: nox.Session) -> None:
    """Examples: one module at a time."""
    tests_in(session, "unit")


@nox.session
def laws(session: nox.Session) -> None:
    """Properties that hold for all inputs."""
    tests_in(session, "laws")


@nox.session
def crash(session: nox.Session) -> None:
    """The engine killed at every write, and recovered."""
    tests_in(session, "crash")


@nox.session
def contract(session: nox.Session) -> None:
    """Every adapter against the numbered promises of its port."""
    tests_in(session, "contract")


@nox.session
def e2e(session: nox.Session) -> None:
    """The whole program, from a signal to the record."""
    tests_in(session, "e2e")


@nox.session(default=False)
def coverage(session: nox.Session) -> None:
    """Every test under coverage; the core must be covered in full, branches included."""
    session.run("coverage", "erase")
    session.run("coverage", "run", "-m", "pytest", "--timeout=300", *session.posargs)
    session.run("coverage", "combine", "--quiet")
    session.run("coverage", "report", "--include=src/petrosa_adapters/*,src/petrosa_entrypoints/*")
    session.run("coverage", "report", "--include=src/petrosa_core/*", "--fail-under=100")


@nox.session(default=False)
def sweep(session: nox.Session) -> None:
    """Laws and crash schedules with many more examples; takes its time."""
    folders = [f"tests/{name}" for name in ("laws", "crash") if Path("tests", name).is_dir()]
    env = {"HYPOTHESIS_PROFILE": "nightly", "HOSTILE_BODIES": "100000"}
    session.run("pytest", *folders, "--timeout=0", *session.posargs, env=env)


@nox.session(default=False)
def sigkill(session: nox.Session) -> None:
    """Fifty rounds of SIGKILL under load; what held is written to benchmarks/sigkill.md. SIGKILL_ROUNDS sets how many."""
    rounds = os.environ.get("SIGKILL_ROUNDS", "50")
    record = Path("benchmarks", "sigkill.md").absolute()
    env = {"SIGKILL_ROUNDS": rounds, "SIGKILL_RECORD": str(record)}
    session.run("pytest", "tests/e2e/test_sigkill.py", "--timeout=0", *session.posargs, env=env)


@nox.session(default=False)
def mutation(session: nox.Session) -> None:
    """Change the code that decides, and see whether a test notices."""
    session.run("mutmut", "run", *session.posargs, env={"HYPOTHESIS_PROFILE": "mutation"})
    session.run("mutmut", "results")


@nox.session(default=False)
def bench(session: nox.Session) -> None:
    """Measure against the floors, in about three minutes; ``-- --write`` keeps the table in benchmarks/README.md."""
    session.run("python", "-m", "benchmarks", *session.posargs)


@nox.session(default=False)
def docs(session: nox.Session) -> None:
    """The documents: links lead somewhere."""
    session.run("pytest", "tests/unit/test_docs.py", *session.posargs)
