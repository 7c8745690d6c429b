"""Would the checks have noticed? Wrong formulas, planted one by one, before every oracle.

from checks.proof.mutants import CATALOGUE, matrix
found = matrix(seed=0, workers=2)
"""

from checks.proof.mutants.catalogue import CATALOGUE
from checks.proof.mutants.examination import Matrix, Row, examine, matrix
from checks.proof.mutants.oracles import ORACLES, look
from checks.proof.mutants.planting import Equivalence, Mutant, rewritten, set_to

__all__ = [
    "CATALOGUE",
    "ORACLES",
    "Equivalence",
    "Matrix",
    "Mutant",
    "Row",
    "examine",
    "look",
    "matrix",
    "rewritten",
    "set_to",
]
