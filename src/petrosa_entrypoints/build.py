"""Which build this is: the version, and a digest over the code itself, so that two states of one version are told apart."""

from functools import cache
from hashlib import sha256
from importlib.metadata import version
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Final

DISTRIBUTION: Final = "petrosa-tradeengine"
_PACKAGES: Final = ("petrosa_core", "petrosa_adapters", "petrosa_entrypoints")
_DIGITS: Final = 12


@cache
def build_id() -> str:
    """``version+digest``, e.g. ``0.1.0+3f9a01c2b7d4``: the SHA-256 over every module's path and text."""
    digest = sha256()
    for package in _PACKAGES:
        for path, module in sorted(_modules(files(package), package)):
            digest.update(path.encode() + b"\0" + module.read_bytes() + b"\0")
    return f"{version(DISTRIBUTION)}+{digest.hexdigest()[:_DIGITS]}"


def _modules(folder: Traversable, path: str) -> list[tuple[str, Traversable]]:
    found = []
    for item in folder.iterdir():
        if item.is_dir():
            found += _modules(item, f"{path}/{item.name}")
        elif item.name.endswith(".py"):
            found.append((f"{path}/{item.name}", item))
    return found
