"""A student's two-hidden-layer network, samples as rows, with the usual mistakes to choose from."""

import numpy as np


class Homework:
    """64 lines of coursework in 30; `mistake` is the one that was made."""

    def __init__(self, mistake=""):
        self.mistake = mistake
        rng = np.random.default_rng(3)
        self.x = rng.standard_normal((6, 4))
        self.y = np.eye(3)[rng.integers(0, 3, 6)]
        shapes = {"W1": (4, 5), "b1": (5,), "W2": (5, 5), "b2": (5,), "W3": (5, 3), "b3": (3,)}
        self.start = {name: rng.standard_normal(shape) / 2 for name, shape in shapes.items()}

    def parameters(self):
        return self.start

    def forward(self, p):
        h1 = np.tanh(self.x @ p["W1"] + p["b1"])
        h2 = np.tanh(h1 @ p["W2"] + p["b2"])
        z = h2 @ p["W3"] + p["b3"]
        e = np.exp(z - z.max(axis=1, keepdims=True))
        return h1, h2, e / e.sum(axis=1, keepdims=True)

    def loss(self, p):
        return -(self.y * np.log(self.forward(p)[2])).sum() / len(self.x)

    def gradients(self, p):
        h1, h2, s = self.forward(p)
        d3 = (s - self.y) / len(self.x)
        if self.mistake == "sign":
            d3 = -d3
        slope2, slope1 = 1 - h2 * h2, 1 - h1 * h1
        if self.mistake == "derivative":
            slope2 = 1 - h2
        d2 = (d3 @ p["W3"].T) * slope2
        d1 = (d2 @ (p["W2"] if self.mistake == "transpose" else p["W2"].T)) * slope1
        dW2 = h2.T @ d2 if self.mistake == "activation" else h1.T @ d2
        db2 = d2.sum(axis=0)
        if self.mistake == "mean":
            db2 = db2 / len(self.x)
        return {
            "W1": self.x.T @ d1, "b1": d1.sum(axis=0),
            "W2": dW2, "b2": db2,
            "W3": h2.T @ d3, "b3": d3.sum(axis=0),
        }  # fmt: skip


class Mutates(Homework):
    def loss(self, p):
        p["W1"] *= 1.0001
        return super().loss(p)


class KeepsState(Homework):
    def loss(self, p):
        self.last = p
        return super().loss(p)

    def gradients(self, p):
        return super().gradients(getattr(self, "last", p))


class OtherShapes(Homework):
    def gradients(self, p):
        found = super().gradients(p)
        return found | {"b2": found["b2"][:, None]}


class OtherNames(Homework):
    def gradients(self, p):
        return {f"d{name}": g for name, g in super().gradients(p).items()}


class Drifts(Homework):
    calls = 0

    def loss(self, p):
        self.calls += 1
        return super().loss(p) + self.calls


class Nan(Homework):
    def gradients(self, p):
        return super().gradients(p) | {"W1": np.full((4, 5), np.nan)}


class Losses(Homework):
    def loss(self, p):
        return np.ones(3)


class Crashes(Homework):
    def gradients(self, p):
        return np.ones(3) @ np.ones(4)


class Integers(Homework):
    def parameters(self):
        return {"W1": np.ones((2, 2), dtype=int)}


class Unfinished:
    def parameters(self):
        return {}

    def loss(self, p):
        return 0.0


class CastsToFloat(Homework):
    def loss(self, p):
        return float(super().loss(p))


class NeedsArguments(Homework):
    def __init__(self, size):
        super().__init__()


class ByPosition(Homework):
    """Its axes stand at their place, without their name."""

    def loss(self, p):
        return -np.sum(np.mean(self.y * np.log(self.forward(p)[2]), 0))


class ByIndex(Homework):
    """Its biases become columns, and its samples stand in columns."""

    def forward(self, p):
        h1 = np.tanh(p["W1"].T @ self.x.T + p["b1"][:, None])
        h2 = np.tanh(p["W2"].T @ h1 + p["b2"][:, None])
        e = np.exp(p["W3"].T @ h2 + p["b3"][:, None])
        return h1.T, h2.T, (e / np.sum(e, 0)[None, :]).T


class Reshapes(Homework):
    def loss(self, p):
        return super().loss({**p, "b1": p["b1"].reshape(1, -1)})


class Squares(Homework):
    def loss(self, p):
        return super().loss({**p, "b1": np.square(p["b1"]) / p["b1"]})


class Assigns(Homework):
    def loss(self, p):
        z = p["b1"] + 0
        z[0] = p["b1"][0]
        return super().loss({**p, "b1": z})
