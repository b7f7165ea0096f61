"""The accuracy card: what was measured, as Markdown."""

import math
from collections.abc import Iterable
from dataclasses import dataclass

from cloudmask_training.evaluation.contestants import Contestant
from cloudmask_training.evaluation.datasets import Dataset
from cloudmask_training.evaluation.metrics import CLASSES, Tally, pooled, tallies
from cloudmask_training.evaluation.views import BIOME_VIEWS, SIMULATED_VIEWS, VIEWS
from cloudmask_training.imagery.scenes import Scene
from cloudmask_training.simulation.sensors import Sensor

LEAST_CLOUD, LEAST_SHADOW, LEAST_THIN, LEAST_ANY_BANDS = 0.94, 0.7, 0.5, 0.88
_BANDS_OF_PROMISE = 4

Figures = dict[str, Tally]


@dataclass(frozen=True)
class CardResults:
    """`classes[dataset][contestant]` and `views[dataset][view][contestant]`."""

    classes: dict[str, dict[str, Figures]]
    views: dict[str, dict[str, dict[str, Figures]]]


def measure(contestants: list[Contestant], datasets: list[Dataset]) -> CardResults:
    """Runs everyone over everything; views are told for the first dataset, held out, and the last, simulated."""
    classes = {
        dataset.name: {c.name: figures(c, dataset.scenes, dataset.sensor) for c in contestants} for dataset in datasets
    }
    networks = [c for c in contestants if c.takes_any_bands]
    views = {
        dataset.name: {view: {c.name: figures(c, dataset.scenes, VIEWS[view]) for c in networks} for view in names}
        for dataset, names in ((datasets[0], BIOME_VIEWS), (datasets[-1], SIMULATED_VIEWS))
    }
    return CardResults(classes, views)


def figures(contestant: Contestant, scenes: Iterable[Scene], sensor: Sensor) -> Figures:
    """Pooled counts of one contestant."""
    return pooled([tallies(contestant.find(scene, sensor), scene.target.sets[0]) for scene in scenes])


def card_text(subject: str, about: str, datasets: list[Dataset], results: CardResults) -> str:
    """The card of the contestant `subject`; `about` is Markdown that tells what it is."""
    parts = [f"# {subject}", about.strip(), "## Accuracy", _targets(subject, datasets[0], results)]
    for dataset in datasets:
        kind = "never used in training or choosing" if dataset.is_held_out else "not held out"
        parts.append(f"### {dataset.name} ({len(dataset.scenes)} scenes, {kind})\n\n{dataset.note}")
        parts.append(_class_table(results.classes[dataset.name]))
        if dataset.name in results.views:
            parts.append(_view_table(results.views[dataset.name]))
    return "\n\n".join(part for part in parts if part) + "\n"


def _targets(subject: str, dataset: Dataset, results: CardResults) -> str:
    own = results.classes[dataset.name][subject]
    by_view = {
        view: found[subject]["cloud"].balanced_accuracy
        for view, found in results.views[dataset.name].items()
        if len(VIEWS[view].bands) >= _BANDS_OF_PROMISE
    }
    worst = min(by_view, key=lambda view: by_view[view])
    rows = [
        ("balanced accuracy of cloud", own["cloud"].balanced_accuracy, LEAST_CLOUD),
        ("F1 of shadow", own["shadow"].f1, LEAST_SHADOW),
        ("F1 of thin cloud", own["thin"].f1, LEAST_THIN),
        (
            f"balanced accuracy of the worst view of {_BANDS_OF_PROMISE} or more bands ({worst})",
            by_view[worst],
            LEAST_ANY_BANDS,
        ),
    ]
    lines = [
        f"| {name} | {value:.3f} | {wanted:.2f} | {'reached' if value >= wanted else '**not reached**'} |"
        for name, value, wanted in rows
    ]
    head = f"Targets, on {dataset.name} ({len(dataset.scenes)} scenes: a few percent are noise).\n\n"
    return head + "| what | measured | wanted | |\n| --- | --- | --- | --- |\n" + "\n".join(lines)


def _class_table(found: dict[str, Figures]) -> str:
    lines = [
        "| who | class | scenes | accuracy | balanced | recall | F1 | IoU |",
        "| --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    for who, by_class in found.items():
        for name in CLASSES:
            tally = by_class[name]
            if tally.scenes == 0:
                continue
            values = (tally.accuracy, tally.balanced_accuracy, tally.recall, tally.f1, tally.iou)
            cells = " | ".join(_number(value) for value in values)
            lines.append(f"| {who} | {name} | {tally.scenes} | {cells} |")
    return "\n".join(lines)


def _view_table(views: dict[str, dict[str, Figures]]) -> str:
    lines = [
        "| sensor or bands | bands | who | cloud balanced | cloud F1 | thin F1 | thick F1 | shadow F1 |",
        "| --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    for view, found in views.items():
        for who, by_class in found.items():
            scores = [by_class["cloud"].balanced_accuracy]
            scores += [by_class[name].f1 for name in ("cloud", "thin", "thick", "shadow")]
            cells = " | ".join(_number(score) for score in scores)
            lines.append(f"| {view} | {len(VIEWS[view].bands)} | {who} | {cells} |")
    return "\n".join(lines)


def _number(value: float) -> str:
    return "–" if math.isnan(value) else f"{value:.3f}"
