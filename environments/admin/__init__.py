"""The platform admin's desk: teams, applications, accounts, rules and people are set; all else is looked at."""

from environments.admin import desk, looking, people

__all__ = ["desk", "looking", "people"]
