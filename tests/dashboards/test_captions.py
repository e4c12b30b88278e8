"""A picture that is taken along says what it is of: scenario, seed, moment, what was changed, version."""

from __future__ import annotations

from dataclasses import replace

import pytest

from abm.machine.version import __version__
from abm.scenario.changes import Change
from dashboards.views import views
from dashboards.views.live_view import captioned
from dashboards.words.vocabulary import name_of
from tests.dashboards import stage
from tests.dashboards.played import played

CHANGES = (Change(12, "subsidy_rate", 0.3), Change(30, "supervision", 0.9))


@pytest.mark.parametrize(
    ("language", "told"),
    [("en", "Year 5, quarter 4 · changed: subsidy = 0.3 (Year 3, quarter 4)"),
     ("zh", "第 5 年第 4 季度 · 改动：补贴 = 0.3（第 3 年第 4 季度）")],
)  # fmt: skip
def test_the_caption_holds_all_that_the_picture_depends_on(language: str, told: str) -> None:
    seen = played("classroom", 20).seen(20, language)
    scenario = replace(seen.world.scenario, changes=CHANGES)
    caption = str(captioned(views()["depth"].scene(seen), scenario, seen).words["caption"])
    assert caption.startswith("classroom")
    assert f"{scenario.seed} · industry-education-abm {__version__}" in caption
    assert caption.endswith(told), caption
    assert "0.9" not in caption, "what is changed later is not in the picture"


def test_a_setting_of_a_rule_is_named_with_its_rule() -> None:
    assert name_of("en", "subsidy.rate") == "Subsidy: rate"
    assert name_of("zh", "subsidy.rate").startswith("补贴：")
    assert name_of("en", "no such") == "no such"


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_caption_stands_below_the_exported_picture_whatever_its_length(language: str) -> None:
    seen = played("classroom", 20).seen(20, language)
    many = tuple(Change(t, "subsidy_rate", t / 100) for t in range(1, 15))
    scene = captioned(views()["depth"].scene(seen), replace(seen.world.scenario, changes=many), seen)
    with stage.browser() as chromium:
        page = stage.empty_page(chromium)
        number = stage.put(page, "depth", language)
        stage.show(page, number, views()["depth"].ground(seen.world, language), is_ground=True)
        stage.show(page, number, scene)
        page.wait_for_function("window.models[0].sent.some((m) => 'painted' in m)")
        page.set_content(stage.saved(page, "depth", "svg").decode())
        boxes = page.evaluate(r"""() => {
          const all = document.querySelector("svg").getBoundingClientRect();
          return [...document.querySelectorAll("svg text")].map((t) => [t.textContent, t.getBoundingClientRect()])
            .filter(([words]) => /0\.\d+ ?[(（]/.test(words))
            .map(([, b]) => [b.right <= all.right, b.bottom <= all.bottom]);
        }""")
        page.close()
    assert len(boxes) > 1, "the caption is in lines"
    assert all(all(inside) for inside in boxes), boxes
