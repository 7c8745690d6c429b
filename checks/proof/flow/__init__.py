"""Vanishing and exploding gradients, seen: `gradproof flow`.

law.py         how weights are drawn: shipped, orthogonal, 1.1*orthogonal, 0.5*normal, ...
measure.py     ||delta^l|| layer by layer beside the proved bound; where it dies, where it explodes
explosion.py   how many of many random networks explode: the source text calls it improbable
explain.py     what one sees, in sentences, and what the theorems say would help
study.py       all of it for the depths, activations and laws asked for, before and after training
chart.py       as text for a terminal
picture.py     as a picture, where matplotlib is installed
"""
