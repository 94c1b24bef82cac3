"""Where ``petrosa`` starts: the group of all commands, and what becomes of errors."""

import os
import sys
from collections.abc import Sequence
from importlib.metadata import version

import click

from petrosa_adapters.system import SystemClock
from petrosa_core.ports import JournalMismatch
from petrosa_entrypoints.cli import acting, reading, serving
from petrosa_entrypoints.cli.audit import audit
from petrosa_entrypoints.cli.config import config
from petrosa_entrypoints.cli.shell import BAD_INPUT, DONE, FAILED, Failed, Shell, os_user
from petrosa_entrypoints.cli.signals import signal
from petrosa_entrypoints.display import printable
from petrosa_entrypoints.offline import NoRecord
from petrosa_entrypoints.settings import SettingsInvalid

_INTERRUPTED = 130


@click.group(invoke_without_command=True, no_args_is_help=False, context_settings={"help_option_names": ["-h", "--help"]},
             epilog="Example: petrosa run")  # fmt: skip
@click.version_option(version("petrosa-tradeengine"), prog_name="petrosa")
@click.pass_context
def petrosa(context: click.Context) -> None:
    """A trading signal goes in; a sized, protected, audited order comes out."""
    if context.invoked_subcommand is None:
        click.echo(context.get_help())


for command in (*serving.COMMANDS, *reading.COMMANDS, *acting.COMMANDS, signal, audit, config):
    petrosa.add_command(command)


def run(arguments: Sequence[str], shell: Shell) -> int:
    """Carry out one command line and return its exit code; what went wrong is one line on the shell's error stream."""
    try:
        code = petrosa.main(list(arguments), prog_name="petrosa", obj=shell, standalone_mode=False)
    except (click.UsageError, click.FileError) as error:
        return _complain(shell, error.format_message(), BAD_INPUT)
    except (SettingsInvalid, JournalMismatch) as error:
        return _complain(shell, str(error), BAD_INPUT)
    except (Failed, NoRecord, click.ClickException) as error:
        return _complain(shell, str(error), FAILED)
    except (click.Abort, KeyboardInterrupt):
        return _INTERRUPTED
    except BrokenPipeError:
        # Whoever read our output has seen enough; the interpreter must not try to flush the rest.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED
    return code if isinstance(code, int) else DONE


def _complain(shell: Shell, message: str, code: int) -> int:
    shell.err.write(f"petrosa: {printable(' '.join(message.split()))}\n")
    return code


def main() -> None:
    """The console script."""
    shell = Shell(env=os.environ, out=sys.stdout, err=sys.stderr, user=f"cli:{os_user()}", clock=SystemClock())
    sys.exit(run(sys.argv[1:], shell))
