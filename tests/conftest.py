"""What tests of several files share."""

import signal

import pytest


@pytest.fixture(scope="module")
def hears_ctrl_c():
    """Processes that tests start hear Ctrl-C, also where the tests run in the background and do not."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)
