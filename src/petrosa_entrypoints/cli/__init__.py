"""The command line: ``petrosa run | worker | http | signal | why | positions | ... | audit | config``."""

import sys

_INTERRUPTED = 130


def main() -> None:
    """The console script. It loads the commands itself, so that Ctrl-C is quiet from the first moment on."""
    try:
        from petrosa_entrypoints.cli.main import main as commands
    except KeyboardInterrupt:
        sys.exit(_INTERRUPTED)
    commands()


__all__ = ["main"]
