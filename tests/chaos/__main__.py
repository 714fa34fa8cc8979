"""`./run chaos [KIND] [options]`: the long forms of the fault and attack tests; without a kind all of them in turn.

A kind is a module beside this one: `race` is tests/chaos/race_chaos.py.
"""

import importlib
import sys
from pathlib import Path


def kinds() -> list[str]:
    return sorted(path.stem.removesuffix("_chaos") for path in Path(__file__).parent.glob("*_chaos.py"))


def main(arguments: list[str]) -> int:
    wanted, rest = kinds(), arguments
    if arguments and not arguments[0].startswith("-"):
        wanted, rest = [arguments[0]], arguments[1:]
    if unknown := [kind for kind in wanted if kind not in kinds()]:
        print(f"chaos: there is no kind {unknown[0]}; known: {', '.join(kinds())}", file=sys.stderr)
        return 2
    return max(importlib.import_module(f"tests.chaos.{kind}_chaos").main(rest) for kind in wanted)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
