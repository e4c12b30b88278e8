"""The model as Mesa knows models: the four kinds of stakeholder as agents, and the model that holds them."""

from abm.agents.model import IntegrationModel
from abm.agents.stakeholders import KINDS, STUDENT_COLUMNS, College, Enterprise, Government, Student, View

__all__ = [
    "KINDS",
    "STUDENT_COLUMNS",
    "College",
    "Enterprise",
    "Government",
    "IntegrationModel",
    "Student",
    "View",
]
