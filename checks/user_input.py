"""What a user hands to the command: numbers, references and files, looked at before any work is done."""

import argparse
import importlib
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from checks.proof.files import must_end
from checks.proof.raised import OURS, told


class UserError(Exception):
    """What the user asked for cannot be done; the message is the one line that says why."""


def seed(text: str) -> int:
    """Return the number that --seed was given."""
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"must be a whole number that is not negative, got {text!r}")
    try:
        return int(text)
    except ValueError:
        most = sys.get_int_max_str_digits()
        raise argparse.ArgumentTypeError(f"must have at most {most} digits, got {len(text)}") from None


def load(name: str, reference: str, form: str = "MODULE:NAME") -> Any:
    """Return what ``MODULE:NAME`` stands for."""
    module, _, attribute = reference.partition(":")
    if module.endswith(".py"):
        raise UserError(
            f"{name} must name a module, not a file: write {_module(Path(module), attribute or 'NAME')} "
            f"instead of {reference}"
        )
    if not module or not attribute:
        raise UserError(f"{name} must be {form}, got {reference!r}")
    try:
        found = importlib.import_module(module)
    except OURS:
        raise
    except BaseException as error:  # whatever the user's module raises when it is imported
        raise UserError(f"{name}: cannot import {module}: {told(error)}") from error
    try:
        for part in attribute.split("."):
            found = getattr(found, part)
    except AttributeError as error:
        raise UserError(f"{name}: {module} has no {attribute}") from error
    except OURS:
        raise
    except BaseException as error:  # whatever a lazy module raises when it is looked into
        raise UserError(f"{name}: {reference}: {told(error)}") from error
    return found


def _module(file: Path, attribute: str) -> str:
    """How to name what is in a file; modules are looked for in the current folder."""
    file, here = Path(os.path.abspath(file)), Path.cwd()  # not resolved: a link has the name that counts
    if file.is_relative_to(here):
        return f"{'.'.join(file.relative_to(here).with_suffix('').parts)}:{attribute}"
    return f"{file.stem}:{attribute} in the folder {file.parent}"


def load_point(reference: str) -> Any:
    """Return x0 from an .npy file, or from ``MODULE:NAME``."""
    import numpy as np

    if not reference.endswith(".npy"):
        return load("x0", reference, "FILE.npy or MODULE:NAME")
    try:
        must_end(Path(reference))
        return np.load(reference, allow_pickle=False)
    except Exception as error:  # a broken header can make it raise nearly anything
        raise UserError(f"x0: cannot read {reference}: {error}") from error


def writable(path: Path | None, option: str = "--json") -> None:
    """Refuse a file that cannot be written before the work is done, not after."""
    if path is not None:
        try:
            with path.open("a"):
                pass
        except OSError as error:
            raise UserError(f"{option}: cannot write {path}: {error.strerror}") from error


def apart(path: Path | None, option: str, held: Sequence[tuple[str, Path | None]]) -> None:
    """Refuse to write over a file that another option names."""
    for other, kept in held:
        if path is not None and kept is not None and os.path.realpath(path) == os.path.realpath(kept):
            raise UserError(f"{option}: {path} is what {other} names; give it another file")


def each_apart(**paths: Path | None) -> None:
    """Refuse to write two things to one file; names of options to their files. A device takes any number."""
    named = [(f"--{option}", path) for option, path in paths.items() if path is not None]
    for number, (option, path) in enumerate(named):
        if path.is_file() or not path.exists():
            apart(path, option, named[:number])


def read_mutants(arguments: argparse.Namespace) -> dict[str, Any] | None:
    """Return what --mutants names, read before any work is done."""
    if arguments.mutants is None:
        return None
    from checks.proof.html import MutantsFileError, read_mutants

    if arguments.html is None:
        raise UserError("--mutants needs --html, where they are shown")
    try:
        return read_mutants(arguments.mutants)
    except MutantsFileError as error:
        raise UserError(str(error)) from error
