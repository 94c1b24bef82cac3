"""How the first minute looks: coloured lines on a terminal, one JSON object a line anywhere else."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final, Protocol, TextIO

import attrs
from rich.console import Console
from rich.table import Table
from rich.text import Text

from petrosa_adapters.wire.plain_json import dumps
from petrosa_core.desk import Plain
from petrosa_core.values import iso
from petrosa_entrypoints.demo.checks import Check
from petrosa_entrypoints.demo.story import Line, Tone
from petrosa_entrypoints.display import console, printable

_STYLES: Final[Mapping[Tone, str]] = MappingProxyType(
    {Tone.NEWS: "", Tone.GOOD: "green", Tone.REFUSAL: "yellow", Tone.TROUBLE: "bold red"}
)


@attrs.frozen(kw_only=True)
class Summary:
    """What stands at the end, in words: the equity with its asset, the protected share, and how the proof went."""

    equity: str
    protected: str
    verified: str
    checks: Sequence[Check]

    @property
    def kept(self) -> bool:
        """Whether every promise held."""
        return all(check.held for check in self.checks)


class Screen(Protocol):
    """Where the show is told."""

    def title(self, text: str, fields: Mapping[str, Plain]) -> None:
        """What comes next."""
        ...

    def line(self, line: Line) -> None:
        """Something happened."""
        ...

    def summary(self, summary: Summary) -> None:
        """How it stands at the end."""
        ...

    def hints(self, title: str, hints: Mapping[str, str]) -> None:
        """What to do next: a command or an address by what it is for."""
        ...


class JsonScreen:
    """One JSON object a line, flushed at once."""

    def __init__(self, out: TextIO) -> None:
        """Write there."""
        self._out = out

    def _put(self, fields: Mapping[str, Plain]) -> None:
        self._out.write(dumps(fields).decode("ascii") + "\n")
        self._out.flush()

    def title(self, text: str, fields: Mapping[str, Plain]) -> None:
        """What comes next."""
        self._put({"event": "title", "text": text, **fields})

    def line(self, line: Line) -> None:
        """Something happened."""
        self._put({"at": iso(line.at), "event": line.event, "text": line.text, **line.fields})

    def summary(self, summary: Summary) -> None:
        """How it stands at the end."""
        for check in summary.checks:
            self._put({"event": "check", "claim": check.claim, "held": check.held, "evidence": check.evidence})
        self._put(
            {
                "event": "summary",
                "equity": summary.equity,
                "protected": summary.protected,
                "journal": summary.verified,
                "kept": summary.kept,
            }
        )

    def hints(self, title: str, hints: Mapping[str, str]) -> None:
        """What to do next."""
        self._put({"event": "next", "title": title, **hints})


class RichScreen:
    """Lines for people. Everything that came from outside is shown as text, never as markup."""

    def __init__(self, terminal: Console) -> None:
        """Write there."""
        self._console = terminal

    def title(self, text: str, fields: Mapping[str, Plain]) -> None:
        """What comes next."""
        del fields  # they are for programs
        self._console.print()
        self._console.print(Text(printable(text), style="bold cyan"), soft_wrap=True)

    def line(self, line: Line) -> None:
        """Something happened."""
        moment = (f"  {iso(line.at)[11:23]}  ", "dim")
        self._console.print(Text.assemble(moment, (printable(line.text), _STYLES[line.tone])), soft_wrap=True)

    def summary(self, summary: Summary) -> None:
        """How it stands at the end."""
        table = Table(box=None, pad_edge=False, show_header=False)
        for check in summary.checks:
            mark = Text("held", style="green") if check.held else Text("FAILED", style="bold red")
            table.add_row(mark, Text(printable(check.claim)), Text(printable(check.evidence), style="dim"))
        self._console.print()
        self._console.print(table)
        self._console.print()
        figures = f"equity {summary.equity}   protected {summary.protected}   journal {summary.verified}"
        self._console.print(Text(figures, style="bold green" if summary.kept else "bold red"), soft_wrap=True)

    def hints(self, title: str, hints: Mapping[str, str]) -> None:
        """What to do next; nothing is cut or wrapped, so that it can be copied."""
        self._console.print()
        self._console.print(Text(title, style="bold"))
        for what, how in hints.items():
            self._console.print(Text.assemble((f"  {what:<7} ", "dim"), how), soft_wrap=True)


def screen_for(out: TextIO) -> Screen:
    """Rich lines on a terminal, JSON lines otherwise."""
    return RichScreen(console(out)) if out.isatty() else JsonScreen(out)
