"""The command line: what it prints, what it writes, and how it fails. Every test is the operator at a Shell of its own."""

import io
import json
import re
import subprocess
import sys
from decimal import Decimal

import click
import pytest

from petrosa_adapters.system import SystemClock
from petrosa_core.values import Moment
from petrosa_entrypoints.cli import main as main_module
from petrosa_entrypoints.cli.main import petrosa, run
from petrosa_entrypoints.cli.moments import since
from petrosa_entrypoints.cli.reading import LIMITS, ORDERS, POSITIONS, REJECTIONS, TRADES
from petrosa_entrypoints.cli.shell import Shell
from petrosa_entrypoints.cli.why import ENTRIES
from petrosa_entrypoints.cli.why import ORDERS as WHY_ORDERS
from petrosa_entrypoints.settings import TABLE

JSON_COMMANDS = {
    "positions": POSITIONS,
    "orders --all": ORDERS,
    "trades": TRADES,
    "limits": LIMITS,
    "rejections": REJECTIONS,
}


def operator(folder, *arguments, **env):
    """(exit code, standard output, standard error) of one command on the account in the folder."""
    out, err = io.StringIO(), io.StringIO()
    shell = Shell(env={"DATA_DIR": str(folder), **env}, out=out, err=err, user="cli:tester", clock=SystemClock())
    code = run(arguments, shell)
    return code, out.getvalue(), err.getvalue()


def answer(folder, *arguments):
    """What a command that succeeds answers in JSON, numbers exact."""
    code, out, err = operator(folder, *arguments, "--json")
    assert (code, err) == (0, "")
    return json.loads(out, parse_float=Decimal)


def every_command():
    """All commands with their whole names."""
    for name, command in petrosa.commands.items():
        if isinstance(command, click.Group):
            yield from ((f"{name} {sub}", inner) for sub, inner in command.commands.items())
        else:
            yield name, command


COMMANDS = dict(every_command())
ACTING = ["close", "halt", "reduce", "resume", "flatten"]


# ---------------------------------------------------------------- every command


def test_the_commands_are_those_that_were_promised():
    """A name in the documents is a name on the command line."""
    assert set(COMMANDS) == {
        *("run", "worker", "http", "why", "positions", "orders", "trades", "account", "limits", "rejections"),
        *("close", "halt", "reduce", "resume", "flatten", "config show"),
        *("signal send", "signal explain", "audit verify", "audit export", "audit rebuild"),
    }


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_helps_with_an_example(name, tmp_path, capsys):
    """given --help, when it is asked of any command, then it says what the command does and shows one call."""
    code, _, err = operator(tmp_path, *name.split(), "--help")
    told = capsys.readouterr().out

    assert (code, err) == (0, "")
    assert f"Usage: petrosa {name}" in told
    assert "Example: " in told
    assert COMMANDS[name].get_short_help_str(200)


@pytest.mark.parametrize("name", ACTING)
def test_what_acts_asks_for_a_reason(name, traded):
    """given a command that acts, when no reason is given, then nothing is done, even with --commit."""
    arguments = [name, "sg-1"] if name == "close" else [name]

    for reason in ([], ["--reason", "  "]):
        code, out, err = operator(traded[0], *arguments, "--commit", *reason)
        assert (code, out) == (2, "")
        assert "--reason" in err


@pytest.mark.parametrize(
    "arguments",
    [
        ["nonsense"],
        ["orders", "--nonsense"],
        ["why"],
        ["rejections", "--since", "yesterday"],
        ["close", "sg-1", "--reason", "r", "--quantity", "0"],
        ["close", "sg-1", "--reason", "r", "--quantity", "x"],
        ["audit", "verify", "--anchor", "12"],
        ["signal", "explain", "no-such-file.json"],
        ["signal"],
        ["http", "--port", "70000"],
    ],
    ids=" ".join,
)
def test_bad_input_is_one_line_and_exit_code_2(arguments, traded):
    """given input that cannot be meant, when a command is called, then one line says what is wrong."""
    code, out, err = operator(traded[0], *arguments)

    assert (code, out) == (2, "")
    assert err.startswith("petrosa: ")
    assert err.count("\n") == 1


def test_wrong_settings_are_bad_input_and_all_told_in_one_line(traded):
    """given two wrong settings, when any command is called, then one line names both."""
    code, _, err = operator(traded[0], "positions", HTTP_PORT="x", MARKET="moon")

    assert code == 2
    assert err.count("\n") == 1
    assert "HTTP_PORT='x'" in err
    assert "MARKET='moon'" in err


def test_without_a_command_the_help_is_shown(tmp_path, capsys):
    """given nothing, when petrosa is called, then it lists what it can do and succeeds."""
    assert operator(tmp_path)[0] == 0
    assert "positions" in capsys.readouterr().out


def test_a_missing_journal_is_told_and_not_made(tmp_path):
    """given no journal yet, when somebody looks, then it is said where it would be, and no file appears."""
    code, _, err = operator(tmp_path, "positions")

    assert code == 1
    assert "there is no journal at" in err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("command", ["positions", "audit verify"])
def test_a_journal_that_cannot_be_read_is_named(command, tmp_path):
    """given something else where the journal should be, when somebody looks, then one line says which file it is."""
    journal = tmp_path / "journal.db"
    journal.write_bytes(b"nothing that was ever a database" * 64)

    code, _, err = operator(tmp_path, *command.split(), SQLITE_PATH=str(journal))
    assert code == 1
    assert err.startswith(f"petrosa: {journal}: ")
    assert err.count("\n") == 1


def test_a_journal_of_another_market_is_refused(traded):
    """given a USD-M journal, when it is opened as spot, then both are named and the exit code is 2."""
    code, _, err = operator(traded[0], "positions", MARKET="spot")

    assert code == 2
    assert "usdm" in err
    assert "spot" in err


def test_the_console_script_ends_with_the_exit_code(monkeypatch, tmp_path, capsys):
    """given the real entry point, when the input is bad, then the process ends with 2."""
    monkeypatch.setattr(sys, "argv", ["petrosa", "nonsense"])
    monkeypatch.chdir(tmp_path)

    with pytest.raises(SystemExit) as ended:
        main_module()

    assert ended.value.code == 2
    assert "nonsense" in capsys.readouterr().err


def test_an_interrupt_while_the_commands_are_loaded_is_quiet():
    """given Ctrl-C before anything runs, when the program is still being loaded, then it ends with 130 and no traceback."""
    program = """
import sys
import petrosa_entrypoints.cli as cli

class Interrupt:
    def find_spec(self, name, *_):
        if name == "petrosa_entrypoints.cli.main":
            raise KeyboardInterrupt

sys.meta_path.insert(0, Interrupt())
cli.main()
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)

    assert (done.returncode, done.stdout, done.stderr) == (130, "", "")


# ---------------------------------------------------------------- looking


@pytest.mark.parametrize("command", JSON_COMMANDS)
def test_every_column_shows_a_field_that_the_answer_has(command, traded):
    """given the JSON answer of a command, when its table is drawn, then no column points at a field that is not there."""
    rows = answer(traded[0], *command.split())

    assert rows
    for column in JSON_COMMANDS[command]:
        first, _, rest = column.key.partition(".")
        assert first in rows[0], column
        assert not rest or rest in rows[0][first], column


def test_positions_tell_what_is_held_and_that_it_is_covered(traded):
    """given a protected trade, when positions are asked for, then its size and cover are there, exactly."""
    [position] = answer(traded[0], "positions")

    assert position["symbol"] == "BTCUSDT"
    assert position["quantity"] == Decimal("0.001")
    assert position["protected"] is True


def test_orders_can_be_narrowed_to_a_symbol(traded):
    """given orders on one symbol, when another is asked for, then there are none; case does not matter."""
    assert answer(traded[0], "orders", "--all", "--symbol", "ETHUSDT") == []
    legs = {order["leg"] for order in answer(traded[0], "orders", "--symbol", "btcusdt")}
    assert legs == {"stop", "target"}


def test_account_tells_state_and_balance(traded):
    """given an account, when it is asked for, then its mode, trading state and equity are there."""
    told = answer(traded[0], "account")
    code, out, _ = operator(traded[0], "account")

    assert told["status"]["mode"] == "simulation"
    assert told["balance"]["asset"] == "USDT"
    assert code == 0
    assert "trading_state  " in out


def test_rejections_tell_refusals_and_dead_letters_with_their_codes(traded):
    """given two refusals and a dead letter, when rejections are asked for, then all are there, the newest first."""
    found = answer(traded[0], "rejections", "--since", "1h")

    assert [(row["outcome"], row["codes"][0]) for row in found] == [
        ("malformed", "NOT_JSON"),
        ("denied", "CONFIDENCE_TOO_LOW"),
        ("denied", "CONFIDENCE_TOO_LOW"),
    ]
    assert answer(traded[0], "rejections", "--since", "2999-01-01") == []


def test_what_a_strategy_calls_itself_cannot_steer_the_terminal(traded):
    """given a strategy with control codes and markup in its name, when it is shown, then they are shown as text."""
    _, out, _ = operator(traded[0], "rejections")

    assert "\x1b" not in out
    assert r"\x1b[31mred\x0a[bold]" in out


def test_why_tells_the_reasons_and_the_numbers(traded):
    """given a refused signal, when somebody asks why, then code, value and limit are there."""
    folder, verdicts = traded
    told = answer(folder, "why", verdicts["unsure"].signal_id)
    _, out, _ = operator(folder, "why", verdicts["unsure"].signal_id)

    assert told["verdict"]["outcome"] == "denied"
    assert told["reasons"][0]["code"] == "CONFIDENCE_TOO_LOW"
    assert (told["reasons"][0]["value"], told["reasons"][0]["limit"]) == ("0.42", "0.5")
    assert "DENIED" in out
    assert "CONFIDENCE_TOO_LOW" in out


def test_why_follows_a_trade_through_its_orders_and_entries(traded):
    """given a trade, when somebody asks why by any id that the signal carried, then its whole story is there."""
    folder, verdicts = traded
    told = answer(folder, "why", verdicts["bought"].signal_id)
    _, out, _ = operator(folder, "why", verdicts["bought"].signal_id)

    assert [order["leg"] for order in told["trade"]["orders"]].count("stop") == 1
    for columns, rows in ((WHY_ORDERS, told["trade"]["orders"]), (ENTRIES, told["entries"])):
        assert rows
        assert [column.key for column in columns if column.key.partition(".")[0] not in rows[0]] == []
    for section in ("signal", "inputs", "trade", "orders", "journal"):
        assert f"\n{section}\n" in out


def test_why_of_an_unknown_id_fails(traded):
    """given an id that nothing is recorded of, when somebody asks why, then that is said and the exit code is 1."""
    assert operator(traded[0], "why", "sg-nobody") == (1, "", "petrosa: nothing is recorded of 'sg-nobody'\n")


def test_config_show_tells_every_setting_and_no_secret(tmp_path):
    """given settings from several layers, when they are shown, then each says where it came from, and secrets are masked."""
    secret = tmp_path / "secret"
    secret.write_text("hook-canary\n")
    secret.chmod(0o400)
    env = {"WEBHOOK_SECRET_FILE": str(secret), "BINANCE_API_KEY": "key-canary", "MAX_OPEN_TRADES": "3"}

    code, out, _ = operator(tmp_path, "config", "show", "--json", **env)
    _, table, _ = operator(tmp_path, "config", "show", **env)
    rows = {row["name"]: row for row in json.loads(out)["settings"]}

    assert code == 0
    assert set(rows) == {row.name for row in TABLE}
    assert (rows["MAX_OPEN_TRADES"]["value"], rows["MAX_OPEN_TRADES"]["layer"]) == ("3", "env")
    assert (rows["WEBHOOK_SECRET"]["value"], rows["WEBHOOK_SECRET"]["layer"]) == ("***", "file")
    assert rows["MARKET"]["layer"] == "default"
    assert "canary" not in out + table


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("90s", 10_000_000_000 - 90_000_000),
        ("2h", 10_000_000_000 - 7_200_000_000),
        ("1970-01-01T00:00:01Z", 1_000_000),
        ("1970-01-01T01:00:01+01:00", 1_000_000),
        ("1970-01-01T00:00:01", 1_000_000),
    ],
)
def test_since_is_an_age_or_a_time(text, moment):
    """An age counts back from now; a time is UTC unless it says otherwise."""
    assert since(text, Moment(10_000_000_000)) == moment


# ---------------------------------------------------------------- acting


def test_a_halt_is_a_dry_run_without_commit(account):
    """given an active account, when a halt is not committed, then it is told and the journal is as it was."""
    folder, _ = account
    before = operator(folder, "audit", "verify")
    code, out, _ = operator(folder, "halt", "--reason", "storm")

    assert code == 0
    assert "nothing was done: add --commit" in out
    assert operator(folder, "audit", "verify") == before


def test_a_committed_halt_is_in_the_journal_with_who_and_why(account):
    """given a halt with --commit, when the journal is read, then actor and reason stand there, and the chain is sound."""
    folder, _ = account
    code, out, _ = operator(folder, "halt", "--reason", "storm", "--commit")

    assert code == 0
    assert out.startswith("done: set the trading state to halted")
    status = answer(folder, "account")["status"]
    assert (status["trading_state"], status["trading_state_reason"]) == ("halted", "storm")
    assert operator(folder, "audit", "verify")[0] == 0
    lines = export(folder)
    assert [json.loads(json.loads(lines[-1])["payload"])["entries"][0]["actor"]] == ["cli:tester"]


def test_resume_takes_the_halt_back(account):
    """given a halted account, when it is resumed with a reason, then entries may be taken again."""
    folder, _ = account
    operator(folder, "flatten", "--reason", "storm", "--commit")
    operator(folder, "resume", "--reason", "sun", "--commit")

    assert answer(folder, "account")["status"]["trading_state"] == "active"


def test_close_asks_for_the_trade_to_be_closed(account):
    """given an open trade, when its close is committed, then the journal says so, and the engine will find it there."""
    folder, verdicts = account
    trade = verdicts["bought"].trade_id
    dry = answer(folder, "close", trade, "--reason", "exit")
    done = answer(folder, "close", trade, "--reason", "exit", "--quantity", "0.001", "--commit")

    assert (dry["committed"], done["committed"]) == (False, True)
    assert answer(folder, "trades")[0]["bracket"]["state"] == "closing"


def test_what_cannot_be_closed_is_refused_with_its_code(account):
    """given no such trade, when its close is asked for, then the refusal's code is told and the exit code is 1."""
    code, out, err = operator(account[0], "close", "sg-nobody", "--reason", "exit", "--commit")

    assert (code, out) == (1, "")
    assert "NOT_FOUND" in err


# ---------------------------------------------------------------- the proof


def export(folder):
    """The exported lines of an account."""
    target = folder / "export.jsonl"
    code, _, err = operator(folder, "audit", "export", str(target))
    assert (code, err.endswith(" frames\n")) == (0, True)
    return target.read_bytes().splitlines()


def test_a_sound_journal_is_proven_with_its_head(traded):
    """given a journal, when it is verified, then the head that was proven is told, and that no anchor was there."""
    told = answer(traded[0], "audit", "verify")
    _, out, _ = operator(traded[0], "audit", "verify")

    assert told["sound"] is True
    assert len(told["hash"]) == 64
    assert "no anchor given" in out


def test_an_anchor_finds_a_tail_that_is_missing_and_a_chain_that_was_rewritten(traded):
    """given an anchor beyond the head, or another hash at it, when the journal is verified, then it is broken."""
    folder, head = traded[0], answer(traded[0], "audit", "verify")
    good = f"{head['frame']}:{head['hash']}"

    assert "holds the anchor" in operator(folder, "audit", "verify", "--anchor", good)[1]
    for anchor in (f"{head['frame'] + 1}:{head['hash']}", f"{head['frame']}:{'0' * 64}"):
        code, out, err = operator(folder, "audit", "verify", "--anchor", anchor)
        assert (code, out) == (1, "")
        assert "BROKEN at frame" in err


def test_an_export_that_cannot_be_written_is_told_in_one_line(account):
    """given a target in a folder that is not there, when the journal is exported, then the target and the cause are named."""
    folder, _ = account
    target = folder / "missing" / "export.jsonl"

    assert operator(folder, "audit", "export", str(target)) == (
        1,
        "",
        f"petrosa: {target}: cannot be written: No such file or directory\n",
    )


def test_the_export_is_what_the_stand_alone_verifier_reads(account, root):
    """given an export, when the verifier that knows nothing of the engine reads it, then it is sound."""
    folder, _ = account
    export(folder)
    verifier = [sys.executable, str(root / "deploy" / "verify_journal.py"), str(folder / "export.jsonl")]

    assert subprocess.run(verifier, check=False, capture_output=True).returncode == 0


def test_a_rebuild_projects_the_audit_log_anew(account):
    """given a journal, when the audit log is rebuilt, then it says from how many frames, and only with --commit."""
    folder, _ = account

    assert "nothing was done" in operator(folder, "audit", "rebuild")[1]
    assert re.fullmatch(
        r"rebuilt: trade_audit_log from \d+ frames\n", operator(folder, "audit", "rebuild", "--commit")[1]
    )


# ---------------------------------------------------------------- signals


def signal_file(folder, **fields):
    """A signal in a file."""
    body = {"strategy_id": "s", "symbol": "SOLUSDT", "action": "buy", "confidence": 0.8, "price": 150, **fields}
    path = folder / "signal.json"
    path.write_text(json.dumps(body))
    return str(path)


def test_explain_judges_a_signal_as_the_engine_would_and_writes_nothing(account):
    """given a signal, when it is explained, then verdict and plan are told, and the journal is as it was."""
    folder, _ = account
    before = operator(folder, "audit", "verify")
    told = answer(folder, "signal", "explain", signal_file(folder))

    assert told["outcome"] == "accepted"
    assert told["plan"]["stop_price"] == "147.00"
    assert operator(folder, "audit", "verify") == before


def test_explain_tells_every_reason(account):
    """given a signal that is refused for two reasons, when it is explained, then both are told with their numbers."""
    folder, _ = account
    told = answer(folder, "signal", "explain", signal_file(folder, symbol="BTCUSDT", confidence=0.2, price=50_000))

    assert {reason["code"] for reason in told["reasons"]} >= {"CONFIDENCE_TOO_LOW", "TRADE_OPEN_ON_SYMBOL"}


def test_explain_takes_another_price_for_the_market(account):
    """given a limit far below the market, when the market's price is said, then the collar refuses it."""
    folder, _ = account
    told = answer(folder, "signal", "explain", signal_file(folder), "--price", "200")

    assert "PRICE_COLLAR" in {reason["code"] for reason in told["reasons"]}


def test_explain_says_what_is_wrong_with_a_body(account):
    """given a body that is no signal, when it is explained, then the code of its defect is told."""
    folder, _ = account
    (folder / "broken.json").write_bytes(b"{")

    assert answer(folder, "signal", "explain", str(folder / "broken.json"))["code"] == "NOT_JSON"


def test_send_is_a_dry_run_without_commit(account):
    """given a signal and no NATS server, when it is not committed, then subject and name are told and nothing is sent."""
    folder, _ = account
    told = answer(folder, "signal", "send", signal_file(folder))

    assert (told["committed"], told["subject"]) == (False, "signals.trading")


def test_a_body_that_is_no_signal_is_not_sent(account):
    """given a broken body, when it is to be sent, then it is bad input."""
    folder, _ = account
    (folder / "broken.json").write_bytes(b"{")

    code, _, err = operator(folder, "signal", "send", str(folder / "broken.json"), "--commit")
    assert code == 2
    assert "NOT_JSON" in err


def test_a_broker_that_is_not_there_fails_in_one_line(account):
    """given no server at the address, when a signal is to be sent, then one line says so and the exit code is 1."""
    folder, _ = account
    code, _, err = operator(folder, "signal", "send", signal_file(folder), "--commit", NATS_URL="nats://127.0.0.1:1")

    assert code == 1
    assert err.splitlines()[-1].startswith("petrosa: NATS at nats://127.0.0.1:1 (NATS_URL) did not take it: ")


def test_run_refuses_anything_but_paper(tmp_path):
    """given the testnet, when petrosa run is called, then it says to use the worker, and starts nothing."""
    env = {"SIMULATION_ENABLED": "false", "BINANCE_API_KEY": "k", "BINANCE_API_SECRET": "s"}
    code, _, err = operator(tmp_path, "run", "--once", **env)

    assert code == 2
    assert "petrosa worker" in err
    assert list(tmp_path.iterdir()) == []
