"""Neural networks: layers, activations, losses, optimisers unrolled."""

import math

import numpy as np

from tests.checks.oracles.programs.registry import program


@program((4, 3), (4, 1), (2, 4), (2, 1))
def mlp_relu_softmax(W1, b1, W2, b2):
    x = np.linspace(-1, 1, 15).reshape(3, 5)
    y = np.eye(2)[:, [0, 1, 1, 0, 1]]
    a = np.maximum(W1 @ x + b1, 0)
    z = W2 @ a + b2
    e = np.exp(z - z.max(axis=0, keepdims=True))
    p = e / e.sum(axis=0)
    return -(y * np.log(p)).sum() / x.shape[1]


@program((3, 3), (3, 1), low=-1)
def mlp_in_place_buffers(W, b):
    z = np.zeros_like(W)
    z[...] = W @ W
    z += b
    z *= 0.5
    np.tanh(z, out=z)
    return (z**2).mean()


@program((5,), low=-2)
def stable_sigmoid(z):
    e = np.exp(np.where(z > 0, -z, z))
    return (np.where(z > 0, np.ones_like(z), e) / (1 + e)).sum()


@program((5,), low=-2)
def sigmoid_by_masks(z):
    out = np.empty_like(z)
    positive = z >= 0
    out[positive] = 1 / (1 + np.exp(-z[positive]))
    e = np.exp(z[~positive])
    out[~positive] = e / (1 + e)
    return np.sum(out**2)


@program((5,), low=-2)
def softplus(z):
    return np.sum(np.maximum(z, 0) + np.log1p(np.exp(-np.abs(z))))


@program((5,), low=-2)
def gelu_tanh(z):
    return np.sum(0.5 * z * (1 + np.tanh(np.sqrt(2 / np.pi) * (z + 0.044715 * z**3))))


@program((5,), low=-2)
def leaky_relu(z):
    return np.where(z > 0, z, 0.01 * z).sum()


@program((5,), low=-2)
def elu(z):
    return np.sum(np.where(z > 0, z, np.expm1(np.minimum(z, 0))))


@program((5,), low=-2)
def relu_by_product(z):
    return np.sum(z * (z > 0))


@program((5,), low=-2)
def relu_in_place(z):
    z = z.copy()
    z[z < 0] = 0
    return (z**2).sum()


@program((3, 4))
def log_softmax_rows(z):
    shifted = z - z.max(axis=1, keepdims=True)
    log_p = shifted - np.log(np.sum(np.exp(shifted), axis=1, keepdims=True))
    return -log_p[np.arange(3), [0, 3, 1]].mean()


@program((3, 4))
def logaddexp_reduce(z):
    return np.logaddexp.reduce(z, axis=1).sum()


@program((6, 4), (4,), (4,))
def batch_norm(x, gamma, beta):
    mu, var = x.mean(axis=0), x.var(axis=0)
    return np.sum((gamma * (x - mu) / np.sqrt(var + 1e-5) + beta) ** 3)


@program((6, 4))
def layer_norm(x):
    return np.sum(((x - x.mean(-1, keepdims=True)) / (x.std(-1, keepdims=True) + 1e-5)) ** 3)


@program((5, 4), (4, 4), (4, 4), (4, 4))
def attention(x, Q, K, V):
    q, k, v = x @ Q, x @ K, x @ V
    scores = q @ k.T / math.sqrt(4)
    scores = np.where(np.tril(np.ones((5, 5), dtype=bool)), scores, -np.inf)
    w = np.exp(scores - scores.max(axis=-1, keepdims=True))
    w /= w.sum(axis=-1, keepdims=True)
    return np.tanh(w @ v).sum()


@program((2, 2), (5, 5))
def convolution_by_loops(kernel, image):
    out = np.zeros_like(image[:4, :4])
    for i in range(4):
        for j in range(4):
            out[i, j] = np.sum(image[i : i + 2, j : j + 2] * kernel)
    return np.sum(np.tanh(out))


@program((4, 4))
def max_pool(x):
    return x.reshape(2, 2, 2, 2).max(axis=(1, 3)).sum()


@program((4, 4))
def average_pool(x):
    return (x.reshape(2, 2, 2, 2).mean(axis=(1, 3)) ** 2).sum()


@program((3, 3), (3, 3), (3,))
def recurrent_net(W, U, h):
    for t in range(4):
        h = np.tanh(W @ h + U @ np.full(3, 0.1 * t))
    return h @ h


@program((12, 3), (12, 3), (12,))
def lstm_cell(W, U, b):
    h, c = np.zeros(3), np.zeros(3)
    for x in (np.array([0.1, -0.2, 0.3]), np.ones(3)):
        i, f, o, g = np.split(W @ x + U @ h + b, 4)
        sigmoid = lambda t: 1 / (1 + np.exp(-t))  # noqa: E731
        c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
        h = sigmoid(o) * np.tanh(c)
    return np.sum(h**2)


@program((6, 3))
def embedding_lookup(table):
    tokens = np.array([0, 2, 2, 5])
    return np.tanh(table[tokens]).mean(axis=0).sum()


@program((4, 3))
def dropout_fixed_mask(x):
    mask = np.random.default_rng(0).random((4, 3)) < 0.5
    return (x * mask / 0.5).sum() ** 2


@program((4,), (4,))
def binary_cross_entropy(w, x):
    p = np.clip(1 / (1 + np.exp(-w * x)), 1e-7, 1 - 1e-7)
    y = np.array([0, 1, 1, 0])
    return -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))


@program((5,), low=-2)
def hinge_loss(w):
    return np.maximum(0, 1 - w * np.array([1, -1, 1, 1, -1])).mean()


@program((5,), low=-3, high=3)
def huber_loss(r):
    return np.where(np.abs(r) <= 1, 0.5 * r**2, np.abs(r) - 0.5).sum()


@program((20,))
def flat_parameter_vector(theta):
    W1, b1 = theta[:12].reshape(4, 3), theta[12:16]
    w2 = theta[16:]
    return w2 @ np.tanh(W1 @ np.array([0.5, -1.0, 2.0]) + b1)


class Layer:
    def __init__(self, W):
        self.W = W

    def __call__(self, x):
        self.x = x
        self.z = self.W @ x
        return np.tanh(self.z)


@program((3, 3), (3, 3))
def layer_objects(W1, W2):
    a = np.ones(3)
    for layer in [Layer(W1), Layer(W2)]:
        a = layer(a)
    return a.sum()


@program((3,))
def momentum_unrolled(theta):
    velocity = np.zeros_like(theta)
    for _ in range(3):
        velocity = 0.9 * velocity - 0.1 * (2 * theta - 1)
        theta = theta + velocity
    return np.sum(theta**2)


@program((3,))
def adam_unrolled(theta):
    m, v = np.zeros(3), np.zeros(3)
    for t in range(1, 4):
        g = 2 * theta * np.array([1, 2, 3])
        m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g**2
        theta = theta - 0.1 * (m / (1 - 0.9**t)) / (np.sqrt(v / (1 - 0.999**t)) + 1e-8)
    return np.sum(theta**2)
