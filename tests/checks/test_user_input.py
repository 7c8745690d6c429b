"""What a user hands to the command is looked at before any work is done: one line, and exit code 2."""

import os
from pathlib import Path

import numpy as np
import pytest

from checks.cli import main
from checks.proof.code import ORACLES, drawn
from checks.proof.numbers.symbols import Alphabet
from checks.user_input import UserError, each_apart

LARGE = 2**64


def refused(arguments, capsys) -> str:
    """The only line on standard error of a command that could not check."""
    assert main(arguments) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.count("\n") == 1, captured.err
    return captured.err


def test_a_network_without_a_name_is_not_the_shipped_one(capsys):
    assert "must be MODULE:CLASS, got ''" in refused(["prove", "--network", ""], capsys)


@pytest.mark.parametrize(
    ("seed", "says"),
    [
        ("-1", "not negative, got '-1'"),
        ("", "got ''"),
        ("1e3", "a whole number"),
        pytest.param("9" * 4301, "at most 4300 digits, got 4301", id="4301 digits"),
    ],
)
def test_a_seed_that_is_none(seed, says, capsys):
    assert says in refused(["prove", f"--seed={seed}"], capsys)


@pytest.mark.parametrize("seed", [0, LARGE - 1, LARGE, 2**4000], ids=["0", "2^64 - 1", "2^64", "2^4000"])
def test_any_seed_decides_the_coins_of_an_alphabet(seed):
    def coins(seed):
        alphabet = Alphabet(seed)
        symbols = alphabet.symbols("z", 64)
        return (symbols > 0 * symbols).tolist()

    assert coins(seed) == coins(seed)
    assert coins(seed) != coins(seed + 1)


def test_the_coins_of_small_seeds_are_those_of_the_baseline():
    symbols = Alphabet(5).symbols("z", 16)
    assert np.flatnonzero(symbols > 0 * symbols).tolist() == [1, 3, 6, 7, 8, 9, 11, 14, 15]


@pytest.mark.parametrize("name", ORACLES)
def test_a_seed_of_more_than_64_bits_is_one_for_every_oracle(name):
    oracle = ORACLES[name]
    assert oracle.check(drawn(oracle.architecture, 1, LARGE), seed=LARGE).failures == ()


@pytest.mark.parametrize(("option", "value"), [("--json", "pl.json"), ("--workers", "0"), ("--workers", "2")])
def test_what_planted_bugs_have_no_use_for_is_refused(option, value, capsys):
    said = refused(["mutants", "--planted", option, value], capsys)
    assert f"{option} must be left out with --planted, which has no use for it, got {value}" in said


@pytest.mark.parametrize(
    ("file", "advice"),
    [
        ("bad.py", "write bad:f instead of bad.py:f"),
        ("./bad.py", "write bad:f instead of ./bad.py:f"),
        ("../{here}/bad.py", "write bad:f instead of"),
        ("sub/./bad.py", "write sub.bad:f instead of"),
        ("../bad.py", "write bad:f in the folder {above} instead of ../bad.py:f"),
        ("/far/bad.py", "write bad:f in the folder /far instead of /far/bad.py:f"),
    ],
)
def test_the_advice_for_a_file_can_be_followed(file, advice, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    said = refused(["check", f"{file.format(here=tmp_path.name)}:f", "m:g", "--x0", "m:x"], capsys)
    assert advice.format(above=tmp_path.parent) in said


@pytest.mark.parametrize(
    "arguments",
    [
        ["prove", "--json", "f", "--html", "./f"],
        ["prove", "--junit", "f", "--markdown", "f"],
        ["prove", "--mutants", "f", "--html", "f"],
        ["gate", "--baseline", "b", "--junit", "f", "--markdown", "f"],
        ["check", "m:f", "m:g", "--x0", "f.npy", "--json", "f.npy"],
    ],
    ids=" ".join,
)
def test_two_things_are_not_written_to_one_file(arguments, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert "names; give it another file" in refused(arguments, capsys)
    assert list(tmp_path.iterdir()) == []


def test_a_device_takes_any_number_of_things(capsys):
    each_apart(json=Path(os.devnull), html=Path(os.devnull), junit=None)
    with pytest.raises(UserError, match="--html: here is what --json names"):
        each_apart(json=Path("here"), html=Path("here"))


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes with a name")
@pytest.mark.parametrize(
    "arguments",
    [
        ["campaign", "--cases", "1", "--resume", "pipe.npy"],
        ["check", "json:loads", "json:dumps", "--x0", "pipe.npy"],
        ["prove", "--mutants", "pipe.npy", "--html", "page"],
        ["gate", "--baseline", "pipe.npy"],
    ],
    ids=lambda arguments: arguments[0],
)
def test_a_pipe_is_not_waited_for(arguments, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    os.mkfifo("pipe.npy")
    assert "it is a pipe or a socket" in refused(arguments, capsys)
