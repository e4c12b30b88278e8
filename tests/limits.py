"""The tripartite replicator game: what the model has to become when it is stripped to its bones.

One region or many alike, contracts that are deep (level 5) or do not exist, no lag, no noise, everybody meets
everybody. An enterprise makes an effort or not, a college makes an effort or not, a share z of governments acts. For
a side i, with a share x of the other side making an effort, effort is worth

    R_i*x + L_i + z*(S_i + P_i) - c_i

more than none: R what depends on the partner, L what does not, S what an acting government pays for effort, P the
fine that effort avoids, c the cost of effort.

In the model's own terms (Eq. 26, 27 at d = 1; V the stake, f the fit, q the trust, which in a well-mixed world is x):

    R = 0.5*f*V + shadow        half of the joint output, and the continuation value of the relation
    L = watch                   monitoring by the community (0 outside one)
    z = supervision             chance that a government acts on a given contract in a quarter
    P = penalty
    S = 0                       the model's subsidies pay for signing, not for effort: they do not enter this game
    c = effort_cost             for colleges times (1 + standing_burden*w'_standing)*(1 - engagement_ease*engagement)

The model's side answers by the logistic of this balance over the temperature; as the temperature goes to 0 that is
the best reply, and trust follows it at the learning rate. So the limit of the model is the best-response dynamics of
the game. They have the rest points, thresholds and stability of the replicator dynamics, and the same ends from all
states in which both sides are on the same side of their thresholds. From mixed states the two may end differently;
there the limit has its own boundary, ``is_won``.
"""

from __future__ import annotations

from typing import NamedTuple


class Side(NamedTuple):
    """What effort is worth to one side."""

    gain: float
    """R: with a partner who makes an effort too."""
    alone: float
    """L: without."""
    aid: float
    """S + P: where the government acts."""
    cost: float
    """c."""

    def balance(self, x: float, z: float = 0.0) -> float:
        """Worth of effort over none, a share ``x`` of the other side making an effort and ``z`` of
        governments acting."""
        return self.gain * x + self.alone + z * self.aid - self.cost

    def threshold(self, z: float = 0.0) -> float:
        """x*: the share of the other side from which effort pays; <= 0 always, >= 1 never."""
        return (self.cost - self.alone - z * self.aid) / self.gain

    @property
    def is_self_sustaining(self) -> bool:
        """Whether effort all round outlives the policy that brought it."""
        return self.gain + self.alone > self.cost

    @property
    def is_bistable(self) -> bool:
        """Whether, without policy, all and none are both stable."""
        return self.alone < self.cost < self.gain + self.alone


def replicator(enterprises: Side, colleges: Side, start: tuple[float, float], z: float = 0.0) -> tuple[float, float]:
    """Where shares of enterprises and colleges with effort go: x' = x*(1 - x)*balance, by small Euler steps."""
    x, y = start
    fastest = max(side.gain + side.alone + side.aid + side.cost for side in (enterprises, colleges))
    for _ in range(20_000):
        x, y = (
            x + 0.1 / fastest * x * (1 - x) * enterprises.balance(y, z),
            y + 0.1 / fastest * y * (1 - y) * colleges.balance(x, z),
        )
    return x, y


def rest(enterprises: Side, colleges: Side, start: tuple[float, float], z: float = 0.0) -> tuple[float, float]:
    """Where best replies to each other end from nobody's (0, 0) or everybody's (1, 1) effort, as both adapt."""
    e, c = start
    for _ in range(4):
        e, c = float(enterprises.balance(c, z) > 0), float(colleges.balance(e, z) > 0)
    return e, c


def is_won(enterprises: Side, colleges: Side, trust: tuple[float, float], z: float = 0.0) -> bool:
    """Whether best replies to (trust of enterprises, trust of colleges), followed slowly, end with effort all round.

    A side above its threshold makes an effort and so draws the other's trust up as 1 - (1 - q)*s, s falling from
    1 to 0; one below lets it fall as q*s. From a mixed state the side whose trust crosses its threshold first
    turns.
    """
    x_e, x_c = enterprises.threshold(z), colleges.threshold(z)
    q_e, q_c = trust
    if q_e > x_e and q_c > x_c:
        return True
    if q_e < x_e and q_c < x_c:
        return False
    if q_e > x_e:
        # Enterprises work: the colleges' trust rises, the enterprises' falls.
        falls_at, rises_at = x_e / q_e, (1 - x_c) / (1 - q_c)
    else:
        falls_at, rises_at = x_c / q_c, (1 - x_e) / (1 - q_e)
    return rises_at > falls_at
