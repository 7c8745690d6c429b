"""A file is read whole; what may have no end is not begun."""

import pytest

from checks.cli import main
from checks.proof.files import whole


def test_a_file_is_read_whole(tmp_path):
    (tmp_path / "file").write_bytes(b"\x00\xff\n")
    assert whole(tmp_path / "file") == b"\x00\xff\n"


def test_a_missing_file_is_an_os_error(tmp_path):
    with pytest.raises(FileNotFoundError):
        whole(tmp_path / "file")


@pytest.mark.parametrize(
    "command",
    [
        ["gate", "--baseline", "/dev/zero", "--tests", "tests"],
        ["prove", "--html", "page.html", "--mutants", "/dev/zero"],
        ["campaign", "--cases", "1", "--resume", "/dev/zero"],
    ],
    ids=lambda command: command[0],
)
def test_a_device_without_an_end_is_one_line(command, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "tests").mkdir()
    assert main(command) == 2
    error = capsys.readouterr().err
    assert "/dev/zero: it is a device" in error
    assert error.count("\n") == 1
