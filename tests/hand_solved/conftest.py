"""``@in_park(...)`` says which park a test is about; the fixture ``dispatch`` is its solution."""

import pytest

from hand_solved.together import Together


def pytest_configure(config):
    config.addinivalue_line("markers", "in_park(level, **park): the tiny park whose dispatch the test asks for")


@pytest.fixture(scope="session")
def together(request):
    """All parks that tests were marked with."""
    return Together(request.session.items)


@pytest.fixture
def dispatch(request, together):
    """The solved park of this test."""
    return together.dispatch_of(request.node.nodeid)
