# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The results as one picture, in .build/bench/benchmarks.svg: from whatever JSON files are there."""

from __future__ import annotations

import json
import statistics
from collections.abc import Callable
from pathlib import Path

import matplotlib

matplotlib.use("svg")
import matplotlib.pyplot as plt

from .results import DIRECTORY

_STOCK, _ROUTER, _FLOOR = "#9a9a9a", "#1f6fb2", "#d9a441"


def draw(directory: Path = DIRECTORY) -> Path | None:
    """Draw what has been measured; None when nothing was."""
    found = [(panel, figures) for what, panel in _PANELS.items() if (figures := _figures(directory / f"{what}.json"))]
    if not found:
        return None
    # Text stays text: small, searchable, in the reader's own font. No date in it: the same figures make the same file.
    with plt.rc_context({"svg.fonttype": "none", "svg.hashsalt": "eventops", "font.family": "sans-serif", "font.size": 9}):
        figure, places = plt.subplots(len(found), 1, figsize=(8, 2 * len(found)), layout="constrained", squeeze=False)
        for (panel, figures), place in zip(found, places[:, 0]):
            panel(place, figures)
            place.spines[["top", "right"]].set_visible(False)
        path = directory / "benchmarks.svg"
        figure.savefig(path, metadata={"Date": None, "Creator": None})
        plt.close(figure)
    return path


def _figures(path: Path) -> dict | None:
    return json.loads(path.read_text(encoding="utf-8"))["figures"] if path.exists() else None


def _accept(place, figures: dict) -> None:
    labels = [f"{shape}, {name}" for shape, by_name in figures.items() for name in by_name]
    rates = [answers["fastest"]["requests"] / answers["fastest"]["seconds"] for by_name in figures.values() for answers in by_name.values()]
    _bars(place, "Events accepted in a second (router: on disk; stock: in memory)", labels, rates, "{:,.0f}")


def _first_task(place, figures: dict) -> None:
    medians = figures["median_seconds"]
    _bars(place, "POST to first task, median, seconds", list(medians), list(medians.values()), "{:.2f}")


def _storm(place, figures: dict) -> None:
    times = {"router": figures["router"]["all_healed"], "floor: four bare runs": sum(figures["floor_seconds"])}
    times |= {f"stock, {name} (scaled)": taken for name, taken in figures["stock_scaled_seconds"].items()}
    _bars(place, "Storm: seconds until 200 hosts are remediated", list(times), list(times.values()), "{:,.0f}")


def _memory(place, figures: dict) -> None:
    looks = figures["looks"]
    place.plot([look["events"] for look in looks], [look["resident_bytes"] / 2**20 for look in looks], color=_ROUTER)
    place.set_title("Memory of ansible-rulebook with the router, MiB, over events", loc="left")
    place.set_ylim(bottom=0)


def _sqs(place, figures: dict) -> None:
    names = {"one": "stock's way, one at a time", "ten": "stock's way, ten at a time", "bare": "floor: a bare client", "ours": "cloudwatch, on disk"}
    rates = [statistics.median(each["rate"] for each in figures[kind]) for kind in names]
    _bars(place, "Messages of SQS taken and deleted in a second", list(names.values()), rates, "{:,.0f}")


_PANELS: dict[str, Callable] = {"accept": _accept, "first_task": _first_task, "storm": _storm, "memory": _memory, "sqs": _sqs}


def _bars(place, title: str, labels: list[str], values: list[float], written: str) -> None:
    colours = [_STOCK if "stock" in label else _FLOOR if "floor" in label else _ROUTER for label in labels]
    bars = place.barh(labels, values, color=colours, height=min(0.8, 0.2 * len(values)))
    place.bar_label(bars, [written.format(value) for value in values], padding=3)
    place.margins(x=0.15)
    place.invert_yaxis()
    place.set_title(title, loc="left")
    place.set_xticks([])
