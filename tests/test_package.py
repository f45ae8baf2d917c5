"""What is installed is ours, and whole."""

from __future__ import annotations

import ast
import zipfile
from importlib import import_module
from inspect import isfunction
from pathlib import Path

import pytest
from hatchling.builders.wheel import WheelBuilder

ROOT = Path(__file__).parent.parent
PACKAGES = {"boundaries", "geo", "spatial_models", "outputs", "arrest_atlas"}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """Build the wheel and list its files."""
    folder = tmp_path_factory.mktemp("wheel")
    (path,) = WheelBuilder(str(ROOT)).build(directory=str(folder), versions=["standard"])
    with zipfile.ZipFile(path) as archive:
        return archive.namelist()


def test_wheel_holds_our_packages_and_no_others(wheel: list[str]) -> None:
    tops = {name.split("/")[0] for name in wheel if ".dist-info/" not in name}
    assert tops == PACKAGES


def test_wheel_holds_data_assets_and_type_marks(wheel: list[str]) -> None:
    wanted = {f"{package}/py.typed" for package in PACKAGES}
    for folder in ("boundaries/data", "geo/data", "outputs/_web_map"):
        found = {
            str(path.relative_to(ROOT))
            for path in (ROOT / folder).iterdir()
            if path.is_file() and path.suffix != ".pyc"
        }
        assert found
        wanted |= found
    assert wanted <= set(wheel)


@pytest.mark.parametrize("package", sorted(PACKAGES))
def test_installed_packages_are_ours(package: str) -> None:
    """Distributions named geo and outputs exist and could have taken the names."""
    module = import_module(package)
    assert module.__file__ is not None
    assert Path(module.__file__).read_bytes() == (ROOT / package / "__init__.py").read_bytes()


@pytest.mark.parametrize("package", sorted(PACKAGES))
def test_every_public_function_has_an_example(package: str) -> None:
    module = import_module(package)
    for name in module.__all__:
        thing = getattr(module, name)
        if isfunction(thing):
            assert ">>> " in (thing.__doc__ or ""), f"{package}.{name} has no example"


def test_the_version_is_said_once() -> None:
    changelog = (ROOT / "CHANGELOG.md").read_text()
    project = (ROOT / "pyproject.toml").read_text()
    citation = (ROOT / "CITATION.cff").read_text()
    version = next(line for line in project.splitlines() if line.startswith("version"))
    number = ast.literal_eval(version.split("=")[1].strip())
    assert f"## {number}" in changelog
    assert f"version: {number}" in citation
