"""The evidence of `gradproof prove` as one HTML file: no network and no script are needed to read it.

markup.py      elements from Python, escaped
words.py       what each oracle does, and what it cannot see
theorems.py    the derivations, typeset, which unfold step by step
oracles.py     a section for each oracle
matrix.py      wrong formulas before the oracles; how small an error is caught
page.py        all of it on one page
style.py       how it looks: on a screen, light or dark, on a phone, on paper
report.py      gathers what the page needs
"""

from checks.proof.html.page import document
from checks.proof.html.report import MutantsFileError, Report, gather, read_mutants

__all__ = ["MutantsFileError", "Report", "document", "gather", "read_mutants"]
