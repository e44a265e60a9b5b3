"""Names beside points."""

import numpy as np
import pytest

from repgeom.figures.labels import Label, place_labels
from repgeom.figures.style import MM, house_style, new_figure


def panel():
    with house_style():
        figure = new_figure(60 * MM, 60 * MM)
        axes = figure.add_subplot()
        axes.set(xlim=(0, 1), ylim=(0, 1))
        figure.draw_without_rendering()
        return axes


def boxes(axes):
    """Name → its letters' box in pixels."""
    axes.figure.draw_without_rendering()
    return {text.get_text(): text.get_bbox_patch().get_window_extent() for text in axes.texts}


def test_names_of_one_place_lie_apart_and_off_its_marker():
    axes, radius = panel(), 4.0
    names = [f"node_{i}" for i in range(6)]
    labels = [Label((0.5, 0.5), "input", "black", True, radius), *(Label((0.5, 0.5), name, "blue") for name in names)]
    assert [label.words for label in place_labels(axes, labels, np.zeros((0, 2)))] == ["input", *names]
    found = boxes(axes)
    assert not [(a, b) for a in found for b in found if a < b and found[a].overlaps(found[b])]
    marker = axes.transData.transform([0.5, 0.5]) + np.array([[-1, -1], [1, 1]]) * radius * axes.figure.dpi / 72 * 0.9
    for box in found.values():
        assert (box.max < marker[0]).any() or (box.min > marker[1]).any()


@pytest.mark.parametrize("upright", [True, False])
def test_names_keep_off_a_line_where_there_is_room(upright):
    axes, line = panel(), np.stack([np.linspace(0, 1, 200), np.full(200, 0.5)], 1)
    if upright:
        line = line[:, ::-1]
    place_labels(axes, [Label((0.5, 0.5), "name", "black")], line)
    box = boxes(axes)["name"]
    pixels = axes.transData.transform(line)
    assert not ((pixels > box.min) & (pixels < box.max)).all(axis=1).any()


def test_where_there_is_no_room_a_name_is_left_out():
    axes = panel()
    many = [Label((0.5, 0.5), f"a rather long name {i}", "black") for i in range(60)]
    written = place_labels(axes, many, np.zeros((0, 2)))
    assert 3 < len(written) < 60 and len(axes.texts) == len(written)
