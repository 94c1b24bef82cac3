"""The style that no linter knows: the house is tidy, or the build fails."""

import ast
import io
import re
import subprocess
import tokenize
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SRC = ROOT / "src"
MODULES = sorted(SRC.rglob("*.py"))
CORE = [path for path in MODULES if path.is_relative_to(SRC / "petrosa_core")]
QUIET = [path for path in MODULES if not path.is_relative_to(SRC / "petrosa_entrypoints")]
LOCKS = sorted((ROOT / "requirements").glob("*.lock"))

LINES_MAX = 400

# A worker's outermost loop may catch everything: one bad message must not end the service. Nothing else may.
BLIND_EXCEPT_ALLOWED: frozenset[str] = frozenset()

# In pieces, so that this file does not name what no file may name.
REGISTRIES = [
    ".".join(host)
    for host in (
        ("pypi", "org"),
        ("pythonhosted", "org"),
        ("npmjs", "org"),
        ("npmjs", "com"),
        ("yarnpkg", "com"),
        ("deb", "debian", "org"),
        ("archive", "ubuntu", "com"),
        ("proxy", "golang", "org"),
        ("index", "crates", "io"),
    )
]
MACHINE_PATHS = [
    "/" + "/".join(path) for path in (("work", ""), ("root", ""), ("home", "[a-z]"), ("Users", "[A-Za-z]"))
]
UNFINISHED = ["TO" + "DO", "FIX" + "ME", "XX" + "X"]


def name(path: Path) -> str:
    """How a finding names its file."""
    return path.relative_to(ROOT).as_posix()


@cache
def tree(path: Path) -> ast.Module:
    """The file, parsed once."""
    return ast.parse(path.read_text("utf-8"), filename=name(path))


def nodes(paths: list[Path], kind: type[ast.AST]) -> Iterator[tuple[Path, ast.AST]]:
    """Every node of one kind in the files."""
    return ((path, node) for path in paths for node in ast.walk(tree(path)) if isinstance(node, kind))


def at(path: Path, node: ast.AST) -> str:
    """Where a finding is."""
    return f"{name(path)}:{getattr(node, 'lineno', 1)}"


def calls(paths: list[Path], function: str) -> list[str]:
    """Where the files call a function by its bare name."""
    return [
        at(path, node)
        for path, node in nodes(paths, ast.Call)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == function
    ]


@cache
def tracked() -> list[Path]:
    """The text files that belong to the repository."""
    try:
        listing = subprocess.run(
            ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
            cwd=ROOT,
            check=True,
            capture_output=True,
        ).stdout.decode()
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("not a git checkout: cannot tell which files are ours")
    paths = (ROOT / entry for entry in listing.split("\0") if entry)
    return [path for path in paths if path.is_file() and b"\0" not in path.read_bytes()[:8192]]


def lines_matching(pattern: str) -> list[str]:
    """Every line of a tracked file that matches."""
    wanted = re.compile(pattern)
    return [
        f"{name(path)}:{number}"
        for path in tracked()
        for number, line in enumerate(path.read_text("utf-8", "replace").splitlines(), start=1)
        if wanted.search(line)
    ]


def test_there_is_code_to_look_at():
    """The checks below would pass on an empty list."""
    assert CORE
    assert QUIET
    assert LOCKS


def test_the_core_never_makes_a_float():
    """Money is Decimal: no ``float(...)`` and no literal with a point in the core."""
    assert calls(CORE, "float") == []
    assert [
        at(path, node)
        for path, node in nodes(CORE, ast.Constant)
        if isinstance(node, ast.Constant) and isinstance(node.value, float | complex)
    ] == []


def test_every_module_says_what_it_owns():
    """A module without a docstring has no owner."""
    assert [name(path) for path in MODULES if not ast.get_docstring(tree(path))] == []


def test_every_folder_of_code_is_a_package():
    """A folder without ``__init__.py`` escapes the import contracts."""
    assert [name(path) for path in MODULES if not (path.parent / "__init__.py").is_file()] == []


def test_no_file_is_longer_than_a_sitting():
    """A file owns one idea."""
    assert [name(path) for path in MODULES if len(path.read_text("utf-8").splitlines()) > LINES_MAX] == []


def test_no_blind_except():
    """An exception that nobody expected is a bug, and a bug is not a business outcome."""
    blind = [
        at(path, node)
        for path, node in nodes(MODULES, ast.ExceptHandler)
        if isinstance(node, ast.ExceptHandler)
        and name(path) not in BLIND_EXCEPT_ALLOWED
        and any(
            isinstance(caught, ast.Name) and caught.id in {"Exception", "BaseException"}
            for caught in (node.type.elts if isinstance(node.type, ast.Tuple) else [node.type])
        )
    ]
    bare = [
        at(path, node)
        for path, node in nodes(MODULES, ast.ExceptHandler)
        if isinstance(node, ast.ExceptHandler) and node.type is None
    ]

    assert blind + bare == []


def test_the_allow_list_names_files_that_exist():
    """An exception to a rule ends with its reason."""
    assert [entry for entry in BLIND_EXCEPT_ALLOWED if not (ROOT / entry).is_file()] == []


def test_only_entrypoints_print():
    """The core has nothing to say to a terminal, and an adapter logs."""
    assert calls(QUIET, "print") == []


def test_nothing_is_left_for_later():
    """What is worth doing later is worth an issue; a comment is where it is forgotten."""
    unfinished = re.compile(rf"\b({'|'.join(UNFINISHED)})\b")
    python = [path for path in tracked() if path.suffix == ".py"]
    comments = [
        (path, token)
        for path in python
        for token in tokenize.generate_tokens(io.StringIO(path.read_text("utf-8")).readline)
        if token.type == tokenize.COMMENT
    ]

    assert [f"{name(path)}:{token.start[0]}" for path, token in comments if unfinished.search(token.string)] == []


def test_no_file_names_a_package_registry():
    """Whoever installs chooses where packages come from."""
    assert lines_matching("|".join(re.escape(host) for host in REGISTRIES)) == []


def test_no_file_names_a_place_on_one_machine():
    """A path that exists on the author's machine exists nowhere else."""
    assert lines_matching(rf"(?<![\w./~-])({'|'.join(MACHINE_PATHS)})") == []


@pytest.mark.parametrize("lock", LOCKS, ids=name)
def test_every_pin_of_a_lock_has_a_hash(lock: Path):
    """A pin without a hash trusts the network."""
    text = lock.read_text("utf-8").replace("\\\n", " ")
    pins = [line for line in text.splitlines() if line and not line.lstrip().startswith("#")]

    assert pins
    assert [pin.split()[0] for pin in pins if "==" not in pin or "--hash=sha256:" not in pin] == []


def pins(lock: str) -> set[str]:
    """The name==version pairs of a lock."""
    text = (ROOT / "requirements" / lock).read_text("utf-8")
    return set(re.findall(r"^[a-z0-9][\w.-]*==[^\s;]+", text, flags=re.MULTILINE))


def test_the_development_lock_holds_the_run_lock():
    """What is tested is what runs, to the version; and one environment serves both."""
    assert pins("run.lock") - pins("dev.lock") == set()
