"""The page by which a person judges a profile set: what its columns hold, what the checks found, and how each series behaves."""

from gridsim.report.profile_page.compared import Compared as Compared
from gridsim.report.profile_page.write import columns_of as columns_of
from gridsim.report.profile_page.write import write_profile_page as write_profile_page
