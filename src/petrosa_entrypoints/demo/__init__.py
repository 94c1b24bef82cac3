"""The first minute: everything on one machine, what it is there for shown once, and every claim checked."""

from petrosa_entrypoints.demo.show import Interrupted, ShowFailed, show

__all__ = ["Interrupted", "ShowFailed", "show"]
