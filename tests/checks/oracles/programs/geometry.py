"""Distances and geometry."""

import numpy as np

from tests.checks.oracles.programs.registry import program


@program((4, 2), (3, 2))
def pairwise_distances(a, b):
    return np.sqrt(((a[:, None, :] - b[None, :, :]) ** 2).sum(-1)).sum()


@program((4, 3))
def gram_distances(x):
    sq = np.sum(x**2, axis=1)
    d2 = sq[:, None] + sq[None, :] - 2 * x @ x.T
    return np.exp(-d2).sum()


@program((5, 2))
def polygon_area(p):
    x, y = p.T
    return 0.5 * np.abs(np.dot(x, np.roll(y, 1)) - np.dot(y, np.roll(x, 1)))


@program((3,), (3,))
def angle_between(a, b):
    return np.arccos(np.dot(a, b) / np.linalg.norm(a) / np.linalg.norm(b) * 0.9)


@program((3,))
def rotation_matrix(angles):
    a, b, c = angles
    Rx = np.array([[1, 0, 0], [0, np.cos(a), -np.sin(a)], [0, np.sin(a), np.cos(a)]])
    Rz = np.array([[np.cos(c), -np.sin(c), 0], [np.sin(c), np.cos(c), 0], [0, 0, 1]])
    return (Rx @ Rz @ np.array([1.0, 2.0, 3.0]))[0] * b


@program((4,))
def quaternion_norm(q):
    w, x, y, z = q / np.linalg.norm(q)
    return 1 - 2 * (y**2 + z**2) + 2 * w * x


@program((3,), (3,), (3,))
def triple_product(a, b, c):
    return np.dot(a, np.cross(b, c))


@program((2,))
def polar_coordinates(p):
    return np.hypot(p[0], p[1]) * np.arctan2(p[1], p[0])


@program((4, 2))
def centroid_spread(p):
    return np.linalg.norm(p - p.mean(axis=0), axis=1).max()
