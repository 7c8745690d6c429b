"""A strict reader of the LaTeX that the package writes: what it does not know, it refuses.

Brackets, dollars, environments and left-right pairs must match; every command must be on the list, with its
arguments; scripts belong to formulas, one above and one below each; text outside them is ASCII or Chinese.
"""

import re

ARGUMENTS = {
    "documentclass": 1, "usepackage": 1, "begin": 1, "end": 1, "section*": 1, "subsection*": 1,
    "paragraph": 1,
    "emph": 1, "texttt": 1, "text": 1, "operatorname": 1, "frac": 2, "item": 0, "noindent": 0, "small": 0,
    "textbackslash": 0,
}  # fmt: skip
SYMBOLS = {
    "delta", "alpha", "theta", "sigma", "sum", "prod", "partial", "odot", "le", "ge", "in", "to", "ldots",
    "cdots",
    "infty", "cdot", "exp", "log", "tanh", "max", "min", "sup", "inf", "left", "right",
}  # fmt: skip
ENVIRONMENTS = {"document", "itemize", "quote"}
ONLY_MATH = SYMBOLS | {"frac", "operatorname", "text"}
TOKEN = re.compile(r"\\([A-Za-z]+\*?|.)|([{}$^_&#%~])|(\s+)|(.)", re.S)


class Refused(AssertionError):  # noqa: N818
    """The document is not in the grammar."""


def check(source: str) -> int:
    """Read a whole document; return how many formulas it holds."""
    return Reader(source).document()


class Reader:
    def __init__(self, source):
        self.tokens = list(TOKEN.finditer(source))
        self.source = source
        self.place = 0
        self.formulas = 0

    def refuse(self, why):
        at = self.tokens[min(self.place, len(self.tokens) - 1)].start()
        raise Refused(f"{why} near {self.source[max(0, at - 40) : at + 40]!r}")

    def peek(self):
        return self.tokens[self.place].group() if self.place < len(self.tokens) else None

    def take(self):
        token = self.peek()
        if token is None:
            self.refuse("the document ends too early")
        self.place += 1
        return token

    def document(self):
        self.read(math=False, until=None)
        return self.formulas

    def read(self, *, math, until):
        """Read up to ``until``; inside a formula scripts must sit on something, once each."""
        scripts = None  # what the last atom already carries, or None where there is no atom
        while True:
            token = self.peek()
            if token is None:
                if until is not None:
                    self.refuse(f"{until} is missing")
                return
            if token == until:
                self.place += 1
                return
            self.place += 1
            if token in "^_" and len(token) == 1:
                if not math:
                    self.refuse(f"{token} outside a formula")
                if scripts is None and token == "_":
                    self.refuse("a subscript on nothing")
                if scripts is not None and token in scripts:
                    self.refuse(f"two {token} on one base")
                self.argument(math=True)
                scripts = (scripts or set()) | {token}
            elif token == "{":
                self.read(math=math, until="}")
                scripts = set()
            elif token == "}":
                self.refuse("} without {")
            elif token == "$":
                if math:
                    self.refuse("$ inside a formula")
                self.formulas += 1
                self.read_small()
            elif token.startswith("\\"):
                scripts = self.command(token[1:], math, until)
            elif token in "&#%~":
                self.refuse(f"bare {token}")
            elif token.isspace():
                pass
            else:
                self.character(token, math)
                scripts = set()

    def read_small(self):
        """Read $...$, which may be no more than scripts: $^{l+1}$."""
        self.read(math=True, until="$")

    def character(self, token, math):
        if math and ord(token) > 127:
            self.refuse(f"{token!r} in a formula")
        if (
            not math
            and ord(token) > 127
            and not ("\u3000" <= token <= "\u9fff" or "\uff00" <= token <= "\uffef")
        ):
            self.refuse(f"{token!r} in the text")

    def argument(self, *, math):
        if self.peek() != "{":
            self.refuse("an argument in braces is missing")
        self.place += 1
        self.read(math=math, until="}")

    def word(self):
        if self.take() != "{":
            self.refuse("a name in braces is missing")
        name = ""
        while (token := self.take()) != "}":
            name += token
        return name

    def command(self, name, math, until):
        if name in "[" and not math:
            self.formulas += 1
            self.read(math=True, until="\\]")
            return None
        if len(name) == 1 and not name.isalpha():
            allowed = "{}|, _" if math else "_^%&#"
            if name not in allowed:
                self.refuse(f"\\{name} is not expected here")
            if name == "^" and self.peek() == "{":
                self.argument(math=False)
            return set()
        if name == "left":
            self.delimiter()
            self.read(math=True, until="\\right")
            self.delimiter()
            return set()
        if name == "begin":
            environment = self.word()
            if environment not in ENVIRONMENTS:
                self.refuse(f"unknown environment {environment}")
            self.read(math=False, until="\\end")
            if self.word() != environment:
                self.refuse(f"{environment} is not closed")
            return None
        if name in ("documentclass", "usepackage"):
            if self.peek() == "[":
                while self.take() != "]":
                    pass
            self.word()
            return None
        if name in SYMBOLS and math:
            return set()
        if name not in ARGUMENTS or (name in ONLY_MATH) != (math and name in ONLY_MATH):
            self.refuse(f"unknown command \\{name}")
        for _ in range(ARGUMENTS[name]):
            self.argument(math=math and name not in ("text",))
        return set()

    def delimiter(self):
        if self.take() not in ("(", ")", "[", "]", "|", "\\{", "\\}", "\\|"):
            self.refuse("no delimiter after \\left or \\right")
