"""The room by its socket: what is refused, who sees what, what survives a broken line and a killed server."""

from __future__ import annotations

import asyncio
import json
import random
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import websockets

from abm.machine.errors import InputError
from dashboards.play import journal
from dashboards.play.opening import opened
from tests.dashboards.play.phones import Host, Phone, Served, connect, run, served

N_BAD = 10_000


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with served(tmp_path_factory.mktemp("play"), "lesson", "--pace", "20") as found:
        yield found


def test_a_wrong_code_and_a_wrong_host_are_told_and_get_no_seat(room: Served) -> None:
    async def work() -> None:
        for hello, expected in (
            ({"as": "phone", "code": "0000"}, "wrong_code"), ({"as": "phone"}, "wrong_code"),
            ({"as": "phone", "secret": "x" * 24}, "no_such_seat"), ({"as": "host", "secret": "x"}, "wrong_host"),
            ({"as": "host"}, "wrong_host"), ({"as": "king"}, "malformed"),
        ):  # fmt: skip
            async with websockets.connect(room.line) as socket:
                await socket.send(json.dumps({"t": "hello", **hello}))
                assert json.loads(await socket.recv())["error"] == expected
                await socket.send(json.dumps({"t": "move", "id": "1", "do": "done"}))
                assert json.loads(await socket.recv())["error"] == "no_seat"

    run(work())


def test_the_seat_comes_back_by_its_secret_alone(room: Served) -> None:
    async def work() -> None:
        phone = await Phone(room.line, room.code, 1).join(name="Ann")
        seat, secret = phone.seen["me"]["seat"], phone.secret
        await phone.leave()
        again = Phone(room.line, "", 2, secret=secret)
        await again.join()
        assert again.seen["me"]["seat"] == seat
        assert len(secret) >= 20
        await again.leave()

    run(work())


def test_of_two_tabs_the_last_plays_and_the_other_says_so(room: Served) -> None:
    async def work() -> None:
        one = await Phone(room.line, room.code, 3).join()
        two = await Phone(room.line, "", 4, secret=one.secret).join()
        await one.until(lambda: one.seen.get("idle"))
        assert not two.seen["idle"]
        await one.move(do="done")
        assert one.errors[-1]["error"] == "other_tab"
        await one.socket.send(json.dumps({"t": "take"}))
        await two.until(lambda: two.seen.get("idle"))
        await one.until(lambda: not one.seen.get("idle"))
        await one.leave()
        await two.leave()

    run(work())


def bad(rng: random.Random) -> str | bytes:
    """A message that is wrong in one of many ways."""
    junk: list[Any] = [None, True, -1, 2**70, 1.5, float("nan"), "x" * 50, [], {}, [[]], "偷", "\x00", "1"]
    keys = ["t", "id", "do", "row", "table", "level", "tenths", "earnest", "share", "ceiling", "audits", "least",
            "card", "seat", "at", "key", "secret", "as"]  # fmt: skip
    kind = rng.randrange(6)
    if kind == 0:
        return bytes(rng.randrange(256) for _ in range(rng.randrange(60)))
    if kind == 1:
        return "".join(chr(rng.randrange(1, 0x2FF)) for _ in range(rng.randrange(60)))
    if kind == 2:
        return json.dumps(rng.choice(junk))
    if kind == 3:
        return "[" * rng.randrange(1, 1900)
    dos = ["offer", "accept", "walk", "invite", "drop", "effort", "rule", "thresholds", "vote", "join", "start",
           "next", "away", "free", "host"]  # fmt: skip
    message: dict[str, Any] = {"t": rng.choice(["move", "host", "hello", "take", "name", "x"]), "do": rng.choice(dos)}
    for key in rng.sample(keys, rng.randrange(1, 6)):
        message[key] = rng.choice(junk)
    return json.dumps(message)[:2000]


async def _read(socket: Any) -> None:
    with suppress(websockets.ConnectionClosed):
        async for _ in socket:
            pass


@pytest.mark.long
def test_ten_thousand_malformed_messages_leave_the_game_sound(room: Served) -> None:
    async def work() -> None:
        calm = await Phone(room.line, room.code, 5).join()
        before = room.state()
        me, rng, sent = calm.seen["me"], random.Random(7), 0
        while sent < N_BAD:
            # Each is answered; who sends too many is hung up on.
            socket = await connect(room.line)
            reading = asyncio.create_task(_read(socket))
            with suppress(websockets.ConnectionClosed):
                for _ in range(200):
                    await socket.send(bad(rng))
                    sent += 1
            await asyncio.sleep(0.2)
            socket.transport.abort()
            await reading
        await calm.socket.send(json.dumps({"t": "ping"}))
        assert room.state() == before
        assert calm.seen["me"] == me
        assert room.process.poll() is None
        # It still answers what is asked properly.
        await calm.move(do="done")
        assert calm.errors[-1]["error"] == "not_now"
        await calm.leave()

    run(work())


def test_no_seat_is_moved_by_another_in_ten_thousand_tries(tmp_path: Path) -> None:
    """A phone that names others' seats, secrets and tables moves itself at most. Tried at the room, without
    the limit on the rate, so that every message is read."""

    async def work() -> None:
        room = opened("quick", "host", out=tmp_path / "game", home=tmp_path, code="2222", threads=1)
        room.is_ready = True
        worker = asyncio.create_task(room.work())
        lines = [_Line() for _ in range(4)]
        callers = [_caller(line) for line in lines]
        for caller in callers:
            await room.enter(caller)
            await room.hear(caller, json.dumps({"t": "hello", "as": "phone", "code": "2222"}))
        await room.submit({"do": "start"})
        others = room.game.seats[1:4]
        thief, rng = callers[0], random.Random(3)
        dos = [
            "invite",
            "drop",
            "offer",
            "accept",
            "walk",
            "effort",
            "rule",
            "thresholds",
            "vote",
            "done",
            "away",
            "here",
            "join",
            "free",
        ]
        for _ in range(10_000):
            thief.n_bad = 0
            message = {
                "t": rng.choice(["move", "move", "move", "host", "take", "name"]), "do": rng.choice(dos),
                "id": f"{rng.random()}", "seat": rng.randrange(1, 4), "n": rng.randrange(1, 4),
                "row": rng.randrange(20),
                "table": rng.randrange(6), "level": rng.randrange(1, 6), "tenths": rng.randrange(11), "earnest": True,
                "key": others[0].key, "secret": "guess", "tab": "t", "name": "me",
                "share": 0.1, "ceiling": 0.1, "audits": 0.1, "least": [0.0] * 5, "card": "subsidy",
            }  # fmt: skip
            await room.hear(thief, json.dumps(message))
            junk = bad(rng)
            await room.hear(thief, junk if isinstance(junk, str) else junk.decode("latin-1"))
        entries = journal.read(tmp_path / "game")[1]
        assert len(entries) > 1000
        assert {entry["seat"] for entry in entries if "seat" in entry} == {thief.seat}
        assert all(not seat.invited and not seat.is_done and not seat.vote for seat in others)
        worker.cancel()
        room.journal.close()

    run(work())


class _Line:
    """A line that nobody reads."""

    async def send(self, text: str) -> None:
        """Nothing."""

    async def close(self, reason: str) -> None:
        """Nothing."""


def _caller(line: Any) -> Any:
    from dashboards.play.room import Caller
    from dashboards.serve.guard import Rate

    return Caller(line, "test", rate=Rate(burst=1e9, a_second=1e9))


def test_pages_of_other_sites_and_other_names_are_refused(room: Served) -> None:
    def asked(headers: dict[str, str], path: str = "/") -> int:
        request = urllib.request.Request(room.address + path, headers=headers)
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                return answer.status
        except urllib.error.HTTPError as error:
            return error.code

    assert asked({}) == 200
    assert asked({"Host": "evil.example"}) == 421
    assert asked({"Host": f"evil.example:{room.port}"}) == 421
    assert asked({"Origin": "http://evil.example"}) == 403

    async def work() -> None:
        for headers in ({"Origin": "http://evil.example"}, {"Origin": f"http://127.0.0.1:{room.port + 1}"}):
            with pytest.raises(websockets.InvalidStatus):
                await connect(room.line, additional_headers=headers)

    run(work())


def test_spectators_find_room(room: Served) -> None:
    async def work() -> None:
        lookers = [await Host(room.line, "", kind="wall").join() for _ in range(20)]
        assert all("seats" in looker.seen for looker in lookers)
        assert all("folder" not in json.dumps(looker.seen) or looker.seen["room"]["folder"] == "" for looker in lookers)
        for looker in lookers:
            await looker.leave()

    run(work())


@pytest.mark.long
def test_a_killed_server_goes_on_with_every_seat_and_no_move_lost(tmp_path: Path) -> None:
    async def first(room: Served) -> list[Phone]:
        host = await Host(room.line, room.host).join()
        phones = [await Phone(room.line, room.code, n).join(name=f"N{n}") for n in range(8)]
        await host.does("start")
        for phone in phones:
            await phone.until(lambda phone=phone: phone.part == "look")
            for candidate in ((phone.seen["look"] or {}).get("candidates") or [])[:2]:
                await phone.move(do="invite", row=candidate["row"])
        await host.does("next")
        for phone in phones:
            await phone.until(lambda phone=phone: phone.part == "negotiate")
            # Who says nothing keeps the part open.
            for n, table in (phone.seen["tables"] or {}).items() if phone.seed % 2 else ():
                if table["state"] == "open":
                    await phone.move(do="offer", table=int(n), level=2, tenths=5)
        room.kill()
        return phones

    async def second(room: Served, before: list[Phone]) -> None:
        for old in before:
            phone = await Phone(room.line, "", secret=old.secret).join()
            assert phone.seen["me"]["seat"] == old.seen["me"]["seat"]
            assert phone.part == "negotiate"
            for n, table in (phone.seen["tables"] or {}).items():
                known = old.seen["tables"][n]
                assert len(table["said"]) >= len(known["said"])
            assert phone.seen["sheets"] == old.seen["sheets"]
            await phone.leave()

    before: list[Phone] = []
    with served(tmp_path, "lesson", "--pace", "20") as room:
        before = run(first(room))
    moves = sum(phone.n_moves for phone in before)
    assert moves >= 8
    # The last line may be torn.
    path = tmp_path / "game" / journal.FILE
    with path.open("a") as file:
        file.write('{"do":"off')
    with served(tmp_path, resume=True) as room:
        run(second(room, before))
        _, entries = journal.read(tmp_path / "game")
        assert sum("id" in entry for entry in entries) == moves


def test_names_and_secrets_are_not_kept(tmp_path: Path) -> None:
    async def work(room: Served) -> None:
        phone = await Phone(room.line, room.code, 1).join(name="Zebulon")
        host = await Host(room.line, room.host).join()
        await host.until(lambda: any(seat["player"] == "Zebulon" for seat in host.seen["seats"]))
        text = (room.folder / journal.FILE).read_text()
        for secret in (phone.secret, room.host, "Zebulon"):
            assert secret not in text
        assert phone.secret not in json.dumps(host.seen)
        await host.does("names")
        await host.until(lambda: (room.folder / "names.csv").exists())
        assert "Zebulon" in (room.folder / "names.csv").read_text("utf-8-sig")

    with served(tmp_path, "quick") as room:
        run(work(room))
        assert room.host in room.log.read_text()
        assert "Zebulon" not in room.log.read_text()


@pytest.mark.parametrize("text", ["", "{}\n", "not json\n", '{"form":9}\n', '{"form":1,"abm":"0"}\n'])
def test_what_is_no_journal_is_told(tmp_path: Path, text: str) -> None:
    (tmp_path / journal.FILE).write_text(text)
    with pytest.raises(InputError, match="journal"):
        journal.read(tmp_path)
