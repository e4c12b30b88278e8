"""Firefox before a dashboard, by the W3C's WebDriver BiDi: Playwright drives no stock Firefox, and Debian has no
geckodriver. Skipped, with the reason, where there is no Firefox.
"""

from __future__ import annotations

import base64
import itertools
import json
import re
import shutil
import subprocess
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

NAMES = ("firefox-esr", "firefox")
SETTINGS = {
    "app.normandy.enabled": False, "app.update.disabledForTesting": True, "browser.aboutwelcome.enabled": False,
    "browser.shell.checkDefaultBrowser": False, "browser.startup.page": 0,
    "datareporting.policy.dataSubmissionEnabled": False,
    "network.captive-portal-service.enabled": False, "network.connectivity-service.enabled": False,
    "toolkit.telemetry.enabled": False,
    # What is copied may be read without a person who allows it, and downloads ask nobody where to go.
    "dom.events.testing.asyncClipboard": True, "browser.download.folderList": 2,
    "browser.download.useDownloadDir": True, "browser.download.always_ask_before_handling_new_types": False,
}  # fmt: skip
PATIENCE = 240.0
KEYS = {"Space": " ", "Escape": "\ue00c", "ArrowRight": "\ue014"}


def firefox() -> str:
    """Path of the browser; skips the test without one."""
    found = next((path for name in NAMES if (path := shutil.which(name))), None)
    if found is None:
        pytest.skip("no Firefox on the PATH: apt-get install firefox-esr")
    return found


class Tab:
    """A tab, what its scripts failed at, and what a person does in it."""

    def __init__(self, driver: Driver, context: str) -> None:
        self.driver, self.context = driver, context

    def go(self, address: str) -> None:
        self.driver.ask("browsingContext.navigate", context=self.context, url=address, wait="complete")

    def size(self, width: int, height: int) -> None:
        viewport = {"width": width, "height": height}
        self.driver.ask("browsingContext.setViewport", context=self.context, viewport=viewport)

    def picture(self, file: Path) -> None:
        told = self.driver.ask("browsingContext.captureScreenshot", context=self.context)
        file.write_bytes(base64.b64decode(told["data"]))

    def js(self, expression: str) -> Any:
        """The value of an expression, awaited, as JSON brings it."""
        told = self.driver.ask(
            "script.evaluate", expression=f"(async () => JSON.stringify(await ({expression})) ?? 'null')()",
            target={"context": self.context}, awaitPromise=True, userActivation=False,
        )  # fmt: skip
        assert told["type"] == "success", (expression, told)
        return json.loads(told["result"]["value"])

    def until(self, condition: str, seconds: float = 60.0) -> None:
        """Wait for what an expression says."""
        end = time.monotonic() + seconds
        while not self.js(condition):
            assert time.monotonic() < end, f"it did not come about: {condition}; {self.driver.errors}"
            time.sleep(0.1)

    def click(self, selector: str, text: str = "") -> None:
        """Click with the mouse on the first element of a selector, with a text if one is given."""
        found = f"""[...document.querySelectorAll({json.dumps(selector)})]
          .find((e) => e.getClientRects().length && e.innerText.includes({json.dumps(text)}))"""
        place = f"""(() => {{ const e = {found}; e?.scrollIntoView({{ block: "center", behavior: "instant" }});
          const r = e?.getBoundingClientRect();
          return r && [r.x + r.width / 2, r.y + r.height / 2].map(Math.round); }})()"""
        # Where it stays: a page that is being built moves what stands on it.
        x, y = self._still(place)
        acts = [
            {"type": "pointerMove", "x": x, "y": y}, {"type": "pointerDown", "button": 0},
            {"type": "pointerUp", "button": 0},
        ]  # fmt: skip
        self._act({"type": "pointer", "id": "mouse", "parameters": {"pointerType": "mouse"}, "actions": acts})

    def _still(self, place: str) -> tuple[int, int]:
        """What an expression says of a place once it says the same twice."""
        before, end = None, time.monotonic() + 60
        while (now := self.js(place)) is None or now != before:
            assert time.monotonic() < end, f"it is not there, or does not stand still: {place}; {self.driver.errors}"
            before = now
            time.sleep(0.15)
        return now

    def press(self, key: str) -> None:
        """Press and let go a key, by its name in KEYS or as it is written."""
        value = KEYS.get(key, key)
        acts = [{"type": kind, "value": value} for kind in ("keyDown", "keyUp")]
        self._act({"type": "key", "id": "keys", "actions": acts})

    def _act(self, source: dict[str, Any]) -> None:
        self.driver.ask("input.performActions", context=self.context, actions=[source])


class Driver:
    """A Firefox that does as it is told; ``errors``: what scripts of its pages failed at, in any tab."""

    def __init__(self, socket: Any, downloads: Path) -> None:
        self._socket, self._numbers, self.downloads = socket, itertools.count(1), downloads
        self.errors: list[str] = []
        self.ask("session.new", capabilities={"alwaysMatch": {"acceptInsecureCerts": False}})
        self.ask("session.subscribe", events=["log.entryAdded"])

    def ask(self, method: str, **params: Any) -> dict[str, Any]:
        """Send a command and wait for what it gives; what happens meanwhile is noted."""
        number = next(self._numbers)
        self._socket.send(json.dumps({"id": number, "method": method, "params": params}))
        while True:
            told = json.loads(self._socket.recv(timeout=PATIENCE))
            if told.get("id") == number:
                assert told["type"] == "success", (method, told)
                return told["result"]
            entry = told.get("params", {})
            if told.get("method") == "log.entryAdded" and entry["level"] == "error":
                self.errors.append(str(entry.get("text")))

    def tab(self) -> Tab:
        """A tab of somebody else: with storage and cookies of its own."""
        who = self.ask("browser.createUserContext")["userContext"]
        context = self.ask("browsingContext.create", type="tab", userContext=who)["context"]
        return Tab(self, context)


@contextmanager
def driven(folder: Path, language: str = "en-GB") -> Generator[Driver]:
    """Firefox with a profile in a folder; at the end no script of any page may have failed."""
    from websockets.sync.client import connect

    path, downloads = firefox(), folder / "downloads"
    downloads.mkdir()
    settings = SETTINGS | {"browser.download.dir": str(downloads), "intl.accept_languages": language}
    profile = folder / "profile"
    profile.mkdir()
    lines = (f"user_pref({json.dumps(name)}, {json.dumps(value)});" for name, value in settings.items())
    (profile / "user.js").write_text("\n".join(lines))
    log = (folder / "firefox.log").open("w+")
    command = [path, "--headless", "--remote-debugging-port", "0", "--profile", str(profile), "--no-remote"]
    browser = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT)
    try:
        address = _address(folder / "firefox.log", browser)
        with connect(f"{address}/session", max_size=None) as socket:
            driver = Driver(socket, downloads)
            yield driver
            assert driver.errors == []
    finally:
        browser.terminate()
        browser.wait(20)
        log.close()


def _address(log: Path, browser: subprocess.Popen[bytes]) -> str:
    end = time.monotonic() + 60
    while (found := re.search(r"WebDriver BiDi listening on (ws://\S+)", log.read_text())) is None:
        assert browser.poll() is None and time.monotonic() < end, log.read_text()
        time.sleep(0.1)
    return found[1]
