"""One account's state and its step: fold(entries) -> Book; step(Book, input) -> (entries, commands)."""

from petrosa_core.desk.answers import Arrival, Done, Plain, Refused, Verdict
from petrosa_core.desk.book import Book, Foreign, SignalRecord, Totals
from petrosa_core.desk.fold import FOLD_VERSION, apply
from petrosa_core.desk.inputs import Input
from petrosa_core.desk.react import step
from petrosa_core.desk.step import Answer, Command, LookUp, Rules, Send, SendCancel, Stepped

__all__ = [
    "FOLD_VERSION",
    "Answer",
    "Arrival",
    "Book",
    "Command",
    "Done",
    "Foreign",
    "Input",
    "LookUp",
    "Plain",
    "Refused",
    "Rules",
    "Send",
    "SendCancel",
    "SignalRecord",
    "Stepped",
    "Totals",
    "Verdict",
    "apply",
    "step",
]
