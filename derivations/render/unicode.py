"""Boxes as one line of Unicode: W^{l+1}_{ij} is written Wˡ⁺¹ᵢⱼ."""

from __future__ import annotations

from derivations.render.layout import Big, Box, Fence, Name, Numeral, Quotient, Row, Script, Sign, Words

ABOVE = dict(zip("0123456789+−-()lLTijknmst", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁽⁾ˡᴸᵀⁱʲᵏⁿᵐˢᵗ", strict=True))
BELOW = dict(zip("0123456789+−-=()aehijklmnoprstuvx", "₀₁₂₃₄₅₆₇₈₉₊₋₋₌₍₎ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓ", strict=True))


def line(box: Box) -> str:
    """Return the box as one line of text."""
    match box:
        case Name(text, primes):
            return text + ("′" * primes if primes < 3 else f"^({primes})")
        case Numeral(text) | Words(text):
            return text
        case Sign(text, spaced):
            return f" {text} " if spaced else text
        case Row(parts):
            return "".join(map(line, parts))
        case Script(base, above, below):
            return line(base) + _script(above, ABOVE, "^") + _script(below, BELOW, "_")
        case Quotient(above, below):
            small = isinstance(above, Numeral) and isinstance(below, Numeral)
            slash = "/" if small or _short(above) else " / "
            return _bracketed(above, below=False) + slash + _bracketed(below, below=True)
        case Fence(inner, marks):
            return f"{marks[0]}{line(inner)}{marks[1]}"
        case Big(sign, below, body, above):
            return f"{sign}{_script(below, BELOW, '_')}{_script(above, ABOVE, '^')} {line(body)}"
    raise TypeError(f"no text for {type(box).__name__}")


def _script(box: Box | None, table: dict[str, str], mark: str) -> str:
    if box is None:
        return ""
    text = line(box).replace(" ", "")
    if all(character in table for character in text):
        return "".join(table[character] for character in text)
    return f"{mark}{text}" if len(text) == 1 else f"{mark}({text})"


def _short(box: Box) -> bool:
    first = box.parts[0] if isinstance(box, Row) else box
    return isinstance(first, Sign) and first.text == "∂"


def _bracketed(box: Box, *, below: bool) -> str:
    """Bracket a numerator or denominator that would fall apart on one line."""
    text = line(box)
    parts = box.parts if isinstance(box, Row) else (box,)
    signs = {part.text for part in parts if isinstance(part, Sign)}
    loose = signs & {"+", "−", "⊙"} or any(isinstance(part, Big) for part in parts)
    if below:
        loose = loose or signs & {" "} or isinstance(box, Quotient)
    return f"({text})" if loose else text
