"""Stores that live in memory, held to the same promises as the durable ones: for tests, and for engines without a past."""

from petrosa_adapters.memory.audit_log import MemoryAuditLog
from petrosa_adapters.memory.journal import MemoryJournal
from petrosa_adapters.memory.leadership import MemoryLeadership
from petrosa_adapters.memory.store import MemoryStore, Weather, fair

__all__ = ["MemoryAuditLog", "MemoryJournal", "MemoryLeadership", "MemoryStore", "Weather", "fair"]
