"""Settings: what is read, what is refused, and that every problem is told at once."""

import re
from decimal import Decimal

import attrs
import pytest

from petrosa_adapters.http import Scope
from petrosa_core.decision import PositionSizer, RiskPolicy
from petrosa_core.values import MILLISECOND, SECOND, Amount, Market, Mode, Symbol
from petrosa_entrypoints.settings import TABLE, ApiScope, Layer, Settings, SettingsInvalid, Store

TESTNET = {"SIMULATION_ENABLED": "false", "BINANCE_API_KEY": "key-canary", "BINANCE_API_SECRET": "secret-canary"}
LIVE = {**TESTNET, "BINANCE_TESTNET": "false", "LIVE_TRADING_CONFIRM": "default"}
RANGED = [row for row in TABLE if re.match(r"-?[\d.]+ to [\d.]+$", row.kind.allowed)]


def problems(env, flags=None):
    """What is wrong with an environment, one line each."""
    with pytest.raises(SettingsInvalid) as refused:
        Settings.from_env(env, flags or {})
    return [str(problem) for problem in refused.value.problems]


def test_an_empty_environment_is_a_paper_account():
    """given nothing at all, when the settings are read, then everything has its default and no money can move."""
    settings = Settings.from_env({})

    assert settings == Settings()
    assert settings.mode is Mode.SIMULATION


def test_the_variables_of_the_specification_have_its_defaults():
    """The ten variables that existed before us mean what they meant."""
    settings = Settings()

    assert settings.account.api_key is None
    assert settings.account.api_secret is None
    assert settings.account.testnet is True
    assert settings.account.simulation is True
    assert settings.store.mongodb_url.reveal() == "mongodb://localhost:27017"
    assert settings.store.mongodb_database == "petrosa"
    assert settings.nats.url.reveal() == "nats://localhost:4222"
    assert settings.nats.signal_subject == "signals.trading"


def test_our_own_variables_have_their_defaults_in_the_units_of_the_program():
    """Seconds become microseconds, amounts become exact numbers, words become members of a closed set."""
    settings = Settings()

    assert settings.account_id == "default"
    assert settings.account.market is Market.USDM
    assert settings.account.recv_window == 5000 * MILLISECOND
    assert settings.account.simulation_balance == Amount(10_000)
    assert settings.api.host == "127.0.0.1"
    assert settings.api.port == 8000
    assert settings.api.settle_timeout == 2 * SECOND
    assert settings.store.store is Store.SQLITE
    assert str(settings.journal_path) == ".petrosa/default/journal.db"


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.name)
def test_every_default_can_be_written_as_it_is_shown(row):
    """given a setting's default, when it is shown and read again, then it is the same; and its row says what it is for."""
    if row.default:
        value = row.read(row.default)
        assert row.secret or row.read(row.show(value)) == value
    assert row.meaning.endswith(".")
    assert row.allowed


def test_no_setting_is_declared_twice():
    """A name stands for one thing, and no name looks like the file of another."""
    names = [row.name for row in TABLE]

    assert len(set(names)) == len(names)
    assert [name for name in names if name.endswith("_FILE")] == []


@pytest.mark.parametrize("row", RANGED, ids=lambda row: row.name)
def test_a_number_is_taken_up_to_its_limits_and_refused_beyond(row):
    """given a setting with a range, when a value lies beyond an end, then setting, value and range are named."""
    low, _, high = row.kind.allowed.partition(" to ")
    step = Decimal(1) if row.kind.name == "whole number" else Decimal("0.001")

    for end in (low, high):
        assert Decimal(row.show(row.read(end))) == Decimal(end)
    for beyond in (format(Decimal(low) - step, "f"), format(Decimal(high) + step, "f")):
        [problem] = problems({row.name: beyond})
        assert problem.startswith(f"{row.name}='{beyond}': is ")
        assert row.kind.allowed in problem


@pytest.mark.parametrize("row", RANGED, ids=lambda row: row.name)
def test_what_is_no_plain_decimal_is_refused(row):
    """A number is decimal digits with at most one point; nothing is guessed."""
    for wrong in ("", "x", "1e3", "NaN", "inf", "1_000", "\u0661", "0x10", "1,5", "2 %"):
        assert len(problems({row.name: wrong})) == 1, wrong


@pytest.mark.parametrize("word", ["maybe", "2", "tru", "nein"])
def test_a_flag_is_true_or_false(word):
    """given a word that is neither, when it stands for SIMULATION_ENABLED, then it is refused and nothing is assumed."""
    assert problems({"SIMULATION_ENABLED": word}) == [
        f"SIMULATION_ENABLED={word!r}: is neither true nor false (flag, true or false)"
    ]


def test_all_problems_are_told_at_once():
    """given five mistakes of different kinds, when the settings are read, then all five are told."""
    found = problems(
        {
            "HTTP_PORT": "70000",
            "MARKET": "coinm",
            "NATS_ULR": "nats://elsewhere",
            "SIMULATION_ENABLED": "false",
            "BINANCE_TESTNET": "false",
            "RECV_WINDOW_MS": "soon",
        }
    )

    told = {line.split("=")[0].split(":")[0] for line in found}
    assert told >= {"HTTP_PORT", "MARKET", "NATS_ULR", "LIVE_TRADING_CONFIRM", "BINANCE_API_KEY", "RECV_WINDOW_MS"}


# ---------------------------------------------------------------- mode


@pytest.mark.parametrize("simulation", ["true", "false"])
@pytest.mark.parametrize("testnet", ["true", "false"])
@pytest.mark.parametrize("confirm", [None, "default", "Default", "true"])
def test_only_one_row_of_the_truth_table_is_live(simulation, testnet, confirm):
    """Real money moves only with both flags off and the account confirmed by its name."""
    env = {**TESTNET, "SIMULATION_ENABLED": simulation, "BINANCE_TESTNET": testnet}
    if confirm is not None:
        env["LIVE_TRADING_CONFIRM"] = confirm

    if (simulation, testnet) == ("false", "false") and confirm != "default":
        assert problems(env)[0].startswith("LIVE_TRADING_CONFIRM")
        return
    mode = Settings.from_env(env).mode
    assert (mode is Mode.LIVE) == (simulation == "false" and testnet == "false")
    assert (mode is Mode.SIMULATION) == (simulation == "true")


def test_live_settings_cannot_be_made_by_hand_either():
    """given live settings, when their confirmation is taken away without an environment, then they cannot be made."""
    settings = Settings.from_env(LIVE)
    assert settings.mode is Mode.LIVE

    with pytest.raises(SettingsInvalid, match="LIVE_TRADING_CONFIRM"):
        Settings(account=type(settings.account)(simulation=False, testnet=False))


def test_an_exchange_needs_keys():
    """given the testnet without keys, when the settings are read, then both keys are asked for."""
    assert problems({"SIMULATION_ENABLED": "false"}) == [
        "BINANCE_API_KEY: is needed in testnet mode",
        "BINANCE_API_SECRET: is needed in testnet mode",
    ]


# ---------------------------------------------------------------- names


@pytest.mark.parametrize(
    ("wrong", "meant"),
    [
        ("BINANCE_TESTENT", "BINANCE_TESTNET"),
        ("SIMULATON_ENABLED", "SIMULATION_ENABLED"),
        ("simulation_enabled", "SIMULATION_ENABLED"),
        ("PETROSA_ACCOUNT_ID", "ACCOUNT_ID"),
        ("HTTP_PROT", "HTTP_PORT"),
        ("BINANCE_API_SECRETS", "BINANCE_API_SECRET"),
        ("BINANCE_API_KEYFILE", "BINANCE_API_KEY_FILE"),
        ("LIVE_TRADING_CONFRIM", "LIVE_TRADING_CONFIRM"),
    ],
)
def test_a_misspelt_setting_is_refused_with_the_name_it_is_near(wrong, meant):
    """given a name within two slips of a setting, when it is set, then the program says which was meant."""
    assert problems({wrong: "1"}) == [f"{wrong}: is not a setting; did you mean {meant}?"]


@pytest.mark.parametrize("name", ["BINANCE_LEVERAGE_ALLOWED", "MONGODB_POOL", "NATS_TIMEOUT_AFTER", "PETROSA_FAST"])
def test_an_unknown_name_under_our_prefixes_is_refused(name):
    """given a name that can only be ours and is not, when it is set, then it is refused and its siblings are listed."""
    [problem] = problems({name: "1"})

    assert problem.startswith(f"{name}: is not a setting; those that begin with {name.split('_')[0]}_ are: ")


@pytest.mark.parametrize(
    "name",
    ["PATH", "HOME", "SHELL", "TERM", "LANG", "CI", "HTTP_PROXY", "HTTPS_PROXY", "HOSTNAME", "STATE", "MARKETS_DB",
     "PETROSA_SHARED", "MONGODB_TEST_URL", "PYTHONPATH", "VIRTUAL_ENV", "DATA_ROOT", "LOGNAME"],
)  # fmt: skip
def test_foreign_names_are_left_alone(name):
    """An environment is full of names that mean something to others."""
    assert Settings.from_env({name: "whatever"}) == Settings()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("NATS_PORT", "tcp://10.0.0.1:4222"),
        ("NATS_SERVICE_HOST", "10.0.0.1"),
        ("NATS_SERVICE_PORT", "4222"),
        ("NATS_SERVICE_PORT_CLIENT", "4222"),
        ("NATS_PORT_4222_TCP", "tcp://10.0.0.1:4222"),
        ("NATS_PORT_4222_TCP_ADDR", "10.0.0.1"),
        ("NATS_PORT_4222_TCP_PORT", "4222"),
        ("NATS_PORT_4222_TCP_PROTO", "tcp"),
        ("MONGODB_SERVICE_PORT", "27017"),
        ("PETROSA_TRADEENGINE_SERVICE_HOST", "10.0.0.2"),
        ("PETROSA_TRADEENGINE_PORT", "tcp://10.0.0.2:8000"),
        ("HTTP_PORT", "tcp://10.0.0.3:80"),
    ],
)
def test_what_kubernetes_sets_for_services_is_ignored(name, value):
    """given a service link, even one that is called as a setting of ours is, then it changes nothing and is no mistake."""
    assert Settings.from_env({name: value}) == Settings()


def test_a_service_port_that_is_no_link_is_a_mistake():
    """given NATS_PORT=4222, when the settings are read, then it is refused, for the port belongs into NATS_URL."""
    assert "NATS_URL" in problems({"NATS_PORT": "4222"})[0]


# ---------------------------------------------------------------- files and layers


def secret_file(folder, text, mode=0o400):
    """A file as a secret store would mount it."""
    path = folder / "secret"
    path.write_text(text, "utf-8")
    path.chmod(mode)
    return str(path)


def test_a_secret_comes_from_a_file_without_its_last_newline(tmp_path):
    """given BINANCE_API_KEY_FILE, when the settings are read, then its text is the key and one newline is dropped."""
    env = {**TESTNET, "BINANCE_API_KEY_FILE": secret_file(tmp_path, "from-the-file\n")}
    del env["BINANCE_API_KEY"]

    settings = Settings.from_env(env)

    assert settings.account.api_key is not None
    assert settings.account.api_key.reveal() == "from-the-file"


def test_a_secret_file_that_everyone_may_read_is_refused(tmp_path):
    """given a secret's file with mode 0644, when the settings are read, then they are refused without showing it."""
    [problem] = problems({"WEBHOOK_SECRET_FILE": secret_file(tmp_path, "file-canary", 0o644)})

    assert "may be read by everyone" in problem
    assert "canary" not in problem


def test_an_ordinary_setting_may_come_from_any_file(tmp_path):
    """given a file that holds no secret, when it is readable by all, then it is taken."""
    settings = Settings.from_env({"HTTP_PORT_FILE": secret_file(tmp_path, "8100\n", 0o644)})

    assert settings.api.port == 8100
    assert settings.layers == {"HTTP_PORT": Layer.FILE}


def test_a_setting_and_its_file_together_are_refused(tmp_path):
    """given both forms, when the settings are read, then neither is silently preferred."""
    [problem] = problems({"WEBHOOK_SECRET": "env-canary", "WEBHOOK_SECRET_FILE": secret_file(tmp_path, "x")})

    assert "WEBHOOK_SECRET are both set" in problem
    assert "canary" not in problem


@pytest.mark.parametrize(
    ("content", "why"), [(None, "cannot be read"), (b"\xff\xfe", "UTF-8"), (b"1" * 70_000, "longer than")]
)
def test_a_file_that_is_not_usable_is_named(tmp_path, content, why):
    """given a file that is missing, binary or huge, when the settings are read, then it is named with the reason."""
    path = tmp_path / "value"
    if content is not None:
        path.write_bytes(content)

    [problem] = problems({"HTTP_PORT_FILE": str(path)})

    assert problem.startswith("HTTP_PORT_FILE=")
    assert why in problem


def test_a_flag_wins_over_the_environment():
    """given a port in the environment and another as a flag, when the settings are read, then the flag's is taken."""
    settings = Settings.from_env({"HTTP_PORT": "8001", "HTTP_HOST": "::1"}, {"HTTP_PORT": "8002"})

    assert settings.api.port == 8002
    assert settings.layers == {"HTTP_PORT": Layer.FLAG, "HTTP_HOST": Layer.ENV}


def test_an_empty_variable_is_refused_where_there_is_a_default_and_absent_where_there_is_none():
    """given variables that a template left empty, when one has a default, then it is not guessed what was meant."""
    assert problems({"ACCOUNT_ID": ""}) == ["ACCOUNT_ID='': is empty: unset it to have the default default"]
    assert Settings.from_env({"BINANCE_API_KEY": "", "WEBHOOK_SECRET": ""}) == Settings()


def test_a_flag_that_is_no_setting_is_a_bug():
    """given a flag under an unknown name, when the settings are read, then the program that gave it is told."""
    with pytest.raises(KeyError, match="HTTP_PROT"):
        Settings.from_env({}, {"HTTP_PROT": "1"})


# ---------------------------------------------------------------- tokens


DIGEST = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"  # of "test"


def test_tokens_are_given_by_their_digest():
    """given two items, when they are read, then each has its name, its scopes and its digest."""
    settings = Settings.from_env({"API_TOKENS": f"governor:read:{DIGEST}, ops:trade+admin:{DIGEST}"})

    assert [(token.name, sorted(token.scopes), token.sha256) for token in settings.api.tokens] == [
        ("governor", ["read"], DIGEST),
        ("ops", ["admin", "trade"], DIGEST),
    ]


def test_a_token_in_the_clear_may_only_stand_in_a_file(tmp_path):
    """given a token and not its digest, when it comes from a private file, then it is hashed; else it is refused."""
    clear = "clear-canary-0123456789abcdef0123456789abcdef"
    from_file = Settings.from_env({"API_TOKENS_FILE": secret_file(tmp_path, f"ops:admin:{clear}\n")})
    [problem] = problems({"API_TOKENS": f"ops:admin:{clear}"})

    assert re.fullmatch("[0-9a-f]{64}", from_file.api.tokens[0].sha256)
    assert "canary" not in repr(from_file) + problem


def test_the_scopes_are_those_of_the_http_shell():
    """The settings are read without the web server, so the words stand twice; this holds them together."""
    assert [scope.value for scope in ApiScope] == [scope.value for scope in Scope]


@pytest.mark.parametrize(
    "wrong",
    [
        "ops",
        f"ops:{DIGEST}",
        f"ops:root:{DIGEST}",
        "ops:read:short",
        f"ops::{DIGEST}",
        f"a:read:{DIGEST},a:read:{DIGEST}",
    ],
)
def test_a_token_that_could_never_be_used_is_refused(wrong):
    """given an item without name, scope or digest, when it is read, then API_TOKENS is refused and not shown."""
    [problem] = problems({"API_TOKENS": wrong})

    assert problem.startswith("API_TOKENS: ")
    assert DIGEST not in problem


# ---------------------------------------------------------------- what is shown


def test_secrets_are_in_no_text_of_the_settings(tmp_path):
    """given canaries in every secret, when the settings are shown or refused, then no canary is seen."""
    env = {
        **TESTNET,
        "WEBHOOK_SECRET": "hook-canary",
        "MONGODB_URL": "mongodb://user:db-canary@host/?authSource=admin",
        "NATS_URL": "nats://bus-canary@one:4222,nats://u:bus-canary@two:4222",
    }
    settings = Settings.from_env(env)
    shown = "\n".join(row.show(settings.value(row)) for row in TABLE)

    assert "canary" not in repr(settings) + str(settings) + shown + "".join(problems({**env, "HTTP_PORT": "x"}))
    assert "mongodb://***@host/?authSource=admin" in shown
    assert "nats://***@one:4222,nats://***@two:4222" in shown
    assert set(settings.secrets()) == {"key-canary", "secret-canary", "hook-canary", "db-canary", "bus-canary"}


def test_the_digest_covers_what_decides_and_nothing_local():
    """given two replicas, when only their ports and keys differ, then they agree; when a limit differs, they do not."""
    digest = Settings.from_env({}).digest()

    assert Settings.from_env({"HTTP_PORT": "9000", "DATA_DIR": "elsewhere", "BINANCE_API_KEY": "k"}).digest() == digest
    assert Settings.from_env({"RECV_WINDOW_MS": "4000"}).digest() != digest
    assert Settings.from_env({"MARKET": "spot"}).digest() != digest


# ---------------------------------------------------------------- risk


def test_every_field_of_the_policy_and_the_sizer_can_be_set():
    """given the core's classes, when a field is added there, then it has to be named here, or said to be no setting."""
    named = {(row.group, row.field) for row in TABLE}
    owners = {"policy": RiskPolicy, "sizer": PositionSizer}
    fields = {(group, field.name) for group, owner in owners.items() for field in attrs.fields(owner)}

    assert fields - named == {("policy", "hard"), ("policy", "timestamp_required")}


def test_the_defaults_are_those_of_the_core():
    """Nothing is repeated: without settings the policy and the sizer are what the core makes of nothing."""
    settings = Settings.from_env({})

    assert settings.policy == RiskPolicy()
    assert settings.sizer == PositionSizer()


def test_percent_exists_only_in_settings():
    """given STOP_LOSS_DEFAULT=2.5, as in the specification a percentage, when it is read, then it is a fraction of one."""
    policy = Settings.from_env({"STOP_LOSS_DEFAULT": "2.5", "TAKE_PROFIT_DEFAULT": "7"}).policy

    assert policy.stop_default == Decimal("0.025")
    assert policy.target_default == Decimal("0.07")
    assert Settings().policy.stop_default == Decimal("0.02")
    assert Settings().policy.target_default == Decimal("0.05")


def test_a_limit_may_be_tightened_and_not_loosened_beyond_its_hard_bound():
    """given the hard bound of a limit, when it is set looser, then it is refused with the range."""
    assert Settings.from_env({"MAX_OPEN_TRADES": "1"}).policy.open_trades_max == 1
    assert problems({"MAX_OPEN_TRADES": "21"}) == ["MAX_OPEN_TRADES='21': is above the range (whole number, 0 to 20)"]


def test_settings_that_contradict_each_other_are_refused_by_their_names():
    """given a default stop nearer than a stop may be, when the settings are read, then both are named as variables."""
    [problem] = problems({"STOP_DISTANCE_MIN": "0.03"})

    assert problem.startswith("STOP_LOSS_DEFAULT: must be between 0.03 and 0.2")


def test_lists_are_read_without_regard_to_blanks_and_repetition():
    """given a list with blanks, lower case and repetition, when it is read, then it is the set that was meant."""
    policy = Settings.from_env({"SYMBOLS_ALLOWED": " btcusdt, ETHUSDT,,BTCUSDT ", "STRATEGIES_DENIED": ""}).policy

    assert policy.symbols_allowed == frozenset({Symbol("BTCUSDT"), Symbol("ETHUSDT")})
    assert policy.strategies_denied == frozenset()
    assert Settings.from_env({"SYMBOLS_ALLOWED": ""}).policy.symbols_allowed is None
    assert "'btc usdt'" in problems({"SYMBOLS_ALLOWED": "ETHUSDT,btc usdt"})[0].lower()
