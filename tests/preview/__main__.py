"""Makes pictures of what is posted in Slack, for the README and for looking at.

python -m tests.preview docs/answer.png
python -m tests.preview --of digest docs/digest.png [--dark]
python -m tests.preview --golden claims,added picture.png
"""

from __future__ import annotations

import argparse
from pathlib import Path

from tests.preview.goldens import golden_names
from tests.preview.page import page_html
from tests.preview.photograph import photograph
from tests.preview.scenes import SCENES, golden


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.preview")
    parser.add_argument("picture", nargs="?", type=Path, default=Path("docs/answer.png"))
    parser.add_argument("--of", choices=sorted(SCENES), default="answer")
    parser.add_argument("--dark", action="store_true", help="as Slack shows it in dark mode")
    parser.add_argument(
        "--golden",
        type=lambda given: given.split(","),
        metavar="NAME[,NAME…]",
        help="golden files of tests/scenarios instead, one below the other",
    )
    given = parser.parse_args()
    if unknown := set(given.golden or ()) - set(golden_names()):
        parser.error(f"no golden file is called {', '.join(sorted(unknown))}")
    scene = golden(*given.golden) if given.golden else SCENES[given.of]()
    photograph(scene.page or page_html(scene.parts, dark=given.dark), given.picture)


if __name__ == "__main__":
    main()
