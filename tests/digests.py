"""Digests of a world: one for each column and each record of a step."""

from __future__ import annotations

from abm.world.digests import changed, digest, digests, plain

__all__ = ["changed", "digest", "digests", "plain"]
