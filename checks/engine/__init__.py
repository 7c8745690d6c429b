"""How a verdict is reached, one room a step.

problem -> directions -> verdict -> localisation -> diagnosis -> report, and gradcheck, which walks them.
"""
