"""The pure domain of the Petrosa trade engine.

A trading signal goes in; a sized, protected, audited order comes out.
Nothing here does I/O, reads a clock, draws a random number or touches a float; it needs the standard library and attrs.
The folders are the stages of a trade, in order:
values, signal, decision, order, execution, matching, audit, desk, ports, application.
"""
