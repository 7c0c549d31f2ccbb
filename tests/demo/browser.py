"""Drives one page in headless Chromium over its DevTools protocol: no driver to be installed.

    with Browser() as browser:
        browser.open(url)
        browser.type("#text", "@Chancery who signed it?")
        browser.wait_for("document.querySelector('.replies')")
        browser.photograph(Path("picture.png"))

https://chromedevtools.github.io/devtools-protocol/ names the methods.
"""

from __future__ import annotations

import asyncio
import base64
import json
import subprocess
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Self

import aiohttp

from tests.fakes.slack_observation import PATIENCE
from tests.preview.photograph import COLOURS, FLAGS, chromium

LOOKED_EVERY = 0.05


class Browser:
    """One page, while it is entered; RuntimeError where no Chromium is installed."""

    def __init__(self, width: int = 1240, height: int = 800) -> None:
        self._size = (width, height)
        self._opened = ExitStack()
        self._loop = asyncio.new_event_loop()
        self._number = 0

    def __enter__(self) -> Self:
        program = chromium()
        if program is None:
            raise RuntimeError("Chromium is not installed; on Debian: apt-get install chromium")
        # The browser's own processes may still write into its profile while it is removed.
        profile = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        folder = self._opened.enter_context(profile)
        width, height = self._size
        process = subprocess.Popen(
            [
                program,
                *FLAGS,
                f"--user-data-dir={folder}",
                f"--window-size={width},{height}",
                "--remote-debugging-port=0",
                "about:blank",
            ],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self._opened.callback(process.wait, PATIENCE)
        self._opened.callback(process.terminate)
        self._opened.callback(self._loop.close)
        port = Path(folder) / "DevToolsActivePort"
        _until(lambda: port.is_file() and port.read_text().count("\n") >= 1, "Chromium")
        self._loop.run_until_complete(self._connect(int(port.read_text().splitlines()[0])))
        self._opened.callback(lambda: self._loop.run_until_complete(self._session.close()))
        self._command(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=2,
            mobile=False,
        )
        return self

    def __exit__(self, *_error: object) -> None:
        self._opened.close()

    def open(self, url: str) -> None:
        """Go to a page, until its scripts have run: a form is sent by them, not by itself."""
        self._command("Page.navigate", url=url)
        self.wait_for(f"location.href === {json.dumps(url)} && document.readyState === 'complete'")

    def read(self, script: str) -> Any:
        """What an expression in the page comes to."""
        held = self._command("Runtime.evaluate", expression=script, returnByValue=True)
        if "exceptionDetails" in held:
            raise AssertionError(f"{script}: {held['exceptionDetails']}")
        return held["result"].get("value")

    def wait_for(self, script: str) -> Any:
        """What an expression comes to once that is true."""
        return _until(lambda: self.read(f"(() => {{ return {script}; }})()"), script)

    def click(self, selector: str, holding: str = "") -> None:
        """Click the last thing of a selector, of those that hold a text."""
        found = (
            f"[...document.querySelectorAll({json.dumps(selector)})]"
            f".filter((one) => one.textContent.includes({json.dumps(holding)})).pop()"
        )
        self.wait_for(f"!!{found}")
        self.read(f"{found}.click()")

    def type(self, selector: str, text: str) -> None:
        """Enter a text and send its form."""
        field = f"document.querySelector({json.dumps(selector)})"
        self.wait_for(f"!!{field}")
        self.read(f"{field}.value = {json.dumps(text)}; {field}.form.requestSubmit()")

    def shows(self, text: str, within: str = "body") -> None:
        """Wait until a text is to be read."""
        self.wait_for(
            f"(document.querySelector({json.dumps(within)}) || document.body)"
            f".innerText.includes({json.dumps(text)})"
        )

    def photograph(self, picture: Path, selector: str = "") -> None:
        """Write a PNG of what the window shows, or of one thing in it."""
        asked: dict[str, Any] = {"format": "png"}
        if selector:
            box = self.read(
                f"(() => {{ const b = document.querySelector({json.dumps(selector)})"
                ".getBoundingClientRect(); return [b.x, b.y, b.width, b.height]; })()"
            )
            asked["clip"] = dict(zip(("x", "y", "width", "height"), box, strict=True), scale=1)
        shown = base64.b64decode(self._command("Page.captureScreenshot", **asked)["data"])
        picture.write_bytes(shown)
        _smaller(picture)

    def _command(self, method: str, **arguments: Any) -> Any:
        return self._loop.run_until_complete(self._ask(method, arguments))

    async def _connect(self, port: int) -> None:
        self._session = aiohttp.ClientSession()
        async with self._session.get(f"http://127.0.0.1:{port}/json") as answer:
            targets = await answer.json(content_type=None)
        page = next(one for one in targets if one["type"] == "page")
        self._socket = await self._session.ws_connect(
            page["webSocketDebuggerUrl"], max_msg_size=64 * 1024 * 1024
        )

    async def _ask(self, method: str, arguments: dict[str, Any]) -> Any:
        self._number += 1
        await self._socket.send_json({"id": self._number, "method": method, "params": arguments})
        while True:
            told = json.loads((await self._socket.receive(PATIENCE)).data)
            if told.get("id") == self._number:
                if "error" in told:
                    raise AssertionError(f"{method}: {told['error']}")
                return told["result"]


def _until(look: Any, what: str) -> Any:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if found := look():
            return found
        time.sleep(LOOKED_EVERY)
    raise TimeoutError(f"{what} did not come in {PATIENCE} s")


def _smaller(picture: Path) -> None:
    """As many colours as text, signs and a chart need; half the bytes of all."""
    from PIL import Image

    with Image.open(picture) as opened:
        drawn = opened.convert("RGB")
    drawn.quantize(COLOURS, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE).save(
        picture, optimize=True
    )
