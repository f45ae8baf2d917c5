"""Every published analysis that the inputs of a run allow."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from arrest_atlas.analysis import Progress, silent
from arrest_atlas.tables.material import TableMaterial
from arrest_atlas.tables.published import PublishedAnalysis
from arrest_atlas.tables.recipes import RECIPES
from geo import InputError
from outputs import LayerWords

__all__ = ["RunAnalyses", "make_analyses"]


@dataclass(frozen=True, kw_only=True)
class RunAnalyses:
    """Published analyses of a run.

    Attributes
    ----------
    made : tuple of PublishedAnalysis
        Those that could be made, in the order of the report.
    missing : mapping of str to str
        By name, why others were not.
    """

    made: tuple[PublishedAnalysis, ...]
    missing: Mapping[str, str]

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """Give all tables, without shapes.

        Returns
        -------
        dict of str to pandas.DataFrame
            By name.
        """
        return {name: table.frame for each in self.made for name, table in each.tables.items()}

    @property
    def words(self) -> dict[str, LayerWords]:
        """Give what is said of the tables.

        Returns
        -------
        dict of str to LayerWords
            By name.
        """
        return {name: table.words for each in self.made for name, table in each.tables.items()}

    def summary(self) -> dict[str, Any]:
        """Tell scripts what was found.

        Returns
        -------
        dict
            By name: findings and limits, or why it was not made.
        """
        made = {
            each.name: {
                "question": each.question,
                "findings": list(each.findings),
                "limits": list(each.limits),
            }
            for each in self.made
        }
        return made | {name: {"not made": why} for name, why in self.missing.items()}


def make_analyses(material: TableMaterial, *, progress: Progress = silent) -> RunAnalyses:
    """Make every published analysis that there is material for.

    Parameters
    ----------
    material : TableMaterial
        What the user gave.
    progress : callable, optional
        Receives a few words at each step.

    Returns
    -------
    RunAnalyses
        Those made, and why others were not: material is missing, or too little is known.

    Examples
    --------
    >>> from arrest_atlas.demo import simulate
    >>> inputs = simulate(seed=1, arrests=5_000).inputs
    >>> found = make_analyses(TableMaterial(inputs=inputs, draws=2))
    >>> [each.name for each in found.made][:3]
    ['custody', 'criminality', 'rates']
    >>> found.missing["drivers"]
    'it needs non-citizens by county (--noncitizens), votes for president by county (--votes)'
    """
    made, missing = [], {}
    for name, recipe in RECIPES.items():
        if lacking := recipe.lacks(material):
            missing[name] = f"it needs {', '.join(lacking)}"
            continue
        progress(f"making the table {name}")
        try:
            made.append(recipe.make(material))
        except InputError as error:  # too little is known: no fault of the run
            missing[name] = str(error)
    return RunAnalyses(made=tuple(made), missing=missing)
