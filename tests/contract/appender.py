"""A process of its own that appends to a SQLite journal, and says so after each frame: to be killed, or to compete.

    python appender.py PATH NAME COUNT LANES

Each of the lanes appends COUNT frames, stepping again on every Conflict. A line on standard output is an acknowledged frame.
"""

import asyncio
import sys
from pathlib import Path

from petrosa_adapters.sqlite import SqliteJournal
from petrosa_core.audit import Head, seal
from petrosa_core.ports import Appended
from petrosa_core.values import AccountId, Market, Mode

ACCOUNT = AccountId("default")


async def lane(journal: SqliteJournal, name: str, count: int) -> None:
    """Append so many frames, one after the other, between those of others."""
    for number in range(count):
        while True:
            head = await journal.head()
            if not isinstance(head, Head):
                continue
            frame = seal(ACCOUNT, head, f"{name}-{number}", b'{"from":"%s"}' % name.encode() * 50)
            if isinstance(await journal.append(frame), Appended):
                break
        sys.stdout.write(f"{frame.number} {frame.hash} {frame.nonce}\n")
        sys.stdout.flush()


async def main(path: Path, name: str, count: int, lanes: int) -> None:
    """Append in several lanes at once."""
    journal = await SqliteJournal.open(path, account=ACCOUNT, market=Market.USDM, mode=Mode.SIMULATION)
    await asyncio.gather(*(lane(journal, f"{name}-{number}", count) for number in range(lanes)))
    await journal.close()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), int(sys.argv[4])))
