"""The command line: ``petrosa run | worker | http | signal | why | positions | ... | audit | config``."""

from petrosa_entrypoints.cli.main import main

__all__ = ["main"]
