"""The engine's process in ``petrosa run``: a worker that says where it listens, and ends when its parent does.

With ``--market SEED:BEGAN`` it is also the market of a synthetic day: BEGAN (microseconds, UTC) is when the day was opened, so
a process that is started later goes on where the day is by then.
"""

import argparse
import asyncio
import os
import sys
from collections.abc import Iterator
from itertools import dropwhile
from random import Random
from typing import Final

import attrs

from petrosa_adapters.http import Address
from petrosa_adapters.paper import PaperVenue, paper_instruments, replay, synthetic_day
from petrosa_adapters.paper.feeds import Played
from petrosa_core.ports import Clock
from petrosa_core.values import DAY, MILLISECOND, SECOND, Moment
from petrosa_entrypoints import logs
from petrosa_entrypoints.demo.script import PRICES
from petrosa_entrypoints.serving import asked_to_end, serve_until
from petrosa_entrypoints.settings import Settings
from petrosa_entrypoints.wiring import Running

DAY_LASTS: Final = 30 * SECOND
"""How long the synthetic day takes."""
SPEED: Final = DAY // DAY_LASTS


def the_day(seed: int, settings: Settings) -> Iterator[Played]:
    """The whole day of the show's symbols, from moment 0; the same seed gives the same day."""
    listed = {instrument.symbol: instrument for instrument in paper_instruments(settings.account.market)}
    random = Random(seed)  # noqa: S311  a market that can be repeated, not a secret
    return synthetic_day(random, Moment(0), [(listed[symbol], price) for symbol, price in PRICES.items()])


async def market(venue: PaperVenue, clock: Clock, settings: Settings, seed: int, began: Moment) -> None:
    """Play what is left of the day; then the market stands still, but its prices stay fresh."""
    hour = (clock.now() - began) * SPEED
    await replay(dropwhile(lambda played: played[0] < hour, the_day(seed, settings)), venue, clock, SPEED)
    last = [quote for _, quote in the_day(seed, settings)][-len(PRICES) :]
    while True:
        for quote in last:
            venue.price(attrs.evolve(quote, as_of=clock.now()))
        await clock.sleep(SECOND)


async def _orphaned(end: asyncio.Event) -> None:
    """Ask for the end when the parent is gone, of which the closing of its pipe is the only sign that SIGKILL leaves."""
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    await reader.read()
    end.set()


def _priced(venue: PaperVenue | None) -> bool:
    return venue is not None and all(venue.quote(symbol) is not None for symbol in PRICES)


async def work(settings: Settings, seed: int | None, began: Moment) -> None:
    """Serve until SIGTERM, or until the parent is gone."""

    async def told(running: Running, address: Address) -> None:
        running.runtime.spawn("parent's pipe", _orphaned(end))
        if seed is not None and running.paper is not None:
            running.paper.expect_feed(PRICES)
            running.runtime.spawn("market", market(running.paper, running.clock, settings, seed, began))
        # Who is told where we listen may ask for a price and publish a signal at once.
        while not (running.api.readiness().ready and (seed is None or _priced(running.paper))):
            await running.clock.sleep(MILLISECOND)
        print(f'{{"url": "{address.url}"}}', flush=True)

    async with asked_to_end() as end:
        await serve_until(end, settings, signals=True, told=told, next_free_port=True)


def _market(text: str) -> tuple[int, Moment]:
    seed, _, began = text.partition(":")
    return int(seed), Moment(int(began))


def main() -> None:
    """Read the settings out of the environment, as every program here does."""
    parser = argparse.ArgumentParser(prog="python -m petrosa_entrypoints.demo.child")
    parser.add_argument("--market", type=_market, metavar="SEED:BEGAN", default=(None, Moment(0)))
    seed, began = parser.parse_args().market
    settings = Settings.from_env(os.environ)
    logs.configure(settings.log, settings.secrets(), sys.stderr)
    asyncio.run(work(settings, seed, began))


if __name__ == "__main__":
    main()
