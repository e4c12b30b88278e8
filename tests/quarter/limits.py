"""The tripartite replicator game: what the model has to become when it is stripped to its bones.

One region or many alike, contracts that are deep (level 5) or do not exist, no lag, no noise, everybody meets
everybody. An enterprise works or shirks, a college works or shirks, a share z of governments acts. For a side, with a
share x of the other side working, working is worth

    R(x) + L + z*(S + P) - c,     R(0) = 0, R(x) rising to R = R(1)

more than shirking: R what depends on the partner, L what does not, S what an acting government pays for effort, P the
fine that work avoids, c the cost that shirking saves.

In the model's own terms (Eq. 4, 26, 27, 90-92 at d = 1; a0 = shirk_effort, h(b) = b**output_elasticity, J = worth of
full joint output, K = all other lines but effort and fines): with caution and foreseen rules left out, a share x that
works is expected to make the effort b = a0 + (1 - a0)*x, at most .98, and

    c = (1 - a0)*c_i
    L = h(a0)*(1 - h(a0))*J + watch        even of a partner who shirks something comes of work
    R(x) = (h(b) - h(a0))*(1 - h(a0))*J + future(b)
    future(b) = u*max(0, h(b)*J + K - c_i)/(1 - v), u = blame_exit*((b - a0) - (1 - b)) where that is above 0 (a gap of
        blame_gap or less is none), v = shadow_of_future*(1 - blame_exit*(1 - b))
    z = supervision             chance that a government acts on a given contract in a quarter
    P = penalty
    S = 0                       the model's subsidies pay for signing, not for effort

for a relation without end. Subsidies are no line that effort moves: they come in through K, by what the relation is
worth, and only where shirking puts it at risk. For colleges c_i carries burden and ease.

The model's side answers by the logistic of this balance over the temperature; as the temperature goes to 0 that is
the best reply, and trust follows it at the learning rate. So the limit of the model is the best-response dynamics of
the game. They have the rest points, thresholds and stability of the replicator dynamics, and the same ends from all
states in which both sides are on the same side of their thresholds. From mixed states the two may end differently;
there the limit has its own boundary, ``is_won``.
"""

from __future__ import annotations

from typing import NamedTuple

SUREST = 0.98
"""Nobody expects more of a partner."""


class Side(NamedTuple):
    """What working is worth to one side."""

    joint: float
    """J."""
    rest: float
    """K."""
    cost_of_effort: float
    """c_i."""
    watch: float
    fine: float
    """P: where the government acts."""
    shirk: float
    """a0."""
    elasticity: float
    exit: float
    """blame_exit."""
    gap: float
    """blame_gap."""
    shadow: float
    """shadow_of_future."""

    def expected(self, x: float) -> float:
        """Effort expected of the other side, of which a share ``x`` works."""
        return min(SUREST, self.shirk + (1 - self.shirk) * x)

    def _early_end(self, one: float, other: float) -> float:
        return self.exit * abs(one - other) if abs(one - other) > self.gap else 0.0

    def future(self, b: float) -> float:
        """What working protects of the relation's future."""
        at_risk = self._early_end(self.shirk, b) - self._early_end(1.0, b)
        worth = b**self.elasticity * self.joint + self.rest - self.cost_of_effort
        survives = self.shadow * (1 - self._early_end(1.0, b))
        return max(0.0, at_risk) * max(0.0, worth) / (1 - survives)

    @property
    def cost(self) -> float:
        """c."""
        return (1 - self.shirk) * self.cost_of_effort

    @property
    def alone(self) -> float:
        """L."""
        least = self.shirk**self.elasticity
        return least * (1 - least) * self.joint + self.watch

    def gain(self, x: float = 1.0) -> float:
        """R(x)."""
        b, least = self.expected(x), self.shirk**self.elasticity
        return (b**self.elasticity - least) * (1 - least) * self.joint + self.future(b)

    def balance(self, x: float, z: float = 0.0) -> float:
        """Worth of working over shirking, a share ``x`` of the other side working and ``z`` of governments acting."""
        return self.gain(x) + self.alone + z * self.fine - self.cost

    def threshold(self, z: float = 0.0) -> float:
        """x*: the share of the other side from which working pays; 0 always, 1 never."""
        low, high = 0.0, 1.0
        if self.balance(low, z) > 0.0:
            return low
        if self.balance(high, z) <= 0.0:
            return high
        for _ in range(60):
            middle = 0.5 * (low + high)
            low, high = (low, middle) if self.balance(middle, z) > 0.0 else (middle, high)
        return high

    def threshold_without_exit(self, z: float = 0.0) -> float:
        """x* in closed form where nothing ends early: h(b*)*(1 - h(a0))*J = c - watch - z*P, b* = a0 + (1 - a0)*x*."""
        least = self.shirk**self.elasticity
        needed = (self.cost - self.watch - z * self.fine) / ((1 - least) * self.joint)
        return (needed ** (1 / self.elasticity) - self.shirk) / (1 - self.shirk)

    @property
    def is_self_sustaining(self) -> bool:
        """Whether work all round outlives the policy that brought it."""
        return self.gain() + self.alone > self.cost

    @property
    def is_bistable(self) -> bool:
        """Whether, without policy, all and none are both stable."""
        return self.alone < self.cost < self.gain() + self.alone


def replicator(enterprises: Side, colleges: Side, start: tuple[float, float], z: float = 0.0) -> tuple[float, float]:
    """Where shares of enterprises and colleges that work go: x' = x*(1 - x)*balance, by small Euler steps."""
    x, y = start
    fastest = max(side.gain() + side.alone + side.fine + side.cost for side in (enterprises, colleges))
    for _ in range(20_000):
        x, y = (
            x + 0.1 / fastest * x * (1 - x) * enterprises.balance(y, z),
            y + 0.1 / fastest * y * (1 - y) * colleges.balance(x, z),
        )
    return x, y


def rest(enterprises: Side, colleges: Side, start: tuple[float, float], z: float = 0.0) -> tuple[float, float]:
    """Where best replies to each other end from nobody's (0, 0) or everybody's (1, 1) work, as both adapt."""
    e, c = start
    for _ in range(4):
        e, c = float(enterprises.balance(c, z) > 0), float(colleges.balance(e, z) > 0)
    return e, c


def is_won(enterprises: Side, colleges: Side, seen: tuple[float, float], z: float = 0.0) -> bool:
    """Whether best replies, followed slowly, end with work all round; ``seen``: the share of colleges that enterprises
    take to work, and of enterprises that colleges do.

    A side above its threshold works and so draws the other's trust up as 1 - (1 - q)*s, s falling from
    1 to 0; one below lets it fall as q*s. From a mixed state the side whose trust crosses its threshold first
    turns.
    """
    x_e, x_c = enterprises.threshold(z), colleges.threshold(z)
    q_e, q_c = seen
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
