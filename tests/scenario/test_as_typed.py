"""What people type on a Chinese keyboard or on Windows, and numbers that cannot be."""

from __future__ import annotations

from pathlib import Path

import pytest

from abm.commands._main import main
from abm.machine.errors import InputError
from abm.machine.language import told
from abm.scenario import ScenarioError, from_toml, load
from experiments.design import load as design


@pytest.mark.parametrize("option", ["--seed", "--steps", "--threads"])
def test_an_option_below_its_least_is_named_as_it_was_typed(option: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", "classroom", option, "-5"]) == 2
    message = capsys.readouterr().err
    assert message.startswith(f"abm run: {option} -5 is not a whole number from ")
    assert message.rstrip().endswith(f"write {option} 5")


def test_a_file_may_be_called_in_capitals(tmp_path: Path) -> None:
    (tmp_path / "X.TOML").write_text('base = "classroom"\nsteps = 3\n', "utf-8")
    assert load(str(tmp_path / "X.TOML")).steps == 3
    (tmp_path / "y.toml").write_text('base = "X.TOML"\n', "utf-8")
    assert load(tmp_path / "y.toml").steps == 3


@pytest.mark.parametrize(
    ("text", "sign", "instead"),
    [
        ("base = “classroom”", "“", '"'),
        ('base ＝ "classroom"', "＝", "="),
        ('base = "classroom"\nsources = ["a"， "b"]', "，", ","),
        ("base = ‘classroom’", "‘", "'"),
    ],
)
def test_signs_of_a_chinese_keyboard_are_named_with_their_line(text: str, sign: str, instead: str) -> None:
    with pytest.raises(ScenarioError) as caught:
        from_toml(text, "mine.toml")
    line = text.splitlines().index(next(line for line in text.splitlines() if sign in line)) + 1
    assert str(caught.value) == (
        f"`{sign}` in line {line} of mine.toml is a sign of a Chinese keyboard: write {instead} in its place"
    )
    assert "是中文输入法的符号" in told("zh", caught.value)


def test_such_signs_within_quotes_and_comments_are_no_fault(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="is not valid TOML"):
        from_toml('title = "“好”" x # ，', "mine.toml")
    path = tmp_path / "d.toml"
    path.write_text("base ＝ 3", "utf-8")
    with pytest.raises(InputError, match="sign of a Chinese keyboard"):
        design(str(path))


@pytest.mark.parametrize("name", ["con", "AUX", "nul", "Com1"])
def test_names_of_devices_are_refused(name: str) -> None:
    with pytest.raises(ScenarioError, match="is the name of a device on Windows"):
        from_toml(f'base = "classroom"\nname = "{name}"')
    assert from_toml('base = "classroom"\nname = "console"').name == "console"


def test_worlds_of_mesa_without_a_seed_differ_and_say_theirs() -> None:
    import mesa

    from abm import IntegrationModel

    worlds = [IntegrationModel("classroom") for _ in range(2)]
    assert worlds[0].inputs.seed != worlds[1].inputs.seed
    rows = mesa.batch_run(IntegrationModel, {"steps": [2, 2]}, max_steps=2, display_progress=False)
    assert rows[0]["agreement_rate"] != rows[1]["agreement_rate"]
