"""Programmes: what a college teaches in one field. Where they stand in the columns, how many places they have, and how
a year's entrants come to them (Eq. 37, 87)."""

from __future__ import annotations

import math

import numpy as np

from abm.machine.kernels import kernel
from abm.world.equations import split_seats
from abm.world.vocabulary import ORDER_BASED

PLACES_STATED = 10.0
"""Places for partners for which p.partner_information is stated."""


@kernel(inline=True, borrows=True)
def programme_row(college, field, n_fields):
    """Row of a college's programme in a field."""
    return np.int64(college) * n_fields + field


@kernel(inline=True, borrows=True)
def total_seats(seats, college, n_fields):
    """All seats of a college, as a share of its region's."""
    total = 0.0
    for s in range(n_fields):
        total += seats[college * n_fields + s]
    return total


@kernel(inline=True, borrows=True)
def partner_places(seats, partner_limit, college, field, n_fields):
    """Part of a college's places for partners that falls to one programme: as its seats are to all."""
    total = total_seats(seats, college, n_fields)
    return partner_limit[college] * seats[college * n_fields + field] / total if total > 0.0 else 0.0


@kernel(inline=True, borrows=True)
def depth_a_place(depth, places):
    """How much of what partners could do in a programme they do: summed substantive depth over places, 0 without any
    (Eq. 36, 38)."""
    return depth / places if places > 0.0 else 0.0


@kernel(inline=True, borrows=True)
def partners_weight(depth, places, information):
    """Weight of what partners say against what everybody can read (Eq. 38), 0-1; half where ten places hold a summed
    depth of ``information``."""
    told = PLACES_STATED * depth_a_place(depth, places)
    return told / (told + information)


@kernel
def deep_depth(ties, n_fields, n_programmes):
    """Sum of substantive depth over each programme's ties of level 3 and deeper [P] (Eq. 39)."""
    deep = np.zeros(n_programmes)
    for e in range(ties.level.shape[0]):
        for h in range(ties.level.shape[1]):
            if ties.level[e, h] >= ORDER_BASED:
                deep[programme_row(ties.college[e, h], ties.field[e, h], n_fields)] += ties.substance[e, h]
    return deep


@kernel
def allot(entrants, region, ids, seats, pull, n_fields, admitted):
    """Split each region's ``entrants`` [R] over its programmes: first over fields by their seats, then in each field
    over the colleges by seats times ``pull`` [C] (Eq. 37). By largest remainder; among equals the smaller field, the
    smaller id. Writes ``admitted`` [P]."""
    n_colleges = region.shape[0]
    by_field, keys = np.empty(n_fields), np.arange(n_fields).astype(np.uint32)
    of_field = np.zeros(n_fields, np.int64)
    first = 0
    while first < n_colleges:
        r, end = region[first], first
        by_field[:] = 0.0
        while end < n_colleges and region[end] == r:
            for s in range(n_fields):
                by_field[s] += seats[end * n_fields + s]
            end += 1
        weights, parts = np.empty(end - first), np.zeros(end - first, np.int64)
        of_field[:] = 0
        if by_field.sum() > 0.0:
            split_seats(entrants[r], by_field, keys, of_field)
        for s in range(n_fields):
            for c in range(first, end):
                weights[c - first] = seats[c * n_fields + s] * pull[c]
            parts[:] = 0
            if of_field[s] > 0:
                split_seats(of_field[s], weights, ids[first:end], parts)
            for c in range(first, end):
                admitted[c * n_fields + s] = parts[c - first]
        first = end


@kernel
def placement_pull(region, placement, strength):
    """How much more applicants want a college for its placement record than the mean one of its region (Eq. 37). [C]"""
    n_colleges = region.shape[0]
    pull = np.empty(n_colleges)
    first = 0
    while first < n_colleges:
        end, mean = first, 0.0
        while end < n_colleges and region[end] == region[first]:
            mean += placement[end]
            end += 1
        mean /= end - first
        for c in range(first, end):
            pull[c] = math.exp(strength * (placement[c] - mean))
        first = end
    return pull


@kernel
def best_fields(demand, curriculum, seats, n_colleges):
    """Field whose programme at a college covers most of what a sector asks for, -1 = nothing is offered (Eq. 87).

    Shapes: ``demand`` [S, K], ``curriculum`` [P, K], ``seats`` [P] -> int8 [C, S]; among equals the smaller field.
    """
    n_fields, n_skills = demand.shape
    best = np.full((n_colleges, n_fields), -1, np.int8)
    for c in range(n_colleges):
        for sector in range(n_fields):
            most = -1.0
            for s in range(n_fields):
                row = c * n_fields + s
                if seats[row] <= 0.0:
                    continue
                covered = 0.0
                for k in range(n_skills):
                    covered += min(demand[sector, k], curriculum[row, k])
                if covered > most:
                    most = covered
                    best[c, sector] = s
    return best
