"""The accounts of a run in its report: rules, bill, money, carbon and indicators."""

from gridsim.report.accounts.sections import accounts_sections
from gridsim.report.accounts.sheets import accounts_sheets

__all__ = ["accounts_sections", "accounts_sheets"]
