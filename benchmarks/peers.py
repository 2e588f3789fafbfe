"""The agent's storage beside what a Python engineer would pick instead, at the same durability and the same sales.

In a process of its own each (NAME DIRECTORY SALES as a program): producers put sales of 3 KB in, each known to be
durable before the next, then one consumer takes and acknowledges them by tens. Once on the disk as it is, and once with
each sync 2 ms slower, as on a worn flash card. The agent does more meanwhile: receipt codes, the books, seals, one
revision of a transaction in flight, and requests whose bytes are kept until they are answered.
"""

import itertools
import json
import shutil
import sys
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path

from benchmarks import peers_redis, peers_sqlite, slow_disk, table
from benchmarks.fill import arrivals, large_sale
from benchmarks.load import SALE_BYTES
from benchmarks.part import Ground, Part, Verdict, at_least
from benchmarks.peer import TENS, Peer
from benchmarks.peers_own import ENCRYPTED, OWN
from benchmarks.servers import run_module
from benchmarks.spread import Spread

PRODUCERS = (1, 8)
ENQUEUE_MIN = 1.3
DEQUEUE_MIN = 1.5
DEQUEUE_SQLITE_MIN = 5.0

_NAMES = ("persistqueue", "litequeue", "huey", "dramatiq", "redis")
_TAKEN = "dequeue"

SLOW_MS = 2
FAST, SLOW = "full speed", f"{SLOW_MS} ms"
_SALES = {FAST: (1_000, 200), SLOW: (300, 60)}
"""How many sales are put in by each number of producers, by disk; in a full run and in a quick one."""

_ALL = (OWN, ENCRYPTED, *peers_sqlite.PEERS, *peers_redis.PEERS)

_numbers = itertools.count()
_Rates = dict[tuple[str, str], dict[str, Spread]]
"""Sales a second, by disk, what was done, and peer."""


def run(ground: Ground) -> Part:
    """Measure, print and judge."""
    missing = [name for name in _NAMES if find_spec(name) is None]
    if missing:
        print(f"\nPeers: left out, since {', '.join(missing)} is not installed (`make bench` installs them).")
        return Part({}, [Verdict("storage beside its peers", None, table.ratio, "-", None)])
    peers = [peer for peer in _ALL if peers_redis.is_installed() or peer not in peers_redis.PEERS]
    if len(peers) < len(_ALL):
        print("\nPeers: those on Redis are left out, since there is no redis-server here.")
    rates = _measure(ground, peers, _disks(ground))
    for disk in dict.fromkeys(disk for disk, _ in rates):
        _show(disk, {deed: rates[disk, deed] for deed in _deeds()}, peers)
    table.show_words("Peers: what they guarantee", {peer.name: (f"{peer.on}.", *peer.guarantees) for peer in peers})
    return Part(
        {
            f"{disk}, {deed}": {name: spread.as_json() for name, spread in of.items()}
            for (disk, deed), of in rates.items()
        },
        [verdict for disk in dict.fromkeys(disk for disk, _ in rates) for verdict in _verdicts(disk, rates, peers)],
    )


def _disks(ground: Ground) -> dict[str, dict[str, str]]:
    """Give the environments of the disks: as it is, and slower if that can be done here."""
    library = slow_disk.compile_slow(ground.directory)
    return {FAST: {}} | ({} if library is None else {SLOW: slow_disk.slowed(library, SLOW_MS)})


def _measure(ground: Ground, peers: list[Peer], disks: Mapping[str, dict[str, str]]) -> _Rates:
    found: dict[tuple[str, str], dict[str, list[float]]] = {
        (disk, deed): {peer.name: [] for peer in peers} for disk in disks for deed in _deeds()
    }
    for number in range(ground.pick(5, 1)):
        for disk, environment in disks.items():
            for peer in peers[:: 1 if number % 2 == 0 else -1]:
                path = ground.directory / f"peers-{next(_numbers)}"
                arguments = ["benchmarks.peers", peer.name, str(path), str(ground.pick(*_SALES[disk]))]
                for deed, rate in run_module(arguments, environment).items():
                    found[disk, deed][peer.name].append(rate)
    return {key: {name: Spread.of(values) for name, values in of.items()} for key, of in found.items()}


def measure_one(name: str, directory: Path, count: int) -> dict[str, float]:
    """Let a peer have its turn on a file of its own; gives sales a second, by what was done."""
    (peer,) = [peer for peer in _ALL if peer.name == name]
    directory.mkdir()
    rates = {}
    with peer.open(directory) as queue:
        sale = large_sale(SALE_BYTES)
        queue.enqueue(8, arrivals(sale, "warm", 0, 50))
        queue.dequeue(50)
        for producers in PRODUCERS:
            rates[_put(producers)] = count / queue.enqueue(producers, arrivals(sale, f"put{producers}", 0, count))
        rates[_TAKEN] = 2 * count / queue.dequeue(2 * count)
    shutil.rmtree(directory)
    return rates


def _put(producers: int) -> str:
    return f"enqueue, {producers}"


def _deeds() -> list[str]:
    return [*map(_put, PRODUCERS), _TAKEN]


def _verdicts(disk: str, rates: _Rates, peers: list[Peer]) -> list[Verdict]:
    others = [peer for peer in peers if peer not in (OWN, ENCRYPTED)]
    on_sqlite = [peer for peer in others if peer in peers_sqlite.PEERS]
    eight = _put(PRODUCERS[-1])
    put, taken = rates[disk, eight], rates[disk, _TAKEN]
    return [
        _beside(f"{eight} producers / best durable peer, sync {disk}", put, others, ENQUEUE_MIN),
        _beside(f"{_TAKEN} + ack by tens / best durable peer, sync {disk}", taken, others, DEQUEUE_MIN),
        _beside(f"{_TAKEN} + ack by tens / best SQLite peer, sync {disk}", taken, on_sqlite, DEQUEUE_SQLITE_MIN),
    ]


def _beside(figure: str, rates: dict[str, Spread], others: list[Peer], least: float) -> Verdict:
    """Judge the agent by the fastest of others; its ratio is the smallest."""
    ratios = [(rates[OWN.name] / rates[peer.name]).median for peer in others]
    return at_least(figure, min(ratios), least, table.ratio)


def _show(disk: str, rates: dict[str, dict[str, Spread]], peers: list[Peer]) -> None:
    rows = []
    for deed in _deeds():
        for peer in peers:
            spread = rates[deed][peer.name]
            ratio = (rates[deed][OWN.name] / spread).median
            rows.append([f"{deed}: {peer.name}", *spread.shown(table.rate), table.ratio(ratio)])
    note = (
        f"Enqueue by the number of producers; dequeue with acknowledgement by {TENS}s, one consumer. "
        "The last column is the agent's rate by that of the row."
    )
    header = ("", "median", "min .. max of rounds", "agent /")
    table.show(f"Peers: sales of {SALE_BYTES:,} bytes a second, sync {disk}", header, rows, note)


if __name__ == "__main__":
    print(json.dumps(measure_one(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]))))
