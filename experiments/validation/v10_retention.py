"""V10: who cannot keep the people it trains does not train deeply."""

from experiments.validation._pattern import Effect, Pattern, difference, package, world

_PACKAGE = package(8)

PATTERN = Pattern(
    number="V10",
    statement="Low retention ends deep cooperation",
    source="Ran 2017; Acemoglu & Pischke",
    worlds={
        "kept": world(policies=_PACKAGE, base_turnover=0.1, poaching=0.1),
        "poached": world(policies=_PACKAGE, base_turnover=0.5, poaching=1.0),
    },
    effects=(
        Effect("expected retention, poached - kept", difference("mean_retention", "poached", "kept"), below=0),
        Effect("deep share of contracts, poached - kept", difference("deep_share", "poached", "kept"), below=0),
        Effect(
            "substantive depth a place, poached - kept",
            difference("substantive_depth_per_place", "poached", "kept"),
            below=0,
        ),
    ),
)
