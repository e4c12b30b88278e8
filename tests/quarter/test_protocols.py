"""Protocols against closed forms by brute force, and what every protocol has to keep."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from abm.machine.errors import ScenarioError
from abm.quarter.negotiation.bargaining import N_TERMS, Term, common_terms, evaluate, worths
from abm.quarter.negotiation.protocols import names, protocol
from abm.world.level_tables import level_tables
from abm.world.parameters import DEFAULTS
from abm.world.state import N_CONTRACTS, N_SHARES
from abm.world.vocabulary import PARTIES

GOVERNMENT = PARTIES.index("government")
seeds = st.integers(0, 2**32 - 1)
bounded = settings(max_examples=25, deadline=None, derandomize=True)


def tables(seed, n=40, steps=None):
    """Random tables: utilities [n, 4, 55] and reservation values [n, 4].

    With ``steps`` they lie on a coarse grid, so that ties are common. Reservation values are low at some tables
    and high at others: some have no acceptable contract.
    """
    rng = np.random.default_rng(seed)
    utility = rng.normal(size=(n, 4, N_CONTRACTS))
    reservation = np.quantile(utility, rng.uniform(0, 0.75, n), axis=2)[np.arange(n), np.arange(n)]
    if steps is not None:
        utility, reservation = np.round(utility * steps) / steps, np.round(reservation * steps) / steps
    return utility, reservation


def agree(name, utility, reservation, proposer=0, patience=(1.0, 1.0, 1.0, 1.0)):
    n = len(utility)
    contract, time = np.empty(n, np.int64), np.empty(n)
    who = np.broadcast_to(np.asarray(proposer, float), n).copy()
    protocol(name).agree(utility, reservation, who, np.array(patience), np.empty(N_CONTRACTS), contract, time)
    return contract, time


def acceptable(utility, reservation):
    """Which contracts leave nobody below its reservation value. Shape [T, 55]."""
    return (utility >= reservation[:, :, None]).all(axis=1)


def smallest_gain(utility, reservation):
    """Minimum over the parties of the normalised gain; the ideal point is taken over contracts that all accept, and
    who can gain nothing there has nothing to concede. Shape [T, 55].

    -1 = somebody does not accept.
    """
    in_play = acceptable(utility, reservation)
    ideal = np.where(in_play[:, None], utility, -np.inf).max(axis=2, keepdims=True)
    span = ideal - reservation[:, :, None]
    gains = span > 1e-9
    gain = np.where(gains, (utility - reservation[:, :, None]) / np.where(gains, span, 1), 1)
    return np.where(in_play, gain.min(axis=1), -1.0)


def product(utility, reservation):
    return np.where(acceptable(utility, reservation), np.prod(utility - reservation[:, :, None], axis=1), -1.0)


def at(values, contract):
    """``values`` [T, ..., 55] of each table's contract."""
    return np.take_along_axis(values, contract.reshape(-1, *[1] * (values.ndim - 1)), axis=-1)[..., 0]


@bounded
@given(seeds)
def test_concession_with_patience_one_is_kalai_smorodinsky(seed):
    utility, reservation = tables(seed)
    contract, time = agree("concession", utility, reservation)
    gain = smallest_gain(utility, reservation)
    exists = gain.max(axis=1) >= 0
    assert exists.sum() > 0
    assert ((contract >= 0) == exists).all()
    # Draws of continuous utilities have no ties: it is the same contract.
    assert (contract[exists] == gain[exists].argmax(axis=1)).all()
    assert time[exists] == pytest.approx(1 - gain.max(axis=1)[exists])
    assert (time[~exists] == 1).all()


@bounded
@given(seeds)
def test_concession_among_equals_takes_the_nash_product_then_the_first(seed):
    utility, reservation = tables(seed, steps=2)
    contract, _ = agree("concession", utility, reservation)
    gain, nash = smallest_gain(utility, reservation), product(utility, reservation)
    for t in np.flatnonzero(contract >= 0):
        equals = np.flatnonzero(gain[t] >= gain[t].max() - 1e-12)
        assert contract[t] == equals[nash[t, equals].argmax()]


@bounded
@given(seeds, st.sampled_from(range(4)), st.floats(0.2, 5), st.floats(0.2, 5))
def test_who_concedes_early_gets_less(seed, who, one, another):
    utility, reservation = tables(seed)
    patience = np.ones(4)
    got = []
    for beta in sorted((one, another)):
        patience[who] = beta
        contract, _ = agree("concession", utility, reservation, patience=patience)
        got.append(at(utility[:, who], np.maximum(contract, 0))[contract >= 0])
    assert (got[0] >= got[1]).all()


def test_an_unknown_protocol_is_refused_like_an_unknown_rule():
    with pytest.raises(ScenarioError, match=r"^protocol `nahs` does not exist: did you mean `nash`\?"):
        protocol("nahs")
    with pytest.raises(ScenarioError, match=r"known are `concession`, `mandated`, `nash`, `take_it_or_leave_it`$"):
        protocol("zzz")


def test_patience_matters_somewhere():
    utility, reservation = tables(3)
    found = {agree("concession", utility, reservation, patience=(1, 1, 1, beta))[0].tobytes() for beta in (0.2, 1, 5)}
    assert len(found) == 3


def test_concession_time_by_hand():
    # Two contracts matter: the first gives the parties (1, .5, .5, .5) of their best gain, the second (.5, 1, 1, 1).
    utility = np.full((1, 4, N_CONTRACTS), -1.0)
    utility[0, :, 7], utility[0, :, 9] = (1, 0.5, 0.5, 0.5), (0.5, 1, 1, 1)
    contract, time = agree("concession", utility, np.zeros((1, 4)))
    assert (contract[0], time[0]) == (9, 0.5), "equal times: the larger product 0.5 > 0.125"
    contract, time = agree("concession", utility, np.zeros((1, 4)), patience=(0.5, 1, 1, 1))
    assert (contract[0], time[0]) == (7, 0.5), "an enterprise that holds out would take sqrt(0.5) for the other"
    contract, time = agree("concession", utility, np.zeros((1, 4)), patience=(2, 1, 1, 1))
    assert (contract[0], time[0]) == (9, 0.25)


@bounded
@given(seeds)
def test_nash_is_the_largest_product(seed):
    utility, reservation = tables(seed)
    contract, time = agree("nash", utility, reservation)
    nash = product(utility, reservation)
    exists = nash.max(axis=1) >= 0
    assert (np.where(exists, nash.argmax(axis=1), -1) == contract).all()
    assert time[exists] == pytest.approx(1 - at(smallest_gain(utility, reservation), np.maximum(contract, 0))[exists])
    assert (time[~exists] == 1).all()


@bounded
@given(seeds, st.integers(0, 1))
def test_take_it_or_leave_it_is_the_proposers_best(seed, proposer):
    utility, reservation = tables(seed, steps=4)
    contract, time = agree("take_it_or_leave_it", utility, reservation, proposer)
    mine = np.where(acceptable(utility, reservation), utility[:, proposer], -np.inf)
    assert (contract == np.where(np.isfinite(mine.max(axis=1)), mine.argmax(axis=1), -1)).all()
    assert (time == 0).all()


@bounded
@given(seeds)
def test_mandated_is_the_governments_best_and_fairest(seed):
    utility, reservation = tables(seed, steps=4)
    contract, time = agree("mandated", utility, reservation)
    for t, k in enumerate(contract):
        worth = utility[t, GOVERNMENT]
        best = np.flatnonzero(worth == worth.max())
        unfair = np.abs(best % N_SHARES - (N_SHARES - 1) / 2)
        assert k == best[unfair == unfair.min()][0]
    assert (time == 0).all()


@bounded
@given(seeds, st.sampled_from(["concession", "nash"]))
def test_nobody_could_gain_without_a_loss_to_another(seed, name):
    for steps in (None, 2):
        utility, reservation = tables(seed, steps=steps)
        contract, _ = agree(name, utility, reservation)
        done = contract >= 0
        chosen = at(utility, np.maximum(contract, 0))[:, :, None]
        everybody = (utility > chosen).all(axis=1)
        assert not everybody[done].any()
        # A contract that is better for some and worse for nobody would have been taken for its product,
        # unless somebody gains nothing in either (then all products are 0 and cannot tell).
        somebody = (utility >= chosen).all(axis=1) & (utility > chosen).any(axis=1)
        gains = (utility > reservation[:, :, None]).all(axis=1)
        assert not (somebody & gains)[done].any()


@bounded
@given(seeds, st.sampled_from(names()))
def test_units_of_utility_do_not_matter(seed, name):
    utility, reservation = tables(seed)
    rng = np.random.default_rng(seed + 1)
    scale, shift = np.exp(rng.normal(size=(len(utility), 4))), rng.normal(size=(len(utility), 4))
    contract, time = agree(name, utility, reservation)
    others = agree(name, utility * scale[:, :, None] + shift[:, :, None], reservation * scale + shift)
    assert (contract == others[0]).all()
    assert time == pytest.approx(others[1], abs=1e-9)


@bounded
@given(seeds, st.sampled_from(names()), st.sampled_from([None, 2]))
def test_every_protocol_keeps_to_contracts_and_reservation_values(seed, name, steps):
    utility, reservation = tables(seed, steps=steps)
    rng = np.random.default_rng(seed)
    contract, time = agree(name, utility, reservation, rng.integers(0, 2, len(utility)), rng.uniform(0.2, 5, 4))
    assert ((contract >= -1) & (contract < N_CONTRACTS)).all()
    assert ((time >= 0) & (time <= 1)).all()
    if not protocol(name).is_binding:
        done = contract >= 0
        got = at(utility, np.maximum(contract, 0))
        assert (got >= reservation)[done].all()


@bounded
@given(seeds, st.sampled_from(names()), st.sampled_from([None, 2]))
def test_who_always_agrees_finds_a_contract_wherever_there_is_one(seed, name, steps):
    utility, reservation = tables(seed, steps=steps)
    rng = np.random.default_rng(seed)
    contract, _ = agree(name, utility, reservation, rng.integers(0, 2, len(utility)), rng.uniform(0.2, 5, 4))
    assert protocol(name).always_agrees
    agreeable = acceptable(utility, reservation).any(axis=1)
    assert agreeable.any() and (contract[agreeable] >= 0).all()


@bounded
@given(seeds, st.sampled_from(names()))
def test_tables_do_not_see_one_another(seed, name):
    utility, reservation = tables(seed, steps=3)
    rng = np.random.default_rng(seed)
    proposer, order = rng.integers(0, 2, len(utility)), rng.permutation(len(utility))
    contract, time = agree(name, utility, reservation, proposer)
    shuffled = agree(name, utility[order], reservation[order], proposer[order])
    assert (contract[order] == shuffled[0]).all()
    assert (time[order] == shuffled[1]).all()


def test_what_not_all_accept_moves_nobodys_demand():
    """The ideal point is the best that a party gets from contracts that all accept: what some reject, however good for
    another, neither wins nor delays the agreement."""
    utility = np.full((1, 4, N_CONTRACTS), -1.0)
    utility[0, :, 7], utility[0, :, 9] = (1, 0.5, 0.5, 0.5), (0.5, 1, 1, 1)
    for name in ("concession", "nash"):
        contract, time = agree(name, utility, np.zeros((1, 4)))
        tempting = utility.copy()
        tempting[0, :, 11] = (100, 100, 100, -1e-6)
        assert agree(name, tempting, np.zeros((1, 4))) == (contract, time)


def random_terms(seed, n=60):
    """Terms as a world could have them. Shape [n, N_TERMS]."""
    rng = np.random.default_rng(seed)
    terms = rng.random((n, N_TERMS))
    for first in (Term.AIMS_ENTERPRISE, Term.AIMS_COLLEGE, Term.AIMS_GOVERNMENT, Term.AIMS_STUDENTS):
        terms[:, first : first + 6] = rng.dirichlet(np.full(6, 3.0), n)
    terms[:, [Term.FIT_ENTERPRISE, Term.FIT_COLLEGE]] *= terms[:, [Term.FIT_TRUE]]
    terms[:, Term.SUBSIDY] *= 0.8
    terms[:, Term.TAX_DUE] *= 0.2
    terms[:, Term.MARKET_FIT] *= 0.6
    terms[:, [Term.TALK, Term.TALK_INCONSISTENCY]] *= 0.3
    terms[:, Term.PROPOSER] = rng.integers(0, 2, n)
    terms[:, Term.EVIDENCE] = rng.uniform(0.1, 20.0, n)
    terms[:, [Term.FINE_ENTERPRISE, Term.FINE_COLLEGE]] *= 0.5
    terms[:, [Term.NEWS_ENTERPRISE, Term.NEWS_COLLEGE]] -= 0.5
    terms[:, [Term.WATCH, Term.RELIEF]] *= 0.3
    terms[:, [Term.READING_ENTERPRISE, Term.READING_COLLEGE, Term.STATUS_CREDIT]] *= 0.3
    return terms


VOLUNTARY = [name for name in names() if not protocol(name).is_binding]
QUARTERS = np.repeat(level_tables(DEFAULTS).quarters[1:], N_SHARES)
LEVEL = np.arange(N_CONTRACTS) // N_SHARES + 1


def price_and_worth(terms, common):
    """Price of a round about each contract, what each leaves over its whole length to the talker who gains less (-inf
    where not all accept), and all utilities. Shapes [T, 55], [T, 55], [T, 4, 55]."""
    utility, reservation = worths(terms, common)
    assert not reservation.any()
    left = np.where((utility >= 0).all(axis=1), utility[:, :2].min(axis=1) * QUARTERS, -np.inf)
    return (terms[:, Term.TALK] + terms[:, Term.TALK_INCONSISTENCY])[:, None] * LEVEL, left, utility


def settled(name, terms, common):
    """Contract, rounds and binding party of tables by Eq. 22 and 23 read aloud: every contract of every table asked
    one by one."""
    prices, worth, utility = price_and_worth(terms, common)
    talk_rounds, n = common.talk_rounds, len(terms)
    firsts, times = agree(name, utility, np.zeros((n, 4)), terms[:, Term.PROPOSER], common.patience)
    found = []
    for t in range(n):
        price, left, u = prices[t], worth[t], utility[t]
        k, time = int(firsts[t]), float(times[t])
        if k < 0:
            shortfall = (-u).max(axis=0)
            closest = int(shortfall.argmin())
            found.append((-1, 1 + talk_rounds * time, int((-u[:, closest]).argmax())))
            continue
        if left[k] < price[k] * (1 + talk_rounds * time):
            in_play = np.isfinite(left)
            best = np.where(in_play, u, -np.inf).max(axis=1)
            waits = np.zeros(N_CONTRACTS)
            for q in range(4):
                if best[q] > 1e-9:
                    waits = np.maximum(waits, np.maximum(0, (best[q] - u[q]) / best[q]) ** common.patience[q])
            paid = np.flatnonzero(in_play & (left >= price * (1 + talk_rounds * waits)))
            last = np.flatnonzero(in_play & (left >= price))
            if len(paid):
                k = int(paid[waits[paid].argmin()])
                time = float(waits[k])
            elif len(last):
                k, time = int(last[(left / LEVEL)[last].argmax()]), 0.0
            else:
                closest = np.where(in_play, left - price, -np.inf).argmax()
                found.append((-1, 1.0, int(u[1, closest] < u[0, closest])))
                continue
        found.append((k, 1 + talk_rounds * time, -1))
    return tuple(np.array(column) for column in zip(*found, strict=True))


@pytest.mark.parametrize("name", VOLUNTARY)
def test_talk_is_known_before_it_is_paid_contract_by_contract(name):
    common = common_terms(DEFAULTS._replace(patience_enterprise=0.6, patience_college=1.5))
    terms = random_terms(5, 3000)
    outcome = evaluate(terms, protocol(name), common)
    contract, rounds, binding = settled(name, terms, common)
    assert (outcome.contract == contract).all()
    assert outcome.rounds == pytest.approx(rounds, rel=1e-9)
    assert (outcome.binding == binding).all()
    # Every way to end is there: nothing acceptable, talk too dear, the last call, another contract, the first one.
    prices, worth, utility = price_and_worth(terms, common)
    firsts, _ = agree(name, utility, np.zeros((len(terms), 4)), terms[:, Term.PROPOSER], common.patience)
    is_moved = (contract >= 0) & (contract != firsts)
    is_last = is_moved & (rounds == 1)
    ways = (firsts < 0, (firsts >= 0) & (contract < 0), is_last, is_moved & ~is_last, (contract >= 0) & ~is_moved)
    assert all(way.sum() >= 5 for way in ways), [int(way.sum()) for way in ways]
    # What is signed pays the talk that it took, to both talkers; others get no less than nothing.
    done = np.flatnonzero(contract >= 0)
    k = contract[done]
    assert (worth[done, k] >= prices[done, k] * outcome.rounds[done] * (1 - 1e-12)).all()


@bounded
@given(seeds, st.sampled_from(VOLUNTARY))
def test_dearer_talk_never_makes_an_agreement(seed, name):
    terms = random_terms(seed)
    common, rule = common_terms(DEFAULTS), protocol(name)
    cheap = evaluate(terms, rule, common)
    prices = terms[:, Term.TALK] + terms[:, Term.TALK_INCONSISTENCY]
    terms[:, Term.TALK] += 0.2
    dear = evaluate(terms, rule, common)
    closes = dear.contract >= 0
    assert (cheap.contract[closes] >= 0).all()
    # Who keeps to the contract keeps to its time; who does not has been driven to one that takes no longer.
    same = closes & (dear.contract == cheap.contract)
    assert (dear.rounds[same] <= cheap.rounds[same]).all()
    # Nobody can pay more rounds than what it has left buys at the dearer price.
    _, left, _ = price_and_worth(terms, common)
    k = np.maximum(dear.contract, 0)
    can_pay = left[np.arange(len(terms)), k] / ((prices + 0.2) * LEVEL[k])
    assert (dear.rounds[closes] <= can_pay[closes] * (1 + 1e-12)).all()
    for outcome in (cheap, dear):
        assert ((outcome.binding >= 0) == (outcome.contract < 0)).all()
        assert ((outcome.rounds >= 1) & (outcome.rounds <= 1 + DEFAULTS.talk_rounds)).all()
