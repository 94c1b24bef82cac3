"""Tables that take back what has not become durable."""

import attrs

from petrosa_core.desk import Book
from petrosa_core.desk.table import Table, UndoLog


def a_table() -> tuple[UndoLog, Table[str, int]]:
    """A table with one durable key."""
    log = UndoLog()
    table: Table[str, int] = Table(log)
    table["a"] = 1
    log.keep(len(log))
    return log, table


def test_every_kind_of_change_is_taken_back():
    """given a put, an overwrite, a removal and a removal of nothing, when all is undone, then the table is as it was."""
    log, table = a_table()
    table["b"] = 2
    table["a"] = 3
    table["b"] = 4
    del table["a"]
    table.discard("b")
    table.discard("c")
    assert (dict(table), len(log)) == ({}, 5)

    log.undo()

    assert (dict(table), len(log)) == ({"a": 1}, 0)


def test_what_is_durable_is_not_taken_back():
    """given two changes, when the first becomes durable and the rest is undone, then the first stands."""
    log, table = a_table()
    table["b"] = 2
    table["c"] = 3

    log.keep(1)
    log.undo()

    assert table == {"a": 1, "b": 2}


def test_undoing_twice_is_undoing_once():
    """given nothing to undo, when it is undone, then nothing changes."""
    log, table = a_table()
    table["b"] = 2
    log.undo()
    log.undo()

    assert table == {"a": 1}


def test_a_none_is_a_value():
    """given a key that holds None, when it is changed and undone, then it holds None, and is not absent."""
    log = UndoLog()
    table: Table[str, int | None] = Table(log)
    table["a"] = None
    log.keep(1)
    table["a"] = 1

    log.undo()

    assert table == {"a": None}


def test_totals_are_taken_back_with_the_tables():
    """given totals that were put, when they are undone, then each has its old value, newest change first."""
    book = Book()
    before = attrs.evolve(book.totals)
    book.put("seq", 1)
    book.put_all(seq=2, leader="r")
    book.count("x")

    book.undo.undo()

    assert book.totals == before
    assert book.counts == {}
