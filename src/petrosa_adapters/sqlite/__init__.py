"""The journal, the audit log and the lease in one SQLite file: the store of one machine."""

from petrosa_adapters.sqlite.audit_log import SqliteAuditLog
from petrosa_adapters.sqlite.journal import SqliteJournal
from petrosa_adapters.sqlite.leadership import SqliteLeadership
from petrosa_adapters.sqlite.store import SqliteStore

__all__ = ["SqliteAuditLog", "SqliteJournal", "SqliteLeadership", "SqliteStore"]
