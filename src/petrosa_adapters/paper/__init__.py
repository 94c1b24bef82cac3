"""The paper venue: an exchange without money, over petrosa_core.matching."""
