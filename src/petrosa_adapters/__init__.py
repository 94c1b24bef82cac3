"""Translations between the core and one vendor each; an adapter decides nothing."""
