"""The flow, awaited: the engine, recovery, control and queries."""
