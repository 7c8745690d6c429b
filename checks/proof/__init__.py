"""The upper floor, where dnn, derivations and checks meet: the shipped code is proved here."""
