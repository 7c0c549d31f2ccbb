"""Serves the demo until it is interrupted, or photographs it for the README.

python -m tests.demo [--port 8765]
python -m tests.demo --pictures docs
"""

from __future__ import annotations

import argparse
import threading
from pathlib import Path

from tests.demo.server import Demo
from tests.demo.tour import photograph_tour


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.demo")
    parser.add_argument("--port", type=int, default=8765)
    parser.add_argument("--pictures", type=Path, metavar="FOLDER", help="pictures of a tour")
    given = parser.parse_args()
    print("Reading the sample, which takes a moment …", flush=True)
    with Demo(0 if given.pictures else given.port) as demo:
        if given.pictures:
            photograph_tour(demo, given.pictures)
            return
        print(f"Open {demo.url} in a browser. Ctrl-C ends it.", flush=True)
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            print("\nEnded; nothing was kept.")


if __name__ == "__main__":
    main()
