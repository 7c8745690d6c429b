"""The titles of the theorems, in the order of the table: what can be said without proving anything."""

from derivations.setting import Words

DEPTHS = (2, 3, 4, 5)
"""The depths at which whole networks are written out."""

TITLES: dict[str, Words] = {
    "hadamard": Words("The elementwise product", "Hadamard 积"),
    "elementwise-derivative": Words("The derivative of an elementwise function", "逐元素函数的导数"),
    "linear-derivative-input": Words("The derivative of A x by x", "A x 对 x 的导数"),
    "linear-derivative-matrix": Words("The derivative of a function of A x by A", "A x 的函数对 A 的导数"),
    "forward": Words("The forward pass", "前向传播"),
    "softmax-cross-entropy-delta": Words(
        "Output layer: softmax with cross-entropy", "输出层：softmax 与交叉熵"
    ),
    "half-mse-delta": Words("Output layer: half squared error", "输出层：二分之一平方误差"),
    "sigmoid-cross-entropy-delta": Words(
        "Output layer: one sigmoid neuron with cross-entropy", "输出层：单个 sigmoid 神经元与交叉熵"
    ),
    "chain-expansion": Words("The error signal as a product over the layers", "误差项写成各层的连乘"),
    "hidden-delta": Words("Hidden layer: the error signal goes back", "隐藏层：误差项的反向传播"),
    "weight-gradient": Words("The gradient of the weights", "权重的梯度"),
    "bias-gradient": Words("The gradient of the biases", "偏倚的梯度"),
    "backpropagation": Words("Backpropagation computes every gradient", "反向传播算出全部梯度"),
    "update-descends": Words("The update goes downhill", "更新方向是下降方向"),
    "vanishing-gradient": Words("How fast the error signal can vanish", "误差项消失的速度"),
    "exploding-gradient": Words("How fast the error signal must explode", "误差项爆炸的速度"),
    "activation-derivatives": Words(
        "The derivatives of the activations, and their ranges", "各激活函数的导数及其值域"
    ),
    "batch-mean": Words("A mean over a batch", "对一批样本取平均"),
    **{
        f"nested-depth-{depth}": Words(
            f"All gradients of a network of {depth} layers, written out",
            f"{depth} 层网络的全部梯度（完全展开）",
        )
        for depth in DEPTHS
    },
}
