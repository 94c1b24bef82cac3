"""What goes over any wire: bodies to signals, plain values to bodies. The one package that adapters share."""

from petrosa_adapters.wire.answers import alert, anchor, dead_letter
from petrosa_adapters.wire.plain_json import dumps
from petrosa_adapters.wire.signals import read_signal

__all__ = ["alert", "anchor", "dead_letter", "dumps", "read_signal"]
