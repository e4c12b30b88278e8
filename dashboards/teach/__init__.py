"""The page Learn: scenes in which a visitor bets, plays, and is surprised. Texts are in ``lessons/``."""
