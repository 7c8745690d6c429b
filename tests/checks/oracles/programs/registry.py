"""Where programs are kept under their names, with the shapes of their arguments."""

PROGRAMS = {}
"""From the name to the program, the shapes of its arguments, and the range that they are drawn from."""
REFUSED = set()
"""Names of those that forward mode does not take."""


def program(*shapes, low=0.2, high=1.8, refused=False):
    """Register a program; its arguments are drawn from [low, high] in these shapes."""

    def register(fun):
        assert fun.__name__ not in PROGRAMS
        PROGRAMS[fun.__name__] = (fun, shapes, low, high)
        if refused:
            REFUSED.add(fun.__name__)
        return fun

    return register
