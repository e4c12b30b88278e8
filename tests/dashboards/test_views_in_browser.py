"""Views in a real browser: they draw, say their number, answer mouse and keyboard, and save themselves."""

import base64
import re
import time
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import numpy as np
import pytest
from scipy.sparse.csgraph import minimum_spanning_tree

from dashboards.live.scenes import Scene
from dashboards.live.stream import packed
from dashboards.views import blame_card, views
from tests.dashboards import stage
from tests.dashboards.played import played

pytest.importorskip("playwright.sync_api", reason="Playwright is not installed")
pytestmark = pytest.mark.skipif(not stage.BROWSER.exists(), reason=f"there is no {stage.BROWSER}")

KINDS = sorted(views())
DRAWN = [kind for kind in KINDS if kind != blame_card.KIND]
SMALLEST = {False: 9.0, True: 24.0}
"""Smallest letters on a screen and on a projector, px."""
HEAR = """async ([path, ...messages]) => {
  window.WebSocket = class { readyState = 0; constructor() { window.heard = this; } };
  const { join } = await import(`${path}/drawing/stream.js`), shown = [];
  join("key", 0, (scene, isGround) => shown.push(isGround ? "ground" : scene.step));
  const bytes = (text) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0)).buffer;
  for (const message of messages) window.heard.onmessage({ data: bytes(message) });
  return shown;
}"""
"""What a picture in place 0 is shown of messages of a stream."""


@pytest.fixture(scope="module")
def chromium():
    with stage.browser() as opened:
        yield opened


@pytest.fixture(scope="module")
def seen():
    return played("reform_package", 44).seen(44)


@pytest.fixture
def page_of(chromium):
    pages, problems = [], []

    def make(**kwargs):
        page = stage.empty_page(chromium, **kwargs)
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on("console", lambda said: problems.append(said.text) if said.type == "error" else None)
        pages.append(page)
        return page

    yield make
    for page in pages:
        page.close()
    assert problems == []


def settle(page, number=0):
    """Wait until what was sent is painted."""
    page.wait_for_function("i => window.models[i].sent.some((m) => 'painted' in m)", arg=number)


def painted(page, kind):
    """How many colours a view's canvas shows."""
    return page.evaluate(
        """kind => {
          const c = document.querySelector(`[data-kind=${kind}] canvas`);
          const pixels = new Uint32Array(c.getContext("2d").getImageData(0, 0, c.width, c.height).data.buffer);
          return new Set(pixels).size;
        }""",
        kind,
    )


@pytest.mark.parametrize(("width", "theme"), [(393, "light"), (1024, "dark")])
def test_all_views_draw_and_say_their_number(page_of, seen, width, theme):
    page = page_of(width=width, height=6000, theme=theme)
    for number, kind in enumerate(KINDS):
        stage.put_seen(page, kind, seen, theme)
        settle(page, number)
    for kind in DRAWN:
        assert painted(page, kind) > 5, kind
        label = page.get_attribute(f"[data-kind={kind}] canvas", "aria-label")
        assert label == views()[kind].scene(seen).label
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert page.inner_text("[data-kind=blame_card] .card-who") == blame_card.scene(seen).words["who"]


@pytest.mark.parametrize("is_projected", [False, True])
def test_views_save_themselves_and_letters_are_large_enough(page_of, seen, is_projected):
    page = page_of(width=1400, height=900)
    for number, kind in enumerate(DRAWN):
        stage.put_seen(page, kind, seen, is_projected=is_projected)
        settle(page, number)
        page.evaluate("kind => document.querySelector(`[data-kind=${kind}]`).scrollIntoView()", kind)
        root = ElementTree.fromstring(stage.saved(page, kind, "svg"))
        words = root.findall(".//{http://www.w3.org/2000/svg}text")
        assert any(word.text == root.find("{http://www.w3.org/2000/svg}title").text for word in words)
        sizes = [float(word.get("font-size")) for word in words]
        assert min(sizes) >= SMALLEST[is_projected], (kind, sorted(set(sizes)))
    assert stage.saved(page, "causes", "png").startswith(b"\x89PNG")


def test_a_key_held_on_a_button_saves_one_file(page_of, seen):
    page = page_of()
    stage.put_seen(page, "depth", seen)
    settle(page)
    files = []
    page.on("download", lambda file: files.append(file.suggested_filename))
    page.locator("button[data-act=svg]").focus()
    for _ in range(30):
        page.keyboard.down("Enter")
    page.keyboard.up("Enter")
    assert stage.saved(page, "depth", "png").startswith(b"\x89PNG")
    assert files == ["depth.svg", "depth.png"]


def test_a_region_is_chosen_by_mouse_and_by_keyboard(page_of, seen):
    page = page_of()
    stage.put_seen(page, "tile_map", seen)
    settle(page)
    box = page.locator("canvas").bounding_box()
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + 30)
    page.locator("canvas").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    assert "%" in page.inner_text(".view-tip")
    page.keyboard.press("Enter")
    acts = page.evaluate("window.models[0].sent.filter((m) => m.act === 'region').map((m) => m.value)")
    assert len(acts) == 2 and all(0 <= r < len(seen.world.region_names) for r in acts)


def test_a_click_on_a_series_goes_to_its_moment(page_of, seen):
    page = page_of()
    stage.put_seen(page, "depth", seen)
    settle(page)
    page.mouse.move(200, 150)
    page.locator("canvas").click(position={"x": 200, "y": 100})
    acts = page.evaluate("window.models[0].sent.filter((m) => m.act === 'moment').map((m) => m.value)")
    assert len(acts) == 1 and 1 <= acts[0] < seen.step


def test_the_table_stands_in_for_the_picture(page_of, seen):
    page = page_of()
    stage.put_seen(page, "causes", seen)
    settle(page)
    page.click("button[data-act=table]")
    assert page.evaluate("window.models[0].sent.at(-1).act") == "table"
    head, rows = views()["causes"].scene(seen).table()
    page.evaluate("([head, rows]) => window.models[0].hears({ head, rows }, [])", [head, rows])
    assert page.locator(".view-table tbody tr").count() == len(rows)
    assert page.inner_text(".view-table tbody tr:first-child td:last-child") == rows[0][1]


def test_a_table_is_saved_as_a_spreadsheet_reads_it(page_of, seen):
    page = page_of()
    stage.put_seen(page, "causes", seen)
    settle(page)
    rows = [["=1+1", "山东, 省", -0.5], ['"A"', "@x", "-7"]]
    page.evaluate("([head, rows]) => window.models[0].hears({ head, rows }, [])", [["区域", "名"], rows])
    with page.expect_download() as waited:
        page.click(".view-table button")
    assert waited.value.suggested_filename == "causes.csv"
    text = Path(waited.value.path()).read_bytes()
    assert text.decode("utf-8") == '\ufeff区域,名\n\'=1+1,"山东, 省",-0.5\n"""A""",\'@x,-7\n'


def test_stages_and_early_warning_say_when_and_how_much_as_the_page_does(seen):
    head, rows = views()["stages"].scene(seen).table()
    assert head[2] == "since" and all(re.fullmatch(r"Year \d+, quarter [1-4]", row[2]) for row in rows)
    scene = views()["early_warning"].scene(seen)
    assert [row[0] for row in scene.table()[1]] == list(range(1, seen.step // 4 + 1))
    assert scene.words["last"][0] == f"{seen.metric('substantive_depth_per_enterprise')[-1]:.3f}"


def test_the_buttons_of_a_view_are_one_stop_and_arrows_go_on(page_of, seen):
    page = page_of()
    stage.put_seen(page, "depth", seen)
    settle(page)
    acts = []
    page.keyboard.press("Tab")
    for _ in range(5):
        acts.append(page.evaluate("document.activeElement.dataset.act"))
        page.keyboard.press("ArrowRight")
    assert acts == ["table", "png", "svg", "enlarge", "table"]
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.tagName") == "CANVAS"


def test_f_fills_the_screen_with_projector_letters(page_of, seen):
    page = page_of()
    stage.put_seen(page, "depth", seen)
    settle(page)
    page.locator("canvas").focus()
    page.keyboard.press("f")
    page.wait_for_function("document.fullscreenElement?.dataset.kind === 'depth'")
    page.wait_for_function("document.querySelector('canvas').getBoundingClientRect().height > 300")
    letters = page.evaluate("getComputedStyle(document.querySelector('.view')).getPropertyValue('--view-text')")
    assert float(letters.removesuffix("px")) >= SMALLEST[True]
    page.keyboard.press("f")
    page.wait_for_function("document.fullscreenElement === null")


def test_reduced_motion_is_honoured(page_of, seen):
    page = page_of()
    page.emulate_media(reduced_motion="reduce")
    stage.put_seen(page, "depth", seen)
    settle(page)
    before, begun = int(page.get_attribute("canvas", "data-frames")), time.monotonic()
    for serial in range(2, 30):
        stage.show(page, 0, views()["depth"].scene(seen), serial=serial)
        page.wait_for_timeout(25)
    seconds = time.monotonic() - begun
    assert int(page.get_attribute("canvas", "data-frames")) - before <= 4 * seconds + 2


def test_a_card_applies_its_move_and_turns_its_pages(page_of):
    page, seen = page_of(height=1400), played("reform_package", 44).seen(8)
    first = next(i for i in range(60) if blame_card.scene_of(seen, i).words["levers"])
    number = stage.put(page, blame_card.KIND)
    stage.show(page, number, blame_card.scene_of(seen, first))
    settle(page)
    page.click(".card-act.is-main >> nth=0")
    page.click("text=Show on map")
    page.click("[aria-label='Next negotiation']")
    acts = page.evaluate("window.models[0].sent.filter((m) => m.act).map((m) => [m.act, m.value])")
    lever = blame_card.scene_of(seen, first).words["levers"][0]
    told = blame_card.scene_of(seen, first).words["ledger"]
    rows = page.locator(".card-ledger tbody tr")
    assert rows.all_inner_texts() == ["\t".join(row) for row in told["rows"]]
    assert rows.nth(told["sum"]).get_attribute("class") == "is-sum"
    assert acts[0] == ["apply", {"key": lever["lever"], "value": lever["value"]}]
    assert acts[1][0] == "region" and acts[2][0] == "card"
    assert re.fullmatch(r"\d+ / \d+", page.inner_text(".card-turn span"))


def test_a_scene_that_was_meant_for_another_picture_waits_for_its_ground(page_of):
    ground, scenes = Scene("ground"), [Scene("scene", {"step": step}) for step in (1, 2)]
    early = packed(1, [(0, scenes[0], False)])
    whole = packed(2, [(0, ground, True), (0, scenes[1], False)])
    messages = [base64.b64encode(message).decode() for message in (early, whole, early)]
    assert page_of().evaluate(HEAR, [stage.VIEWS_PATH, *messages]) == ["ground", 2, 1]


def test_the_band_of_a_community_joins_its_members_by_the_shortest_paths(page_of):
    points = np.random.default_rng(5).random((40, 2))
    tree = """async ([path, points]) => (await import(`${path}/drawing/marks.js`)).tree(points)"""
    paths = page_of().evaluate(tree, [stage.VIEWS_PATH, points.tolist()])
    away = np.linalg.norm(points[:, None] - points[None, :], axis=2)
    assert len({frozenset(path) for path in paths}) == len(points) - 1
    assert sum(away[i, j] for i, j in paths) == pytest.approx(minimum_spanning_tree(away).sum())


def test_a_scene_that_comes_before_its_ground_waits_for_it(page_of, seen):
    page, module = page_of(), views()["network"]
    number = stage.put(page, "network", has_ground=True)
    scene = module.scene(seen)
    stage.show(page, number, scene)
    page.wait_for_timeout(300)
    assert page.evaluate("document.querySelector('[data-kind=network] canvas').dataset.frames ?? null") is None
    stage.show(page, number, module.ground(seen.world, "en"), is_ground=True)
    page.wait_for_function("document.querySelector('[data-kind=network] canvas').dataset.frames > 0")
    assert page.get_attribute("[data-kind=network] canvas", "aria-label") == scene.label


def test_the_label_of_the_last_picture_is_heard_also_when_it_came_soon_after_another(page_of):
    page, run = page_of(), played("reform_package", 44)
    number = stage.put(page, "tile_map")
    module = views()["tile_map"]
    stage.show(page, number, module.ground(run.world, "en"), is_ground=True)
    for serial, step in enumerate((4, 20), 1):
        stage.show(page, number, module.scene(run.seen(step)), serial=serial)
        page.wait_for_timeout(60)
    label = module.scene(run.seen(20)).label
    assert label != module.scene(run.seen(4)).label
    page.wait_for_function("l => document.querySelector('[data-kind=tile_map] canvas').ariaLabel === l", arg=label)
