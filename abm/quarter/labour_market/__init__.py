"""Phase 7, labour market: graduates meet vacancies, quit, and are hired again (Eq. 42-49, 97, 101,
104; paper 1.2, 3.3, [14]).

The cohort that has just finished is followed for a year. In the graduation quarter all its members
seek work: hosts take their trainees first, then vacancies fill field by field inside each region,
then out of the field, then across regions. In the three quarters after it, some quit and seek again.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from abm.machine.blocks import college_blocks, region_blocks, starts_by_region
from abm.machine.kernels import beside, kernel, over_blocks
from abm.machine.streams import of_field
from abm.quarter.labour_market.employers import Employers, open_quarter, record_staff
from abm.quarter.labour_market.fields import compare_fields, count_unfilled
from abm.quarter.labour_market.graduates import attained, graduate, hire_trainees, hosts_of, leave, record_quits
from abm.quarter.labour_market.matching import FIXED_POINT, match_regions, migrate, start_work
from abm.quarter.labour_market.ties import ties_by_programme
from abm.world.emerging import emerging_sector
from abm.world.equations import certified
from abm.world.levers import L
from abm.world.state import COHORTS, QUARTERS_A_YEAR, Bytes, Floats, Ints, Keys, Rows, Singles

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from abm.world.conditions import Conditions
    from abm.world.parameters import Parameters
    from abm.world.state import State

WRITES: tuple[str, ...] = (
    "students.employer",
    "students.match",
    "students.field",
    "students.status",
    "students.hired_at",
    "enterprises.vacancies",
    "enterprises.posted",
    "enterprises.staff",
    "enterprises.retention",
    "enterprises.skilled",
    "enterprises.recorded_staff",
    "enterprises.recorded_fit",
    "enterprises.recorded_related",
    "governments.raiders",
    "governments.market_fit",
    "colleges.placement",
    "programmes.related",
    "flows",
    "measured",
    "regional",
)
"""Flows, each quarter: ``graduates`` (in the followed cohort), ``employed``, ``seekers`` (left without work),
``hires``, ``trainees_hired``, ``migrants`` (hired in another region than that of the college), ``quits``, ``quit_rate``
(of those employed before), ``vacancies_open``, ``vacancies_posted``, ``fill_rate`` (staff / posted, at most 1),
``employed_share``, ``field_related`` (of the employed, in work that fits),
``related_share_now`` (their share), ``mean_match``, ``mismatch`` (1 - mean
match of the employed).
Measured once a year and carried forward in ``measured`` and ``flows``: ``mastered_share`` and ``skilled_share`` (of
what was taught, of graduates, at t % 4 == 0; NaN without any), ``employed_half_year`` (share of the cohort at
work when half a year is over, at t % 4 == 1), ``field_related_share`` (of those, t % 4 == 1), ``first_jobs``
(taken in the quarter of graduation, at t % 4 == 0), ``first_jobs_left`` (of these, left at 1), ``half_year_turnover``
(share of the first jobs left at 1 or 2, one by one, at 2; NaN without any), ``field_mismatch`` (graduates too many or
too few by field and region over vacancies, at 0). With an emerging sector ``emerging_share`` (of the vacancies posted,
at 0) and, each quarter, ``unfilled_emerging`` (share of its vacancies that are open).
``regional`` [R]: ``employed_half_year`` and ``field_related_share`` by region of the college; ``fill_rate`` and
``mean_match`` by region of the employer; ``field_mismatch``, ``unfilled_emerging``, ``emerging_share`` and, of one
and two years before, ``emerging_share_1`` and ``emerging_share_2``."""


_CERTIFICATES, _SUPERVISION = int(L.CERTIFICATES), int(L.SUPERVISION)


class Moment(NamedTuple):
    """Which draw, and which cohort."""

    seed: np.uint64
    step: int
    quarter: int
    """Quarters since graduation, 0-3."""
    slot: int
    """Slot of the followed cohort."""


class Followed(NamedTuple):
    """The A students of the followed cohort, and their programmes."""

    offsets: Ints  # [P + 1]
    skills: Singles  # [K, COHORTS, A] of all cohorts
    practice: Singles  # [A]
    employer: Rows  # [A]
    match: Singles  # [A]
    field: Bytes  # [A]
    status: Bytes  # [A]
    hired_at: Bytes  # [A]
    college: Keys  # [P] id of the college
    region: Rows  # [P]
    certified: Singles  # [P] what hiring makes of practice that is certified, 0-1 (Eq. 118)
    when: Ints  # [P] what stands for the step in draws about the programme's students


def labour_market(state: State, scenario: Conditions) -> None:
    """One quarter of the followed cohort's first year after graduation."""
    moment, parameter_record = _moment(state), scenario.parameter_record
    emerging = emerging_sector(scenario.p, len(state.sectors.demand))
    followed = _followed(state, moment.slot, scenario.p)
    employers = _employers(state, moment, emerging, parameter_record)
    threads = state.threads
    n_programmes, n_regions = len(followed.college), len(state.governments.id)
    blocks = college_blocks(followed.offsets, threads)
    trainees = quits = staff = first_left = 0
    if moment.quarter == 0:
        starts, enterprise, slot = ties_by_programme(state.ties, len(state.sectors.demand), n_programmes)
        index = (starts, enterprise, hosts_of(state.ties, starts, enterprise, slot, state.enterprises.size))
        demand = state.sectors.demand.astype(np.float32)
        over_blocks(graduate, blocks, moment, followed, demand, index, parameter_record, threads=threads)
        learnt = beside(attained, moment, followed, parameter_record, threads=min(threads, len(blocks)))
        compare_fields(state, followed.offsets, followed.field, emerging)
        employers.open_before[:] = employers.vacancies
        trainees = hire_trainees(moment, followed, employers)
        mastered, skilled = learnt.result()
        _record_learnt(state, mastered, skilled, int(followed.offsets[-1]))
    else:
        gone, n_gone = np.empty(len(followed.employer), np.int32), np.zeros((n_programmes, 2), np.int64)
        over_blocks(leave, blocks, moment, followed, employers, gone, n_gone, parameter_record, threads=threads)
        quits, staff = record_quits(followed.offsets, state.enterprises, gone, n_gone, parameter_record)
        first_left = int(n_gone[:, 1].sum())
        employers.open_before[:] = employers.vacancies
    first_programmes = starts_by_region(followed.region, n_regions)
    regions = region_blocks(followed.offsets[first_programmes], threads)
    left, n_left = np.empty(len(followed.employer), np.uint64), np.zeros(n_regions, np.int64)
    over_blocks(
        match_regions,
        regions,
        moment,
        followed,
        employers,
        first_programmes,
        left,
        n_left,
        parameter_record,
        threads=threads,
    )
    seekers = migrate(followed, employers, first_programmes, left, n_left)
    counts = np.zeros((n_programmes, 4), np.int64)
    fits = np.zeros((n_programmes, n_regions), np.int64)
    over_blocks(start_work, blocks, moment, followed, employers, counts, fits, parameter_record, threads=threads)
    cohort = (followed.offsets, followed.region, state.colleges.placement, state.programmes.related)
    totals, rates = _record(
        moment.quarter, cohort, state.enterprises, employers.open_before, state.governments.market_fit, counts, fits
    )
    if moment.quarter == 1:
        record_staff(followed.employer, followed.match, int(followed.offsets[-1]), state.enterprises, parameter_record)
    if emerging >= 0:
        count_unfilled(state, emerging)
    _report(state, moment.quarter, totals.tolist(), rates, (trainees, quits, staff, seekers, first_left))


def _record_learnt(state: State, mastered: float, skilled: int, n_graduates: int) -> None:
    """What the graduates have learnt, as shares of them."""
    state.measured["mastered_share"] = mastered / n_graduates if n_graduates else math.nan
    state.measured["skilled_share"] = skilled / n_graduates if n_graduates else math.nan


def _followed(state: State, slot: int, p: Parameters) -> Followed:
    students, colleges = state.students, state.colleges
    return Followed(
        students.offsets[slot], students.skills, students.practice[slot], students.employer[slot], students.match[slot],
        students.field[slot], students.status[slot], students.hired_at[slot],
        *_of_programmes(
            state.step, colleges.id, colleges.region, state.governments.levers, len(state.sectors.demand),
            p.certificate_weight,
        ),
    )  # fmt: skip


@kernel
def _of_programmes(step, ids, region, levers, n_fields, certificate_weight):
    """The last four fields of Followed. ``ids`` and ``region`` [C] of colleges, ``levers`` [R, L]."""
    n = ids.shape[0] * n_fields
    college, home = np.empty(n, np.uint32), np.empty(n, np.int32)
    worth, when = np.empty(n, np.float32), np.empty(n, np.int64)
    for row in range(n):
        c, r = row // n_fields, region[row // n_fields]
        college[row], home[row], when[row] = ids[c], r, of_field(step, row % n_fields)
        worth[row] = certified(levers[r, _CERTIFICATES], levers[r, _SUPERVISION], certificate_weight)
    return college, home, worth, when


def _employers(state: State, moment: Moment, emerging: int, parameter_record: NDArray[Any]) -> Employers:
    governments, enterprises = state.governments, state.enterprises
    lines = open_quarter(
        moment, governments.entrants, governments.levers, governments.raiders, enterprises, state.ties.level,
        len(state.sectors.demand), emerging, parameter_record,
    )  # fmt: skip
    return Employers(*lines, region=enterprises.region, demand=enterprises.demand, vacancies=enterprises.vacancies)


def _moment(state: State) -> Moment:
    year, quarter = divmod(state.step, QUARTERS_A_YEAR)
    return Moment(state.seed, state.step, quarter, (year + 1) % COHORTS)


@kernel
def _record(quarter, cohort, enterprises, open_before, market_fit, counts, fits):
    """Staff, placement records, market fit (Eq. 49), and the sums behind all rates.

    Returns totals [8] and rates by region [4, R] (employed, field-related, fill rate, mean fit).
    """
    offsets, region, placement, record = cohort
    n_fields = region.shape[0] // max(1, placement.shape[0])
    n_regions = market_fit.shape[0]
    posted, staff = np.zeros(n_regions, np.int64), np.zeros(n_regions, np.int64)
    totals = np.zeros(8)
    for e in range(enterprises.id.shape[0]):
        enterprises.staff[e] += open_before[e] - enterprises.vacancies[e]
        posted[enterprises.region[e]] += enterprises.posted[e]
        staff[enterprises.region[e]] += enterprises.staff[e]
        totals[6] += enterprises.vacancies[e]
    graduates, employed = np.zeros(n_regions, np.int64), np.zeros(n_regions, np.int64)
    related, fit = np.zeros(n_regions, np.int64), np.zeros(n_regions, np.int64)
    for row in range(region.shape[0]):
        r = region[row]
        n = offsets[row + 1] - offsets[row]
        if quarter == 1 and n > 0:
            record[row] += 0.5 * (counts[row, 1] / n - record[row])
        graduates[r] += n
        employed[r] += counts[row, 0]
        related[r] += counts[row, 1]
        totals[2] += counts[row, 2]
        totals[3] += counts[row, 3]
        for s in range(n_regions):
            fit[s] += fits[row, s]
    for c in range(placement.shape[0] if quarter == 1 else 0):
        n, n_related = offsets[(c + 1) * n_fields] - offsets[c * n_fields], 0
        for row in range(c * n_fields, (c + 1) * n_fields):
            n_related += counts[row, 1]
        if n > 0:
            placement[c] += 0.5 * (n_related / n - placement[c])
    rates = np.full((4, n_regions), np.nan)
    for r in range(n_regions):
        if graduates[r] > 0:
            rates[0, r] = employed[r] / graduates[r]
        if employed[r] > 0:
            rates[1, r] = related[r] / employed[r]
        if posted[r] > 0:
            rates[2, r] = min(1.0, staff[r] / posted[r])
        if staff[r] > 0:
            rates[3, r] = fit[r] / FIXED_POINT / staff[r]
        if quarter == 1:
            worth = rates[2, r] * rates[3, r] if posted[r] > 0 and staff[r] > 0 else 0.0
            market_fit[r] += 0.5 * (worth - market_fit[r])
        totals[0] += graduates[r]
        totals[1] += employed[r]
        totals[4] += related[r]
        totals[5] += fit[r] / FIXED_POINT
        totals[7] += posted[r]
    return totals, rates


def _report(state: State, quarter: int, totals: list[float], rates: Floats, numbers: tuple[int, ...]) -> None:
    """Put the quarter's counts and rates where metrics find them."""
    trainees, quits, staff, seekers, first_left = numbers
    graduates, employed, hires, migrants, related, fit, vacancies, posted = totals
    mean_match = fit / employed if employed else 0.0
    quit_rate = quits / staff if staff else 0.0
    flows, measured = state.flows, state.measured
    flows.update(
        graduates=graduates, employed=employed, seekers=float(seekers), hires=hires, trainees_hired=float(trainees),
        migrants=migrants, quits=float(quits), quit_rate=quit_rate, vacancies_open=vacancies, vacancies_posted=posted,
        fill_rate=min(1.0, employed / posted) if posted else 0.0,
        employed_share=employed / graduates if graduates else 0.0,
        field_related=related, related_share_now=related / employed if employed else 0.0,
        mean_match=mean_match, mismatch=1.0 - mean_match if employed else 0.0,
    )  # fmt: skip
    state.regional["fill_rate"] = rates[2]
    state.regional["mean_match"] = rates[3]
    if quarter == 0:
        measured["first_jobs"] = employed
    elif quarter == 1:
        measured["employed_half_year"] = flows["employed_share"]
        measured["field_related_share"] = flows["related_share_now"]
        measured["first_jobs_left"] = float(first_left)
        state.regional["employed_half_year"] = rates[0]
        state.regional["field_related_share"] = rates[1]
    elif quarter == 2 and "first_jobs_left" in measured:
        left, taken = measured["first_jobs_left"] + first_left, measured["first_jobs"]
        measured["half_year_turnover"] = left / taken if taken > 0 else math.nan
    flows.update(measured)
