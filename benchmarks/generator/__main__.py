"""Write a world to a folder: ``python -m benchmarks.generator --seed 1 --out DIR``."""

import argparse
from pathlib import Path

from benchmarks.generator.creation import generate
from benchmarks.generator.exporter import Exporter
from benchmarks.generator.mix import Mix
from benchmarks.generator.summary import by_actor, by_host, by_operation
from benchmarks.generator.writing import write


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.generator", description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--subscribers", type=int, default=2000)
    parser.add_argument("--hours", type=float, default=6.0)
    parser.add_argument("--sampling", type=int, default=1, help="one packet in so many")
    parser.add_argument("--clocks", choices=("direction", "equal"), default="direction")
    parser.add_argument("--active", type=float, default=300.0, help="active timeout, seconds")
    parser.add_argument("--idle", type=float, default=30.0, help="idle timeout, seconds")
    parser.add_argument("--loss", type=float, default=0.0, help="share of records lost")
    parser.add_argument("--blind", type=float, default=0.0, help="share of paths seen one way")
    parser.add_argument("--ipv6", type=float, default=0.0, help="share of dual-stacked hosts")
    parser.add_argument("--hijacked", type=float, default=0.004, help="share of hijacked hosts")
    parser.add_argument(
        "--out", type=Path, help="folder to write; without it, only the summary"
    )
    return parser.parse_args()


def main() -> None:
    asked = _arguments()
    mix = Mix(ipv6_share=asked.ipv6, hijacked_share=asked.hijacked)
    world = generate(asked.seed, asked.subscribers, asked.hours, mix)
    print(by_actor(world), by_host(world), by_operation(world), sep="\n\n")
    if asked.out is None:
        return
    exporter = Exporter(
        sampling=asked.sampling, clocks=asked.clocks, active_s=asked.active,
        idle_s=asked.idle, loss=asked.loss, blind_share=asked.blind,
    )  # fmt: skip
    records = write(world, exporter, asked.out)
    print(f"\n{records:,} records written to {asked.out}")


if __name__ == "__main__":
    main()
