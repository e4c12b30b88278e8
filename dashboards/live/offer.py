"""What colleges offer: places and programmes by region and field."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from abm.world.state import Floats, Ints, State


class Offer(NamedTuple):
    """The programmes of a moment."""

    share: Floats  # [R, S] of the region's places a year; rows add up to 1
    programmes: Ints  # [R, S] that have places


def offer_of(state: State) -> Offer:
    """Places and programmes of all colleges, by their region and field."""
    seats = state.programmes.seats.reshape(len(state.colleges.region), -1)
    shape = len(state.governments.stage), seats.shape[1]
    share, programmes = np.zeros(shape), np.zeros(shape, np.int64)
    np.add.at(share, state.colleges.region, seats)
    np.add.at(programmes, state.colleges.region, (seats > 0).astype(np.int64))
    whole = share.sum(axis=1, keepdims=True)
    return Offer(np.divide(share, whole, out=np.zeros(shape), where=whole > 0), programmes)
