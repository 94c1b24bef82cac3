"""What the program may be told, in one table; and the reading of it out of an environment."""

from petrosa_entrypoints.settings.groups import (
    AccountSettings,
    ApiSettings,
    LogFormat,
    LogLevel,
    LogSettings,
    NatsSettings,
    Store,
    StoreSettings,
)
from petrosa_entrypoints.settings.problem import Problem, SettingsInvalid
from petrosa_entrypoints.settings.read import Layer
from petrosa_entrypoints.settings.row import Row
from petrosa_entrypoints.settings.settings import TABLE, Settings
from petrosa_entrypoints.settings.tokens import ApiScope, ApiToken

__all__ = [
    "TABLE",
    "AccountSettings",
    "ApiScope",
    "ApiSettings",
    "ApiToken",
    "Layer",
    "LogFormat",
    "LogLevel",
    "LogSettings",
    "NatsSettings",
    "Problem",
    "Row",
    "Settings",
    "SettingsInvalid",
    "Store",
    "StoreSettings",
]
