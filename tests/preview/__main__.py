"""Makes pictures of what is posted in Slack, for the README and for looking at.

python -m tests.preview docs/answer.png
python -m tests.preview --of digest docs/digest.png [--dark]
"""

from __future__ import annotations

import argparse
from pathlib import Path

from tests.preview.page import page_html
from tests.preview.photograph import photograph
from tests.preview.scenes import SCENES


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.preview")
    parser.add_argument("picture", nargs="?", type=Path, default=Path("docs/answer.png"))
    parser.add_argument("--of", choices=sorted(SCENES), default="answer")
    parser.add_argument("--dark", action="store_true", help="as Slack shows it in dark mode")
    given = parser.parse_args()
    scene = SCENES[given.of]()
    page = scene.page or page_html(scene.parts, dark=given.dark)
    photograph(page, given.picture, scene.height)


if __name__ == "__main__":
    main()
