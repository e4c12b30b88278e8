"""What a stranger may send to a dashboard, over real sockets, to a server of our own on this machine."""

from __future__ import annotations

import json
import os
import random
import secrets
import socket
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psutil

from tests.attack.making import Maker
from tests.attack.tally import Tally
from tests.experiments.simulators import BASE

SCRIPT = "<script>alert(41)</script>"
SCRIPTS = (
    SCRIPT, "\"><img src=x onerror=alert(41)>", "'-alert(41)-'", "</title><script>alert(41)</script>",
    "javascript:alert(41)", "{{constructor.constructor('alert(41)')()}}", "<svg/onload=alert(41)>",
    "]]><script>alert(41)</script>",
)  # fmt: skip
RAW = tuple(text for text in SCRIPTS if "<" in text)
"""Of these, what must never stand in a page as it is."""
PROTECTIVE = ("content-security-policy", "x-content-type-options", "x-frame-options", "referrer-policy")


class Stranger:
    """Talks to one server without any manners."""

    def __init__(self, address: str) -> None:
        self.port = int(address.rpartition(":")[2])

    def connect(self) -> socket.socket:
        """A connection."""
        return socket.create_connection(("127.0.0.1", self.port), timeout=20)

    def send(self, raw: bytes) -> tuple[int, dict[str, str], bytes]:
        """Status, headers and body of what is answered; status 0 for nothing."""
        with self.connect() as connection:
            with suppress(OSError):
                connection.sendall(raw)
            answer = b""
            with suppress(OSError):
                while part := connection.recv(65536):
                    answer += part
                    if len(answer) > 8_000_000:
                        break
        head, _, body = answer.partition(b"\r\n\r\n")
        lines = head.decode("latin-1").split("\r\n")
        if not lines[0].startswith("HTTP/1.1 "):
            return 0, {}, answer
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:])}
        return int(lines[0].split()[1]), headers, body

    def get(self, path: str, host: str = "", method: str = "GET", **headers: str) -> tuple[int, dict[str, str], bytes]:
        """A request for a path, as it stands."""
        more = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items())
        text = (
            f"{method} {path} HTTP/1.1\r\nHost: {host or f'127.0.0.1:{self.port}'}\r\nConnection: close\r\n{more}\r\n"
        )
        return self.send(text.encode("utf-8", "surrogatepass"))

    def socket(self, path: str, **more: Any) -> Any:
        """A websocket."""
        from websockets.sync.client import connect

        return connect(f"ws://127.0.0.1:{self.port}{path}", open_timeout=20, close_timeout=2, max_size=None, **more)


def strange(status: int, headers: dict[str, str], body: bytes, *, texts: Sequence[str] = RAW) -> str:
    """What is wrong with an answer, whatever was asked; empty if nothing is."""
    if status >= 500:
        return f"status {status}"
    if status and (missing := [name for name in PROTECTIVE if name not in headers]) and status != 400:
        return f"status {status} without {missing}"
    if any(text.encode() in body for text in texts):
        return "a script stands in the page"
    if b"Traceback (most recent" in body or b"root:x:0:" in body or b"[project]" in body:
        return "the body tells what it must not"
    return ""


def hosts(stranger: Stranger, n: int, seed: int) -> Tally:
    """Foreign and odd hosts and origins, for pages, files and sockets."""
    tally, maker = Tally("network", "foreign hosts and origins"), Maker(f"hosts {seed}")
    own = f"127.0.0.1:{stranger.port}"
    odd = (
        "evil.example", "127.0.0.1.evil.example", "localhost.evil.example", "127.0.0.1@evil.example",
        f"{own}/; script-src *",
        "0x7f.1", "2130706433", "[::ffff:7f00:1]", "xn--lcalhost-54a", "127.1", "LOCALHOST.", "a" * 5000,
        "[::1", "]", " ", "*",
    )  # fmt: skip
    paths = ("/", "/lab", "/vendor/x", "/views/drawing/main.js", "/download/x", "/static/assets/style.css", "/readyz")
    for i in range(n):
        host = odd[i % len(odd)] if maker.often(0.7) else f"{secrets.token_hex(3)}.example:{stranger.port}"
        path = maker.one(paths)
        if i % 3 == 0:
            answer = stranger.get(path, host)
            wrong = strange(*answer) or ("" if answer[0] in (400, 421) else f"status {answer[0]}")
        elif i % 3 == 1:
            answer = stranger.get(path, Origin=f"http://{host}".strip())
            wrong = strange(*answer) or ("" if answer[0] in (400, 403) or not host.strip() else f"status {answer[0]}")
        else:
            wrong = ""
            place = f"/frames/{secrets.token_hex(8)}"
            with suppress(Exception), stranger.socket(place, origin=f"http://{host}"):
                wrong = "a socket of another origin was opened"
        tally.check(not wrong, "refused", f"{path} host or origin {host[:60]!r}: {wrong}")
    return tally


def headers(stranger: Stranger, n: int, seed: int) -> Tally:
    """Headers of proxies, line breaks and other odd ones: nothing of them is in this or a later answer."""
    tally, maker = Tally("network", "injected headers, and those of proxies"), Maker(f"headers {seed}")
    names = (
        "X-Script-Name", "Script-Name", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Prefix",
        "X-Forwarded-Proto",
        "X-Original-URL", "X-Rewrite-URL", "Forwarded", "X-Real-IP", "Cookie", "Accept-Language", "Referer",
        "User-Agent",
        "Range", "If-None-Match", "Content-Type", "Upgrade", "Expect", "TE", "X-HTTP-Method-Override",
        "Accept-Encoding",
    )  # fmt: skip
    for i in range(n):
        name, value = (
            maker.one(names),
            maker.one((*SCRIPTS, "/abm", "../", "a" * 6000, "bytes=0-,0-,0-", "\xff\xfe", "solara-session-id=x")),
        )
        path = maker.one(
            ("/", "/lab?scenario=classroom", "/%0d%0aX-Injected:%201", "/vendor/%0d%0aX-Injected:1", "/nowhere")
        )
        ends = maker.one(("", "", "\r\nX-Injected: 1" if i % 2 else "\nX-Injected: 1"))
        answer = stranger.get(path, **{name: value}) if not ends else stranger.get(f"{path}{ends}", **{name: value})
        wrong = strange(*answer) or ("a header was injected" if "x-injected" in answer[1] else "")
        later = stranger.get("/")
        wrong = wrong or (
            "a later page is another" if later[0] != 200 or strange(*later) or b"/abm/" in later[2] else ""
        )
        tally.check(not wrong, f"status {answer[0]}", f"{name}: {value[:60]!r} at {path}: {wrong}")
    return tally


def paths(stranger: Stranger, n: int, seed: int) -> Tally:
    """Ways out of the folders that are given out, NULs, odd methods, endless and odd addresses."""
    tally, maker = Tally("network", "traversal, NUL, odd addresses and methods"), Maker(f"paths {seed}")
    roots = (
        "/", "/vendor/", "/views/", "/views/drawing/", "/download/", "/static/", "/static/assets/", "/static/public/",
        "/static/nbextensions/",
        "/_solara/api/close/", "/_solara/cdn/", "/frames/", "/resourcez", "/_solara/api/evict/",
        "/jupyter/api/kernels/",
        "/lab/",
    )  # fmt: skip
    ups = (
        "../",
        "..%2f",
        "%2e%2e/",
        "%2e%2e%2f",
        "..\\",
        "..%5c",
        "....//",
        "%c0%ae%c0%ae/",
        "..;/",
        "%252e%252e%252f",
        "/",
        "./",
    )
    goals = (
        "etc/passwd",
        "pyproject.toml",
        "proc/self/environ",
        "dashboards/app.py",
        "%00",
        "a%00.js",
        "",
        "con",
        ".git/config",
    )
    for _ in range(n):
        kind = maker.random.random()
        if kind < 0.7:
            path = maker.one(roots) + maker.one(ups) * maker.random.randrange(9) + maker.one(goals)
        elif kind < 0.85:
            path = maker.one(roots) + quote(
                maker.one((*SCRIPTS, "\0", "é", "\u202e", "a" * 3000)), safe=maker.one(("", "/<>\"'"))
            )
        else:
            key = maker.one(("a", "session_id", "scenario"))
            path = f"{maker.one(roots)}?{key}={quote(maker.one(SCRIPTS), safe='<>')}"
        method = maker.one(
            ("GET", "GET", "GET", "HEAD", "OPTIONS", "DELETE", "PUT", "TRACE", "PROPFIND", "get", "A" * 40)
        )
        answer = stranger.get(path.replace(" ", "%20"), method=method)
        wrong = strange(*answer)
        tally.check(not wrong, f"status {answer[0]}", f"{method} {path[:80]!r}: {wrong}")
    return tally


def slow(stranger: Stranger, n: int, seed: int) -> Tally:
    """Connections that send a byte now and then: others are answered meanwhile, and they are hung up on."""
    tally = Tally("network", "slow connections at once")
    with ExitStack() as stack:
        held = [stack.enter_context(stranger.connect()) for _ in range(n)]
        for connection in held:
            connection.sendall(b"GET / HTTP/1.1\r\nHost: 127.0.0.1")
        begun = time.monotonic()
        status = stranger.get("/readyz")[0]
        waited = time.monotonic() - begun
        tally.check(
            status == 200 and waited < 5, "others are answered meanwhile", f"/readyz: {status} after {waited:.1f} s"
        )
        end = time.monotonic() + 60
        left = list(held)
        while left and time.monotonic() < end:
            for connection in list(left):
                try:
                    connection.send(b"1")
                    connection.setblocking(False)
                    if connection.recv(4096) == b"":
                        left.remove(connection)
                except BlockingIOError:
                    pass
                except OSError:
                    left.remove(connection)
                finally:
                    connection.setblocking(True)
            time.sleep(0.5)
        for connection in held:
            tally.check(connection not in left, "hung up on", "still open after a minute")
    return tally


def floods(stranger: Stranger, n: int, seed: int) -> Tally:
    """Requests and sockets as fast as they go: some are refused, and then all is as before."""
    tally = Tally("network", "floods of requests and sockets")
    server = next(
        c.pid for c in psutil.net_connections("tcp") if c.status == "LISTEN" and c.laddr.port == stranger.port
    )
    threads = psutil.Process(server).num_threads()
    seen: list[int] = []

    def ask() -> None:
        for _ in range(n // 8):
            with suppress(OSError):
                seen.append(stranger.get("/readyz")[0])

    asking = [threading.Thread(target=ask) for _ in range(8)]
    for thread in asking:
        thread.start()
    for thread in asking:
        thread.join(240)
    for status in seen:
        tally.check(status in (200, 429), f"status {status}", f"status {status}")
    opened = 0
    with ExitStack() as stack:
        for _ in range(300):
            try:
                stack.enter_context(stranger.socket(f"/frames/{secrets.token_hex(8)}"))
                opened += 1
            except Exception:  # noqa: BLE001
                tally.end("socket refused")
    tally.came["socket opened"] += opened
    tally.tried += opened
    time.sleep(5)
    more = psutil.Process(server).num_threads() - threads
    tally.check(more <= 40, "threads are few after it", f"{more} threads more than before")
    status = stranger.get("/readyz")[0]
    tally.check(status in (200, 429), "answers after it", f"status {status}")
    return tally


def messages(stranger: Stranger, n: int, seed: int) -> Tally:
    """Huge, nested and odd messages on both sockets, and other visitors' worlds: nothing but a closed socket."""
    tally, draw = Tally("network", "messages on sockets; worlds of others"), random.Random(seed)
    odd: tuple[Any, ...] = (
        "[" * 100_000, '{"a":' * 100_000, "[[1e999,1,1]]", "nonsense", b"\0" * 1000, os.urandom(2000), "9" * 5000,
        "x" * 17_000_000,
        json.dumps({"header": {"msg_type": "comm_open"}, "content": {"target_name": SCRIPT}, "channel": "shell"}),
        json.dumps({"header": None, "content": [], "channel": 3}), json.dumps([]), "null", "1", '{"header":{}}',
    )  # fmt: skip
    places = (
        lambda: f"/frames/{secrets.token_hex(8)}",
        lambda: f"/jupyter/api/kernels/{secrets.token_hex(16)}/x?session_id={secrets.token_hex(8)}",
        lambda: "/jupyter/api/kernels/../x?session_id=1",
    )
    for i in range(n):
        path, message = draw.choice(places)(), odd[i % len(odd)]
        how = "refused"
        try:
            with stranger.socket(path) as connection:
                connection.send(message)
                said = connection.recv(timeout=3)
                how = "answered" if said else "closed"
                if isinstance(said, str) and any(text in said for text in RAW):
                    how = "a script came back"
        except TimeoutError:
            how = "not answered"
        except Exception as error:  # noqa: BLE001
            how = "closed" if "close" in str(error).lower() else "refused"
        tally.check(how != "a script came back", how, f"{path}: {how}")
        if i % 20 == 19:
            status = stranger.get("/readyz")[0]
            tally.check(status in (200, 429), "answers meanwhile", f"/readyz: status {status}")
            # Within what one caller may open in a second.
            time.sleep(1)
    return tally


def scripts(n: int, seed: int) -> Tally:
    """Script in every text that a user brings to reports of runs and sweeps: nowhere does it stand as it is."""
    import abm
    from abm.results.report import html
    from dashboards.onefile.film import filmed
    from dashboards.onefile.page import page as one_file
    from experiments.design import load
    from experiments.report.overview import overview
    from experiments.report.report import write
    from experiments.sweep import sweep

    tally, maker = (
        Tally("network", "script in texts of scenarios and designs, in reports and one-file runs"),
        Maker(f"scripts {seed}"),
    )
    small = {"n_regions": 1, "n_colleges": 2, "n_enterprises": 4, "n_students": 60}
    for _ in range(n):
        texts = {key: maker.one(SCRIPTS) for key in ("title", "title_zh", "rationale", "expected")}
        world = abm.scenario.from_toml('base = "classroom"\nsteps = 1\n')
        page = html(abm.run(world.with_overrides(population=small, sources=[maker.one(SCRIPTS)], **texts), seed=1))
        tally.check(not any(text in page for text in RAW), "report of a run: none", f"report of a run: {texts}")
        named = world.with_overrides(population=small, **texts)
        page = one_file(filmed(named, 1, ["en", "zh"]), ["en", "zh"])
        tally.check(not any(text in page for text in RAW), "run as one file: none", f"run as one file: {texts}")
        with tempfile.TemporaryDirectory() as folder:
            arm, title, question = maker.one(SCRIPTS), maker.one(SCRIPTS), f"{maker.one(SCRIPTS)}|x\n# y"
            design = load(
                BASE, simulator="tests.experiments.simulators:raising_first", replications=1, title=title,
                question=question, arms={arm: {}, "plain": {"subsidy_rate": 0.1}},
                vary={"communication_cost": [0.0, 0.01]},
            )  # fmt: skip
            study = sweep(design, folder, 1, "serial", True)
            view = overview(study)
            place = Path(folder) / "report"
            write(
                place,
                title,
                question,
                view.answer(),
                view.tables,
                view.figures(),
                study.provenance(),
                [maker.one(SCRIPTS)],
            )
            for name in ("report.html", "report.md"):
                text = (place / name).read_text("utf-8")
                found = [script for script in RAW if script in text]
                tally.check(not found, f"{name} of a sweep: none", f"{name}: {found} as it is")
    return tally


PARTS: dict[str, Callable[[Stranger, int, int], Tally]] = {
    "hosts": hosts, "headers": headers, "paths": paths, "messages": messages, "slow": slow, "floods": floods,
}  # fmt: skip
