"""What views say of a moment agrees with the run itself."""

from itertools import pairwise
from types import SimpleNamespace

import numpy as np
import pytest

from abm.world.vocabulary import CAUSES
from dashboards.live.frames import Look, Membership
from dashboards.live.scenes import Seen, yearly_sums
from dashboards.views import causes, early_warning, matrix, programmes, talent, tile_map, verdict, views
from dashboards.views import stages as stage_view
from dashboards.views.memberships import badges, groups
from dashboards.words import percent
from tests.dashboards.played import played

STEPS = 44


@pytest.fixture(scope="module")
def run():
    return played("reform_package", STEPS)


@pytest.mark.parametrize("kind", sorted(views()))
@pytest.mark.parametrize("step", [0, 1, STEPS])
@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_view_speaks_at_every_moment(run, kind, step, language):
    module, seen = views()[kind], run.seen(step, language)
    scene = module.scene(seen)
    assert scene.label and "{" not in scene.label and "nan" not in scene.label
    message, buffers = scene.message()
    assert [len(b) for b in buffers] == [np.prod(shape) * int(code[1]) for _, code, shape in message["arrays"]]
    if scene.table is not None:
        head, rows = scene.table()
        assert all(len(row) == len(head) for row in rows)


def test_the_mood_does_not_flicker_between_its_thresholds():
    assert verdict.mood([0.6, 0.48, 0.52, 0.46]) == verdict.FAILS
    assert verdict.mood([0.6, 0.44]) == verdict.MIXED
    assert verdict.mood([0.44, 0.48]) == verdict.MIXED
    assert verdict.mood([0.2, 0.28]) == verdict.HOLDS
    assert verdict.mood([0.2, 0.31, 0.26]) == verdict.MIXED
    assert verdict.mood([0.2, float("nan")]) == verdict.SILENT


def test_before_the_start_nothing_is_judged(run):
    words = verdict.scene(run.seen(0)).words
    assert words["mood"] == verdict.START and words["stages"] == [0, 0, 0, 0] and not words["stage"]


def test_the_verdict_counts_the_tables_of_the_last_year(run):
    last = run.frames[STEPS - 3 : STEPS + 1]
    failed, tables = (sum(frame.regions[name].sum() for frame in last) for name in ("failed", "tables"))
    assert verdict.failed_share(run.seen(STEPS))[-1] == pytest.approx(failed / tables)
    counts = [sum(frame.regions[f"failed_{cause}"].sum() for frame in last) for cause in CAUSES]
    assert verdict.main_cause(run.seen(STEPS)) == int(np.argmax(counts))


def test_the_verdict_says_where_most_fails_and_how_much_is_only_paper(run):
    seen = run.seen(STEPS)
    why, failed = verdict.scene(seen).words["why"], tile_map.failed_by_region(seen)
    worst = int(np.nanargmax(failed))
    assert f"Worst in {seen.world.region_label(worst, 'en')} ({percent('en', failed[worst])})." in why
    real, formal = (seen.metric(name)[-4:].mean() for name in ("mean_substantive_depth", "mean_formal_depth"))
    paper = 1 - real / formal
    assert why.endswith(f" {percent('en', paper)} of the depth of the last year's contracts stayed on paper.")


def test_causes_add_up_to_the_failed_share(run):
    seen = run.seen(STEPS)
    assert sorted(causes.ORDER) == sorted(CAUSES)
    np.testing.assert_allclose(causes.shares(seen).sum(axis=0), verdict.failed_share(seen))


def test_regions_add_up_to_the_nation(run):
    seen = run.seen(STEPS)
    tables = seen.regional("tables")[-4:].sum(axis=0)
    failed = np.nansum(tile_map.failed_by_region(seen) * tables)
    assert failed / tables.sum() == pytest.approx(verdict.failed_share(seen)[-1])


def test_a_moment_in_the_past_is_shown_as_it_was(run):
    scene = verdict.scene(run.seen(12))
    assert scene.words == verdict.scene(played("reform_package", 12).seen(12)).words


def test_contracts_inside_a_community_stand_in_its_block(run):
    seen = run.seen(STEPS)
    scene, found = matrix.scene(seen), groups(seen)
    assert found.ids, "a world without communities shows nothing here"
    a = scene.arrays
    contracts = seen.frame.contracts
    for i in np.flatnonzero(a["is_inside"]):
        g = found.enterprise[contracts.enterprise[i]]
        assert a["enterprise_from"][g] <= a["x"][i] < a["enterprise_from"][g + 1]
        assert a["college_from"][g] <= a["y"][i] < a["college_from"][g + 1]
    pairs = set(zip(a["x"].tolist(), a["y"].tolist(), strict=True))
    assert len(pairs) == len(set(zip(contracts.enterprise.tolist(), contracts.college.tolist(), strict=True)))


def test_colours_are_free_again_but_numbers_stay():
    def look(step, *alive):
        return Look(step, tuple(Membership(i, 0, 5, True, False) for i in alive), ())

    found = badges([look(4, 10, 11), look(8, 11), look(12, 11, 12), look(16, 11, *range(12, 20))])
    assert (found[10].number, found[10].colour) == (1, 0)
    assert (found[11].number, found[11].colour) == (2, 1)
    assert (found[12].number, found[12].colour) == (3, 0)
    assert sorted(b.colour for i, b in found.items() if i > 10) == [0, *range(1, 9)]
    crowd = badges([look(4, *range(40))])
    assert {b.colour for b in crowd.values()} == set(range(18)), "none is grey"


def test_the_map_of_programmes_is_what_colleges_offer_and_what_moved_within_the_year(run):
    seen = run.seen(STEPS)
    scene, now = programmes.scene(seen), seen.frame.offer
    assert np.allclose(scene.arrays["share"].sum(axis=1), 1.0)
    assert now.programmes.sum() == seen.last("n_programmes") == int(scene.words["figures"][0][0])
    before = run.frames[STEPS - 4].offer
    assert programmes.year_before(seen) is before
    marks = [programmes.scene(run.seen(step)).arrays["mark"] for step in range(8, STEPS + 1, 4)]
    offers = [run.frames[step].offer.share for step in range(4, STEPS + 1, 4)]
    grown = [later - earlier >= programmes.NOTED for earlier, later in pairwise(offers)]
    assert np.any(grown) and all(((mark == 1) == more).all() for mark, more in zip(marks, grown, strict=True))
    assert not programmes.scene(run.seen(0)).arrays["mark"].any(), "nothing has moved before the start"
    alike = programmes.alike(np.array([[1.0, 0.0], [0.0, 1.0]]))
    assert alike.tolist() == [0.5, 0.5] and programmes.alike(np.full((3, 4), 0.25)).tolist() == [1.0] * 3
    head, rows = scene.table()
    assert len(rows) == len(seen.world.region_names) and len(head) == now.share.shape[1] + 2


def test_all_graduates_flow_somewhere(run):
    seen = run.seen(STEPS)
    t = seen.frame.talent
    flows = talent.scene(seen).arrays["flows"]
    people = t.in_field.sum() + t.out_of_field.sum() + t.no_work.sum()
    assert people > 0 and flows.sum() == people
    assert flows[:, -2].sum() == t.out_of_field.sum()


def test_many_fields_are_put_together():
    sizes = np.arange(30)
    row = talent.kept(sizes)
    assert row.max() == talent.MOST_FIELDS - 1
    assert (row[-9:] == np.arange(9)).all() and (row[:-9] == 9).all()


def test_memory_rises_as_a_process_forgets_more_slowly():
    rng = np.random.default_rng(3)
    memory, value, values = np.linspace(0.0, 0.99, 400), 0.0, []
    for m in memory:
        value = m * value + rng.normal()
        values.append(value)
    found = early_warning.indicators(np.array(values))
    early, late = found.memory[20:120], found.memory[-100:]
    assert np.nanmean(late) > np.nanmean(early) + 0.2
    assert np.nanmean(found.variance[-100:]) > np.nanmean(found.variance[20:120])


def test_rise_is_kendalls_tau():
    stats = pytest.importorskip("scipy.stats")
    values = np.random.default_rng(1).normal(size=early_warning.TREND) + np.linspace(0, 2, early_warning.TREND)
    assert early_warning.rise(values) == pytest.approx(stats.kendalltau(np.arange(len(values)), values).statistic)
    assert np.isnan(early_warning.rise(values[:5]))


@pytest.mark.parametrize(("language", "since"), [("en", "Year 4, quarter 4"), ("zh", "第 4 年第 4 季度")])
def test_since_when_a_stage_holds_is_said_as_the_page_says_moments(language, since):
    stages = np.zeros((20, 1))
    stages[15:] = 2
    history = SimpleNamespace(steps=20, regional=lambda *_: stages)
    world = SimpleNamespace(region_label=lambda *_: "north", region_names=("north",))
    _, rows = stage_view.scene(Seen(world, history, None, 20, language)).table()
    assert rows[0][2] == since


def test_early_warning_writes_the_same_numbers_in_picture_and_table(run):
    scene = early_warning.scene(run.seen(40))
    found = early_warning.indicators(run.seen(40).metric(early_warning.METRIC))
    head, rows = scene.table()
    assert rows[-1][1:] == scene.words["last"]
    assert float(scene.words["last"][1]) == pytest.approx(found.variance[-1], rel=0.06)
    np.testing.assert_array_equal(scene.arrays["variance"], found.variance)
    assert "1000" not in head[2] and "thousandth" not in head[2]


def test_yearly_sums():
    np.testing.assert_allclose(yearly_sums(np.arange(1.0, 7.0)), [1, 3, 6, 10, 14, 18])
