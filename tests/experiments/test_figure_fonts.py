"""Chinese names of arms in figures: characters in a PNG, text in an SVG, a warning where no font has them."""

from __future__ import annotations

import warnings
from pathlib import Path

import pytest

from experiments.figures import style as figure_style


def drawn(folder: Path, label: str) -> str:
    figure, axes = figure_style.new()
    axes[0, 0].plot([0, 1], [0, 1], label=label)
    axes[0, 0].legend()
    axes[0, 0].set_title("Depth, 0–1")
    return figure_style.save(figure, folder, "a")[1].read_text(encoding="utf-8")


def test_text_stays_text_in_an_svg(tmp_path: Path) -> None:
    svg = drawn(tmp_path, "subsidy")
    assert ">subsidy</text>" in svg
    assert "CJK" not in svg


def test_chinese_has_a_font_that_holds_it(tmp_path: Path) -> None:
    if figure_style.chinese_font() is None:
        pytest.skip("no font with Chinese characters on this machine")
    # A character that no font of the figure has would be a warning of matplotlib's.
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        svg = drawn(tmp_path, "补贴与评价 B")
    assert "补贴与评价 B</text>" in svg
    assert str(figure_style.chinese_font()) in svg


def test_without_such_a_font_it_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(figure_style, "chinese_font", lambda: None)
    with pytest.warns(UserWarning) as caught:
        svg = drawn(tmp_path, "补贴")
    assert any("no font here has its characters" in str(one.message) for one in caught)
    assert "补贴</text>" in svg
