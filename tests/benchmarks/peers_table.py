"""The tables of the comparison: every row of it, and the short one that stands in the READMEs."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path
from typing import Any

from peers_tools import RULES

Row = dict[str, Any]
Run = dict[str, Any]
"""What `peers.py --json` writes: rows, labels, seed, seconds, date, command, versions."""

BEGIN, END = "<!-- peers -->", "<!-- /peers -->"


# ---- every row


def whole(run: Run) -> str:
    """One table; a cell is a share of the cases, in percent."""
    rows, labels = run["rows"], run["labels"]
    lines = ["| what | " + " | ".join(labels) + " |", "|---" * (len(labels) + 1) + "|"]
    for row in rows:
        cells = [_cell(row["what"], row.get(label)) for label in labels]
        lines.append(f"| {row['what']} | {' | '.join(cells)} |")
    notes = [f"- {name}: {rule}." for name, rule in RULES.items() if name in labels]
    head = "A right gradient: rejected / passed, in percent. A wrong one: caught, and passed where not zero."
    return "\n".join([head, "", *lines, "", *notes, "", f"Seed {run['seed']}; {run['seconds']:.0f} s."])


def _cell(what: str, found: dict[str, Any] | None) -> str:
    if not found:
        return ""
    if not found["cases"]:
        return "no case"
    cases = found["cases"]
    if what.startswith("right"):
        errors = sum(count for key, count in found.items() if key.startswith("ERROR"))
        told = f"{100 * found.get('FAIL', 0) / cases:.4g} / {100 * found.get('PASS', 0) / cases:.4g}"
        kinks = f", kink {100 * found['KINK'] / cases:.3g}" if found.get("KINK") else ""
        unsure = f", unsure {100 * found['INCONCLUSIVE'] / cases:.3g}" if found.get("INCONCLUSIVE") else ""
        return told + kinks + unsure + (f", {errors} errors" if errors else "")
    if what.startswith("wrong, "):
        passed = found.get("PASS", 0)
        return f"{100 * found.get('FAIL', 0) / cases:.4g}" + (
            f", passed {100 * passed / cases:.3g}" if passed else ""
        )
    shown = {key: value for key, value in found.items() if key != "cases" or "smallest" not in found}
    return ", ".join(f"{key} {value:.4g}" for key, value in shown.items() if value is not None)


# ---- the short one

NAMES = {
    "gradproof": "gradproof",
    "gradproof fd": "gradproof, finite differences",
    "torch": "torch.autograd.gradcheck",
    "jax": "jax check_vjp",
    "autograd": "autograd check_grads",
    "scipy": "scipy check_grad",
    "numdifftools": "numdifftools.Gradient",
    "jacobi": "jacobi",
    "statsmodels": "statsmodels approx_fprime_cs",
}
POOLED = {  # which rows of the whole table go into one of the short one
    "right": {
        "small smooth and relu networks": ("smooth", "relu"),
        "parameters x 1e-4, x 1e4": ("parameters x 1e-4", "parameters x 1e4"),
        "loss x 1e-8, x 1e8": ("loss x 1e-8", "loss x 1e8"),
        "saturated, exploding": ("saturated", "exploding"),
        "float32 inside": ("float32 inside",),
        "15 sigmoid layers": ("deep",),
        "at or beside a relu's kink": ("kink, within 1e-7", "kink, one exactly", "kink, several exactly"),
    },
    "wrong": {
        "small smooth networks": ("smooth",),
        "parameters x 1e-4, x 1e4": ("parameters x 1e-4", "parameters x 1e4"),
        "loss x 1e-8, x 1e8": ("loss x 1e-8", "loss x 1e8"),
        "15 sigmoid layers": ("deep",),
        "at a relu's kink": ("kink, one exactly",),
    },
    "smallest": {"smooth": ("smooth",), "relu": ("relu",), "15 sigmoid layers": ("deep",)},
}
ENGLISH = {
    "right": "rejected, right",
    "wrong": "missed, wrong",
    "smallest": "smallest entry caught",
    "told": (
        "Made on {date} by `{command}` ({cases}; seed {seed}; {versions}). The first rows say how many right "
        "gradients were rejected, the next how many wrong ones were not, both in percent: zero is best. "
        "*Unsure* says that it cannot tell, *broke* raised something else. The last rows: the smallest error "
        "of one entry, relative to the norm of its array, that 99 % of the runs caught. Every tool runs with "
        "its defaults; {rules}."
    ),
    "cases": (
        "{ours} cases a row for gradproof and at most {peers} for the others; {mutants} for each mutant and "
        "{sizes} for each size of error, with the same limit"
    ),
    "promise": "Errors of exactly the resolution that a PASS states: {caught} of {cases} caught.",
    "unfinished": "The run was ended after {rows} rows of its table; the rest is not shown.",
    "not run": (
        "Not run yet: `python tests/benchmarks/peers.py --insert README.md README.zh.md` puts it here."
    ),
}
ALLCLOSE_ZH = " np.allclose 的默认设置（rtol 1e-5，atol 1e-8）"
CHINESE = {
    "right": "误报，正确梯度",
    "wrong": "漏报，错误梯度",
    "smallest": "能发现的最小单元素误差",
    "told": (
        "{date} 由 `{command}` 生成（{cases}；种子 {seed}；{versions}）。"
        "前几行是正确梯度被拒绝的比例，其后是错误梯度未被拒绝的比例，均为百分比，以零为佳。"
        "*无法判定*指工具自称分辨不出，*出错*指抛出了别的异常。"
        "最后几行是 99 % 的运行都能发现的最小单元素误差（相对于所在数组的范数）。"
        "所有工具均用默认设置；{rules}。"
    ),
    "cases": (
        "gradproof 每行 {ours} 例，其他工具至多 {peers} 例；"
        "每种变异 {mutants} 例，每个误差大小 {sizes} 例，上限相同"
    ),
    "promise": "误差恰为 PASS 所声明的分辨率时，发现 {caught} 例（共 {cases} 例）。",
    "unfinished": "运行在得到其中 {rows} 行后被中止；其余未列出。",
    "not run": (
        "尚未运行：`python tests/benchmarks/peers.py --insert README.md README.zh.md` 会把结果写到这里。"
    ),
    "gradproof, finite differences": "gradproof，仅用有限差分",
    "small smooth and relu networks": "小型光滑网络与 relu 网络",
    "small smooth networks": "小型光滑网络",
    "parameters x 1e-4, x 1e4": "参数 x 1e-4、x 1e4",
    "loss x 1e-8, x 1e8": "损失 x 1e-8、x 1e8",
    "saturated, exploding": "饱和、爆炸",
    "float32 inside": "内部为 float32",
    "15 sigmoid layers": "15 层 sigmoid",
    "at or beside a relu's kink": "恰在或紧邻 relu 的折点",
    "at a relu's kink": "恰在 relu 的折点",
    "smooth": "光滑网络",
    "relu": "relu 网络",
    "unsure": "无法判定",
    "broke": "出错",
    "none": "无",
    RULES["scipy"]: "check_grad 返回范数，小于 1e-5 即接受",
    RULES["numdifftools"]: f"Gradient 返回数值，按{ALLCLOSE_ZH}接受",
    RULES["jacobi"]: f"jacobi 返回数值，按{ALLCLOSE_ZH}接受",
    RULES["statsmodels"]: f"approx_fprime_cs 返回数值，按{ALLCLOSE_ZH}接受",
}


def short(run: Run, words: dict[str, str]) -> str:
    """A column for each checker, a row for each kind of case."""
    labels = run["labels"]
    names = [words.get(NAMES[label], NAMES[label]) for label in labels]
    lines = ["| | " + " | ".join(names) + " |", "|---" + "|--:" * len(labels) + "|"]
    for group, pools in POOLED.items():
        for title, wanted in pools.items():
            cells = [_pooled(group, _of(run["rows"], group, wanted, label), words) for label in labels]
            if any(cells):
                lines.append(f"| {words[group]}: {words.get(title, title)} | {' | '.join(cells)} |")
    return "\n".join(lines)


def unfinished(run: Run) -> bool:
    """Whether a kind of case that the table has a row for was not reached."""
    pools = [(group, wanted) for group, titles in POOLED.items() for wanted in titles.values()]
    return not all(_of(run["rows"], group, wanted, run["labels"][0]) for group, wanted in pools)


def _of(rows: list[Row], group: str, wanted: tuple[str, ...], label: str) -> list[dict[str, Any]]:
    def belongs(what: str) -> bool:
        if group == "smallest":
            return what.removeprefix("smallest wrong entry caught in 99 %, ") in wanted
        kind, _, rest = what.partition(", ")
        return kind == group and (rest if group == "right" else rest.rpartition(":")[0]) in wanted

    return [row[label] for row in rows if label in row and belongs(row["what"])]


def _pooled(group: str, found: list[dict[str, Any]], words: dict[str, str]) -> str:
    if group == "smallest":
        return ", ".join(
            f"{e['smallest']:.0e}" if e["smallest"] else words.get("none", "none") for e in found
        )
    told: Counter[str] = Counter()
    for counts in found:
        told.update(counts)
    cases = told.pop("cases", 0)
    if not cases:
        return ""
    unsure = told["INCONCLUSIVE"]
    broke = sum(count for verdict, count in told.items() if verdict.startswith("ERROR"))
    bad = told["FAIL"] if group == "right" else cases - told["FAIL"] - unsure - broke
    also = [
        f"{100 * count / cases:.3g} {words.get(word, word)}"
        for count, word in ((unsure, "unsure"), (broke, "broke"))
        if count
    ]
    return f"{100 * bad / cases:.3g}" + (f" ({', '.join(also)})" if also else "")


# ---- the READMEs


def block(run: Run | None, words: dict[str, str]) -> str:
    """What stands between the marks: the table, and by which command it was made, when and with what."""
    if run is None:
        return f"{BEGIN}\n{words['not run']}\n{END}"
    rules = [f"{name}: {words.get(rule, rule)}" for name, rule in RULES.items() if name in run["labels"]]
    told = words["told"].format(
        date=run["date"],
        command=run["command"],
        seed=run["seed"],
        versions=", ".join(f"{name} {version}" for name, version in run["versions"].items()),
        cases=words["cases"].format(**run["cases"]),
        rules="; ".join(rules) or "–",
    )
    kept = [
        words["promise"].format(**row["gradproof"])
        for row in run["rows"]
        if row["what"] == "promise kept, auto"
    ]
    if unfinished(run):
        kept.append(words["unfinished"].format(rows=len(run["rows"])))
    return "\n\n".join([BEGIN, short(run, words), " ".join([told, *kept]), END])


def insert(run: Run, readme: Path) -> None:
    """Put the block of its language into a README, in place of the one that stands there.

    Raises
    ------
    ValueError
        Where there is no place for it.
    """
    words = CHINESE if readme.name.endswith(".zh.md") else ENGLISH
    text = readme.read_text(encoding="utf-8")
    if text.count(BEGIN) != 1 or text.count(END) != 1:
        raise ValueError(f"{readme} must have {BEGIN} and {END} once each")
    made = re.sub(f"{BEGIN}.*{END}", lambda _: block(run, words), text, flags=re.DOTALL)
    readme.write_text(made, encoding="utf-8")
