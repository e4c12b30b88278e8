"""Pages, sheets, the network check: small, whole, in both languages, for browsers of five years ago."""

from __future__ import annotations

import asyncio
import json
import re
import socket
from pathlib import Path
from typing import Any

import pytest
import websockets

from abm.machine.errors import InputError
from abm.world.vocabulary import CAUSES, PARTIES
from dashboards.play import checking, printing, serving
from dashboards.play import table as table_module
from dashboards.play.game import Game
from dashboards.play.opening import opened
from dashboards.play.plan import names, plan
from dashboards.serve import networks
from dashboards.words import LANGUAGES, words
from tests.dashboards.browser import free_port
from tests.dashboards.play.played import Hand

MOST_BYTES = 60_000
NEWER = {
    "replaceAll": r"\.replaceAll\(", "at()": r"\.at\(", "||= and ??=": r"(\|\||&&|\?\?)=", "hasOwn": r"Object\.hasOwn",
    "structuredClone": r"structuredClone", "randomUUID": r"randomUUID", "private fields": r"this\.#",
    "modules": r"^\s*(import|export)\s", ":has": r":has\(", "inset": r"[^-]inset\s*:", "aspect-ratio": r"aspect-ratio",
    "dvh": r"\d[dsl]v[hw]", "color-mix": r"color-mix", "layers": r"@layer|@container",
}  # fmt: skip
"""What Chromium 86 does not know."""


@pytest.mark.parametrize("name", serving.NAMES)
def test_a_page_is_small_whole_and_old_enough(name: str) -> None:
    page = serving.page(name)
    assert len(page.encode()) <= MOST_BYTES
    assert not re.search(r"{{\w+}}", page)
    # Nothing of elsewhere, and of here only codes and the socket.
    assert set(re.findall(r"(?:src|href)=['\"]([^'\"]+)", page)) <= {"data:,", "/code.svg", "/code.svg?of=0",
                                                                     "/code.svg?of=wifi", "/wall"}  # fmt: skip
    assert "http://" not in page.replace("http://www.w3.org", "")
    assert "https://" not in page
    own = "".join(
        (serving.PAGES / f"{part}").read_text() for part in ("play.js", "play.css", f"{name}.js", f"{name}.css")
    )
    assert not {what for what, pattern in NEWER.items() if re.search(pattern, own, re.MULTILINE)}


@pytest.mark.parametrize("name", serving.NAMES)
def test_a_page_has_every_text_that_it_says_in_both_languages(name: str) -> None:
    script = (serving.PAGES / "play.js").read_text() + (serving.PAGES / f"{name}.js").read_text()
    said = set(re.findall(r"""\bt\("([a-z_]+)"\s*[,)]""", script))
    assert len(said) > 15
    texts = json.loads(re.search(r"var WORDS=(.*?);\n", serving.page(name)).group(1))  # type: ignore[union-attr]
    for language in LANGUAGES:
        assert said <= texts[language].keys(), said - texts[language].keys()
        assert len(texts[language]["causes"]) == len(CAUSES)
        assert {card for game in names() for card in plan(game).cards} <= texts[language]["cards"].keys()


def test_every_refusal_has_its_words() -> None:
    folder = Path(serving.__file__).parent
    codes = {
        code
        for path in folder.glob("*.py")
        for code in re.findall(r"""Refused\(\s*"([a-z_]+)\"""", path.read_text("utf-8"))
    }
    codes |= set(re.findall(r'"(\w+)" if ', (folder / "game.py").read_text("utf-8"))) & {"too_late"}
    codes |= {"students_refuse", "government_refuses", "too_late", "too_early", "freed"}
    assert len(codes) > 25
    for language in LANGUAGES:
        assert {f"play.all.err_{code}" for code in codes} <= words(language).keys()


def test_sheets_to_print(tmp_path: Path) -> None:
    paths = printing.write(tmp_path / "sheets")
    assert [path.name for path in paths] == [
        "cards_en.html",
        "debriefing_en.html",
        "cards_zh.html",
        "debriefing_zh.html",
    ]
    for language in LANGUAGES:
        text = (tmp_path / "sheets" / f"cards_{language}.html").read_text("utf-8")
        assert all(party in text for party in PARTIES.labels(language))
        assert text.count("<li>") == 12
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="cannot be written"):
        printing.write(tmp_path / "file")


def test_codes_lead_to_the_room() -> None:
    assert networks.joining("192.168.1.5", 8000, "2345") == "http://192.168.1.5:8000/?c=2345"
    assert networks.wifi("Lab;1", "pass,word") == "WIFI:T:WPA;S:Lab\\;1;P:pass\\,word;;"
    assert networks.wifi("Open", "") == "WIFI:T:nopass;S:Open;;"
    for name, password in (("", "x" * 8), ("x" * 33, ""), ("a", "short")):
        with pytest.raises(InputError):
            networks.wifi(name, password)
    picture = networks.picture("http://192.168.1.5:8000/?c=2345")
    assert picture.startswith("<svg")
    drawn = networks.drawn("http://192.168.1.5:8000/?c=2345").splitlines()
    assert len({len(line) for line in drawn}) == 1
    assert set("".join(drawn)) <= set(" ▄▀█")
    codes = {serving.new_code() for _ in range(200)}
    assert len(codes) > 100
    assert all(re.fullmatch(r"[2-9]{4}", code) for code in codes)


def test_the_check_finds_a_phone_that_gets_through(capsys: pytest.CaptureFixture[str]) -> None:
    port = free_port()

    async def phone() -> None:
        for _ in range(200):
            try:
                line = await websockets.connect(f"ws://127.0.0.1:{port}/talk")
                break
            except OSError:
                await asyncio.sleep(0.05)
        async with line:
            await line.send('{"t":"ping"}')
            await line.recv()
            await line.send('{"t":"took","ms":7}')
            await asyncio.sleep(0.2)

    async def work() -> int:
        walking = asyncio.create_task(phone())
        code = await checking._check("127.0.0.1", port, 20.0)  # pyright: ignore[reportPrivateUsage]
        await walking
        return code

    assert asyncio.run(work()) == 0
    assert "got through from 127.0.0.1: 7 ms" in capsys.readouterr().out


def test_the_check_says_what_helps_where_none_gets_through(capsys: pytest.CaptureFixture[str]) -> None:
    assert checking.check("127.0.0.1", free_port(), 0.3) == 1
    told = capsys.readouterr().out
    assert "no phone got through" in told
    assert "firewall" in told


def test_the_check_page_has_both_languages() -> None:
    assert all(f'lang="{language}"' in checking.page() for language in LANGUAGES)


@pytest.mark.parametrize(
    ("given", "told"),
    [({"game": "lessen"}, "did you mean"), ({"game": "no.toml"}, "is not a file"), ({"pace": 0.0}, "--pace"),
     ({"seed": -1}, "seed")],
)  # fmt: skip
def test_what_cannot_be_played_is_told(tmp_path: Path, given: dict[str, Any], told: str) -> None:
    with pytest.raises(InputError, match=told):
        opened(given.pop("game", "quick"), "host", home=tmp_path, **given)


def test_a_world_of_ones_own_is_played_and_one_too_large_is_told(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text('base = "fragmented"\n[parameters]\ncommunication_cost = 0.012\n', "utf-8")
    game = Game(plan(str(path)), threads=1)
    assert len(game.seats) == 60
    assert game.world.now.p.communication_cost == 0.012
    path.write_text('base = "classroom"\n[population]\nn_enterprises = 5000\n', "utf-8")
    with pytest.raises(InputError, match="more than a class can wait for"):
        plan(str(path))


def test_a_game_in_a_folder_of_another_is_told(tmp_path: Path) -> None:
    room = opened("quick", "host", out=tmp_path / "game", home=tmp_path, threads=1)
    room.journal.close()
    with pytest.raises(InputError, match="holds a game"):
        opened("quick", "host", out=tmp_path / "game", home=tmp_path)
    with pytest.raises(InputError, match="holds no game"):
        opened("quick", "host", home=tmp_path / "none", resumed=Path())


def test_the_room_knows_its_own_addresses() -> None:
    found = networks.networks()
    assert all(socket.inet_aton(network.address) for network in found)
    assert not [network for network in found if network.address.startswith("127.")]


def test_talk_ends() -> None:
    """A table does not grow without end."""
    hand = Hand(people=20)
    hand.does(do="start")
    hand.look()
    hand.next()
    sitting = next(s for s in hand.game.sittings.values() if all(hand.game.sides(s)) and s.table.is_open)
    one, _ = hand.game.sides(sitting)
    assert one is not None
    told = [hand.says(one, "offer", sitting.n, n % 20) for n in range(table_module.MOST_MESSAGES + 5)]
    assert told[-1].get("error") == "talked_enough"
    assert sitting.table.n_messages <= table_module.MOST_MESSAGES
