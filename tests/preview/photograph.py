"""Photographs a page in headless Chromium, cropped to what is on it."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from pathlib import Path

FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
)
TALLEST = 8_000
COLOURS = 64
"""Enough for text, signs and a chart (rare colours count as much); half the bytes of all."""
MARGIN = 20


def chromium() -> str | None:
    """The path of an installed Chromium, or None."""
    return shutil.which("chromium") or shutil.which("chromium-browser")


def photograph(page: str, picture: Path, width: int = 800, scale: int = 2) -> None:
    """Write a PNG of an HTML page; RuntimeError where no Chromium is installed.

    `width` is in points of the page, each `scale` pixels wide. The picture ends below the last
    thing on the page, and at `TALLEST` points.
    """
    browser = chromium()
    if browser is None:
        raise RuntimeError("Chromium is not installed; on Debian: apt-get install chromium")
    with tempfile.TemporaryDirectory() as folder:
        source, whole = Path(folder) / "page.html", Path(folder) / "whole.png"
        source.write_text(page, encoding="utf-8")
        subprocess.run(
            [
                browser,
                *FLAGS,
                f"--user-data-dir={folder}/profile",
                f"--force-device-scale-factor={scale}",
                f"--window-size={width},{TALLEST}",
                f"--screenshot={whole}",
                source.as_uri(),
            ],
            check=True,
            capture_output=True,
            timeout=60,
        )
        _crop(whole, picture, margin=MARGIN * scale)


def _crop(whole: Path, picture: Path, margin: int) -> None:
    """Cut off the empty end of a page; its upper left corner shows the colour of what is empty."""
    from PIL import Image, ImageChops

    with Image.open(whole) as opened:
        shown = opened.convert("RGB")
    empty = Image.new("RGB", shown.size, shown.getpixel((0, 0)))
    filled = ImageChops.difference(shown, empty).getbbox()
    end = min(shown.height, (filled[3] if filled else 0) + margin)
    cut = shown.crop((0, 0, shown.width, end)).quantize(
        COLOURS, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE
    )
    cut.save(picture, optimize=True)
