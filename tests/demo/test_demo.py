"""The demo in a browser: channel, thread, modal, direct messages, Home and a form are live."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from tests.demo.browser import Browser
from tests.demo.server import BEN, Demo
from tests.demo.tour import photograph_tour
from tests.preview.photograph import chromium

pytestmark = pytest.mark.skipif(chromium() is None, reason="Chromium is not installed")


@pytest.fixture(scope="module")
def demo() -> Iterator[Demo]:
    with Demo() as served:
        yield served


@pytest.mark.slow
def test_the_tour_goes_through_and_every_picture_shows_something(
    demo: Demo, tmp_path: Path
) -> None:
    photograph_tour(demo, tmp_path)
    pictures = sorted(tmp_path.glob("*.png"))
    assert len(pictures) == 6
    for picture in pictures:
        with Image.open(picture) as shown:
            assert len(shown.convert("RGB").getcolors(1 << 24) or ()) > 8, picture.name


def test_a_form_that_is_saved_stands_on_home(demo: Demo) -> None:
    with Browser() as browser:
        browser.open(f"{demo.url}#{BEN}")
        browser.click("[data-place]", "home")
        browser.click(".home button[data-action]", "New watch")
        browser.shows("Also called", "#modal")
        browser.read("document.querySelector('[data-block=words]').value = 'Benghazi'")
        browser.click("[data-submit]")
        browser.shows("Looks for", ".home")
        browser.shows("Benghazi", ".home")


def test_a_command_is_answered_to_the_person_alone(demo: Demo) -> None:
    with Browser() as browser:
        browser.open(f"{demo.url}#{BEN}")
        browser.type("#text", "/chancery sources")
        browser.shows("No source is polled", ".alone")
