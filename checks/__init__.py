"""Is this gradient right? The ground floor imports NumPy only."""

from checks.engine.diagnosis import Diagnosis
from checks.engine.gradcheck import gradcheck
from checks.engine.localisation import Entry
from checks.engine.matrices import hesscheck, jaccheck
from checks.engine.products import hvpcheck, jvpcheck, vjpcheck
from checks.engine.report import Kink, LeafRow, Report
from checks.engine.verdict import Verdict
from checks.errors import (
    GradcheckError,
    GradientInconclusive,
    GradientMismatch,
    InputMutated,
    KinkWarning,
    NondeterministicFunction,
    NondifferentiablePoint,
)

__all__ = [
    "Diagnosis",
    "Entry",
    "GradcheckError",
    "GradientInconclusive",
    "GradientMismatch",
    "InputMutated",
    "Kink",
    "KinkWarning",
    "LeafRow",
    "NondeterministicFunction",
    "NondifferentiablePoint",
    "Report",
    "Verdict",
    "gradcheck",
    "hesscheck",
    "hvpcheck",
    "jaccheck",
    "jvpcheck",
    "vjpcheck",
]
