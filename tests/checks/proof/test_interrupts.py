"""Ctrl-C, sent to all processes of a command as a terminal sends it: one line, exit 2, and nobody is left."""

import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager

import pytest

from tests.effort import BY_DAY

PATIENCE = 20  # seconds: ending takes about one, and going on to the end of all mutants far more
COMMANDS = {
    "mutants": ["mutants", "--workers", "2"],
    "campaign": ["campaign", "--cases", "100000", "--workers", "2", "--oracle", "false-alarms-auto"],
}


def left(group):
    """Whether a group has any process."""
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True


@contextmanager
def heard():
    """Let a command hear of Ctrl-C, which it would ignore where the tests run in the background."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def interrupted(arguments, seconds, cwd):
    """What a command says, and its exit code, when it is interrupted after so many seconds."""
    with heard():
        started = subprocess.Popen(
            [sys.executable, "-m", "checks", *arguments],
            cwd=cwd, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
        )  # fmt: skip
    try:
        time.sleep(seconds)
        os.killpg(started.pid, signal.SIGINT)
        _, err = started.communicate(timeout=PATIENCE)
        for _ in range(100):  # whoever is still ending
            if not left(started.pid):
                break
            time.sleep(0.1)
        assert not left(started.pid)
    finally:
        if left(started.pid):
            os.killpg(started.pid, signal.SIGKILL)
    return started.returncode, err


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("seconds", [2.0] if BY_DAY else [1.5, 2.0, 4.0, 8.0])
def test_it_ends_with_one_line_and_leaves_nobody(command, seconds, tmp_path):
    code, err = interrupted(COMMANDS[command], seconds, tmp_path)
    assert code == 2
    assert "Traceback" not in err
    assert sum("interrupted" in line for line in err.splitlines()) == 1
