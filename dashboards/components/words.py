"""Words of the views: the table ``views`` of each language's file, and names from the model's own catalogues."""

from __future__ import annotations

from functools import cache

from abm.diagnosis import CAUSES
from abm.figures import STAGE_LABELS
from abm.metrics.failure import CAUSES_ZH
from abm.stages import STAGES_ZH
from abm.summary import reason
from dashboards import i18n


@cache
def words(language: str) -> dict[str, str]:
    """Words of the views by key, without the table's name; with ``percent``."""
    return i18n.section(language, "views")


def cause_names(language: str) -> list[str]:
    """Names of the causes of failure, in the order of diagnosis.CAUSES, as one says them."""
    return [CAUSES_ZH[cause] if language == "zh" else reason(cause) for cause in CAUSES]


def stage_names(language: str) -> list[str]:
    """Names of the stages of integration, the first first."""
    return list(STAGES_ZH if language == "zh" else STAGE_LABELS)
