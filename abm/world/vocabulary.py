"""The lists that the model counts by: parties, aims, levels, stages, causes, events, each with one home, here.

Columns and kernels hold an entry's number, files its key, pages and reports its words in English or Chinese.
"""

from __future__ import annotations

from typing import Self

from abm.machine import language as _language


class Vocabulary(tuple[str, ...]):
    """Keys in the order of their numbers, each with its words.

    >>> PARTIES.index("college"), PARTIES.label("college"), PARTIES.label(1, "zh")
    (1, 'college', '院校')
    """

    english: tuple[str, ...]
    chinese: tuple[str, ...]

    def __new__(cls, *entries: tuple[str, str, str]) -> Self:
        """Entries of key, English and Chinese."""
        keys, english, chinese = zip(*entries, strict=True)
        made = super().__new__(cls, keys)
        made.english, made.chinese = english, chinese
        _language.know_labels(lambda: zip(english, chinese, strict=True), in_prose_only=True)
        return made

    def __getnewargs__(self) -> tuple[tuple[str, str, str], ...]:
        return tuple(zip(self, self.english, self.chinese, strict=True))

    def labels(self, language: str = "en") -> tuple[str, ...]:
        """The words of all entries, in order."""
        return self.chinese if language == "zh" else self.english

    def label(self, entry: int | str, language: str = "en") -> str:
        """The words of one entry, by its number or key. ValueError or IndexError for one that does not exist."""
        return self.labels(language)[self.index(entry) if isinstance(entry, str) else entry]


PARTIES = Vocabulary(
    ("enterprise", "enterprise", "企业"),
    ("college", "college", "院校"),
    ("government", "government", "政府"),
    ("students", "students", "学生"),
)
"""The parties at a table [paper 3.1]."""
N_PARTIES = len(PARTIES)
ENTERPRISE, COLLEGE, GOVERNMENT, STUDENTS = range(N_PARTIES)

AIMS = Vocabulary(
    ("profit", "profit", "利润"),
    ("talent", "talent", "人才"),
    ("innovation", "innovation", "创新"),
    ("standing", "academic standing", "学术声誉"),
    ("employment", "employment", "就业"),
    ("development", "development", "发展"),
)
"""What parties want from cooperation [7]; each weighs all of them."""
PROFIT, TALENT, INNOVATION, STANDING, EMPLOYMENT, DEVELOPMENT = range(len(AIMS))

LEVELS = Vocabulary(
    ("none", "none", "无"),
    ("contact", "contact", "接触"),
    ("placement", "placement", "实习"),
    ("order-based", "order-based training", "订单培养"),
    ("co-built", "a co-built institute", "共建学院"),
    ("entity", "a joint entity", "合办实体"),
)
"""Formal levels of a contract [paper 3.3]; depth = level / N_LEVELS."""
N_LEVELS = len(LEVELS) - 1
CONTACT, PLACEMENT, ORDER_BASED, CO_BUILT, ENTITY = range(1, len(LEVELS))
"""From ORDER_BASED on cooperation is deep, from CO_BUILT on there is joint research, with specific assets; others
depend on the partnership of an ENTITY."""

STAGES = Vocabulary(
    ("dependency", "complete dependency", "完全依赖"),
    ("fragmentation", "internal fragmentation", "内部割裂"),
    ("breakthrough", "initial breakthrough", "初步突破"),
    ("deep_integration", "deep integration", "深度融合"),
)
"""Stages of a region's integration [6]."""
DEPENDENCY, FRAGMENTATION, BREAKTHROUGH, DEEP_INTEGRATION = range(len(STAGES))

_CAUSES = (
    ("unidentified_interest", "a common interest that was not seen", "共同利益未被识别"),
    ("communication_cost", "the cost of talking", "沟通成本"),
    ("policy_inconsistency", "policies that do not fit together", "政策不一致"),
    ("distrust", "distrust", "不信任"),
    ("funding", "lack of money", "资金不足"),
    ("evaluation", "the way colleges are evaluated", "评价导向"),
    ("skill_mismatch", "skills that do not match", "技能不匹配"),
    ("poaching", "fear of poaching", "挖人"),
    ("cold_partner", "a partner that stayed cold", "一头热"),
    ("no_common_interest", "no common interest", "无共同利益"),
    ("several", "several things at once", "多种原因叠加"),
)
CAUSES = Vocabulary(*_CAUSES)
"""Why a table fails [paper 3.2-3.4]. The first N_MOVES are changed one at a time; a partner is cold when nothing else
was missing; several things fail a table that only a set of changes closes; without common interest not even all do."""
N_MOVES = 8
UNIDENTIFIED_INTEREST, COMMUNICATION_COST, POLICY_INCONSISTENCY, DISTRUST, FUNDING = range(5)
EVALUATION, SKILL_MISMATCH, POACHING, COLD_PARTNER, NO_COMMON_INTEREST, SEVERAL = range(5, len(CAUSES))

EVENT_CAUSES = Vocabulary(
    *_CAUSES,
    ("mandate", "an order", "行政指令"),
    ("effort_below_standard", "effort below the standard", "努力未达标准"),
    ("one_sided_effort", "effort on one side only", "单方努力"),
    ("partner_left", "a partner that left", "一方离开"),
)
"""Why something happened to a contract: what kept it from being renewed; the order by which it was signed; the
effort that an audit fined; the gap between efforts for which one side blamed the other; the loss of a party."""
MANDATE, EFFORT_BELOW_STANDARD, ONE_SIDED_EFFORT, PARTNER_LEFT = range(len(CAUSES), len(EVENT_CAUSES))

CONTRACT_EVENTS = Vocabulary(
    ("signed", "signed", "签约"),
    ("renewed", "renewed", "续签"),
    ("reviewed", "revised", "复议后修订"),
    ("not renewed", "not renewed", "未续签"),
    ("blamed by enterprise", "blamed by the enterprise", "企业指责"),
    ("blamed by college", "blamed by the college", "院校指责"),
    ("ended by blame", "ended by blame", "因指责终止"),
    ("enterprise fined", "the enterprise fined", "企业被罚"),
    ("college fined", "the college fined", "院校被罚"),
    ("ended by shock", "ended by a shock", "因冲击终止"),
)
"""What happens in the life of a contract."""
SIGNED, RENEWED, REVIEWED, LAPSED, BLAMED_BY_ENTERPRISE, BLAMED_BY_COLLEGE, ENDED_BY_BLAME = range(7)
ENTERPRISE_FINED, COLLEGE_FINED, ENDED_BY_SHOCK = range(7, len(CONTRACT_EVENTS))

TABLE_KINDS = Vocabulary(
    ("new_by_enterprise", "called by the enterprise", "由企业发起"),
    ("new_by_college", "called by the college", "由院校发起"),
    ("renewal", "renewal", "续签"),
    ("review", "review", "复议"),
    ("declined", "declined", "邀请被拒"),
)
"""Why four parties sit at a table, or would have sat."""
NEW_BY_ENTERPRISE, NEW_BY_COLLEGE, RENEWAL, REVIEW, DECLINED = range(len(TABLE_KINDS))

ENDS = Vocabulary(
    ("ongoing", "ongoing", "履约中"),
    ("blame", "ended by blame", "因指责终止"),
    ("not_renewed", "not renewed", "未续签"),
    ("left", "a partner left", "一方离开"),
)
"""Why a contract of a tie ended."""
ONGOING, BLAME, NOT_RENEWED, LEFT = range(len(ENDS))
