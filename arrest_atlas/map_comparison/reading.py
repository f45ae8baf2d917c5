"""The columns of a comparison, and everything that is wrong with them at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd

from arrest_atlas.map_comparison.areas import (
    area_counts,
    area_means,
    area_names,
    area_problems,
)
from arrest_atlas.map_tests.reading import Wanted, absent_column, read_columns
from arrest_atlas.map_tests.statistics import Holds
from geo import Problem
from spatial_models import FEWEST_UNITS

__all__ = ["ComparedColumns", "ComparedValues", "option_problems", "read_values"]

_MAPS: Final = 2
_TERMS: Final = 2
"""Terms of a regression that a covariate spends: its score and the square of that."""


@dataclass(frozen=True, kw_only=True)
class ComparedColumns:
    """The columns that a comparison was asked to read.

    Attributes
    ----------
    names : tuple of str
        The two maps.
    people : tuple of str
        Their denominators: none (the columns are values), one for both or one each (the
        columns are counts). With an area, one at most, of the second: the first is of
        values.
    area : str or None
        Column of the larger area of each unit, where the first map is known by these and
        the maps are compared among them.
    masses : tuple of str
        What is summed inside the hot spots of the other map.
    covariates : tuple of str
        What is taken out of both maps in the partial comparison.
    identifier : str or None
        Column of the units' identifiers.
    """

    names: tuple[str, ...]
    people: tuple[str, ...] = ()
    area: str | None = None
    masses: tuple[str, ...] = ()
    covariates: tuple[str, ...] = ()
    identifier: str | None = None

    def people_of(self, which: int) -> str | None:
        """Tell the denominator of a map.

        Parameters
        ----------
        which : int
            0 for the first map, 1 for the second.

        Returns
        -------
        str or None
            Name of its column; None where the map is of values.

        Examples
        --------
        >>> ComparedColumns(names=("arrests", "crimes"), people=("people",)).people_of(1)
        'people'
        """
        if not self.people or (self.area is not None and which == 0):
            return None
        return self.people[min(which, len(self.people) - 1)]

    @property
    def most_people(self) -> int:
        """Tell how many denominators there may be.

        Returns
        -------
        int
            One each map that may be of counts.
        """
        return _MAPS if self.area is None else 1


@dataclass(frozen=True, kw_only=True)
class ComparedValues:
    """The columns of a comparison, read, by the units' identifiers or by area.

    Attributes
    ----------
    maps : tuple of pandas.Series
        The two maps.
    people : tuple of (pandas.Series or None)
        Denominator of each map.
    area : pandas.Series of str or None
        Larger area of each unit, where the first map is known by these.
    masses : mapping of str to pandas.Series
        By column.
    covariates : pandas.DataFrame or None
        A column each; None where there are none.
    """

    maps: tuple[pd.Series, pd.Series]
    people: tuple[pd.Series | None, pd.Series | None]
    area: pd.Series | None
    masses: Mapping[str, pd.Series]
    covariates: pd.DataFrame | None

    def among_areas(self) -> ComparedValues:
        """Bring the columns to the larger areas.

        Returns
        -------
        ComparedValues
            By area: the one value of the first map, of the second and of covariates the
            mean over units (of counts and people the sums), of masses the sums. These
            values as they are where there are no areas.
        """
        if self.area is None:
            return self
        area = self.area
        areas = area.to_numpy()
        second, people = self.maps[1], self.people[1]
        if people is None:
            second = area_means(second, area)
        else:
            second, people = area_counts(second, people, area)
        covariates = None
        if self.covariates is not None:
            covariates = self.covariates.apply(area_means, area=area)
        return ComparedValues(
            maps=(self.maps[0].groupby(areas).first(), second),
            people=(None, people),
            area=None,
            masses={name: mass.groupby(areas).sum() for name, mass in self.masses.items()},
            covariates=covariates,
        )


def option_problems(columns: ComparedColumns, labels: tuple[str, ...]) -> Iterator[Problem]:
    """Tell what is wrong with the names that were given, before a file is read.

    Parameters
    ----------
    columns : ComparedColumns
        The columns.
    labels : tuple of str
        Names of the two maps; none for those of the columns.

    Yields
    ------
    Problem
        What is wrong.
    """
    if len(columns.names) != _MAPS:
        yield _count_problem("--column", len(columns.names), "2 for a comparison, one a map")
    if len(columns.people) > columns.most_people:
        expected = (
            "one for both maps, or one each"
            if columns.area is None
            else "one with --area, of the second column: the first is of values, such as rates"
        )
        yield _count_problem("--people", len(columns.people), expected)
    if labels and len(labels) != _MAPS:
        yield _count_problem("--label", len(labels), "2, one a map, or none")
    for option, names in (
        ("--column", columns.names),
        ("--label", labels),
        ("--mass", columns.masses),
        ("--covariate", columns.covariates),
    ):
        if len(set(names)) < len(names):
            yield Problem(
                file=option,
                found=f"the same twice ({', '.join(names)})",
                expected="different names",
                action="correct the option",
            )
    if any(not label.strip() for label in labels):
        yield Problem(
            file="--label",
            found="an empty name",
            expected="a name for each map",
            action="correct the option",
        )
    if columns.area in columns.names:
        yield Problem(
            file="--area",
            found=f"{columns.area!r}, which is compared",
            expected="the column that names the larger area of each unit",
            action="correct the option",
        )
    for name in columns.covariates:
        if name in columns.names:
            yield Problem(
                file="--covariate",
                found=f"{name!r}, which is compared",
                expected="another column: of a map that is taken out nothing is left to compare",
                action="leave it out",
            )


def _count_problem(option: str, count: int, expected: str) -> Problem:
    return Problem(
        file=option, found=f"{count}", expected=expected, action="give the option that often"
    )


def read_values(
    table: gpd.GeoDataFrame, columns: ComparedColumns, *, file: str
) -> tuple[ComparedValues | None, pd.Index | None, list[Problem]]:
    """Take the columns of a comparison out of a layer.

    Parameters
    ----------
    table : geopandas.GeoDataFrame
        The layer.
    columns : ComparedColumns
        Two maps and what goes with them.
    file : str
        Name of the file, for messages.

    Returns
    -------
    values : ComparedValues or None
        None where something is wrong.
    identifiers : pandas.Index or None
        Of the rows; None where not one column can be read.
    problems : list of Problem
        Everything that is wrong.
    """
    holds: list[Holds] = ["counts" if columns.people_of(which) else "numbers" for which in (0, 1)]
    wanted = [
        *(
            Wanted(option="--column", name=name, holds=holds[min(which, 1)])
            for which, name in enumerate(columns.names)
        ),
        *(Wanted(option="--people", name=name, holds="counts") for name in columns.people),
        *(Wanted(option="--mass", name=name, holds="counts") for name in columns.masses),
        *(Wanted(option="--covariate", name=name, holds="numbers") for name in columns.covariates),
    ]
    series, problems = read_columns(table, wanted, identifier=columns.identifier, file=file)
    area_absent = columns.area and absent_column(table, columns.area, "--area", file)
    problems += [area_absent] if area_absent else []
    problems = list({str(each): each for each in problems}.values())  # a column for two options
    identifiers = series[0].index if series else None
    if problems or len(columns.names) != _MAPS or len(columns.people) > columns.most_people:
        return None, identifiers, problems
    last = _MAPS + len(columns.people)
    people = dict(zip(columns.people, series[_MAPS:last], strict=True))
    first, second = (people.get(columns.people_of(which) or "") for which in (0, 1))
    masses = series[last : last + len(columns.masses)]
    covariates = series[last + len(columns.masses) :]
    values = ComparedValues(
        maps=(series[0], series[1]),
        people=(first, second),
        area=area_names(table[columns.area], series[0].index) if columns.area else None,
        masses=dict(zip(map(_mass_name, columns.masses), masses, strict=True)),
        covariates=pd.concat(covariates, axis=1) if covariates else None,
    )
    return values, identifiers, list(_value_problems(values, columns, file=file))


def _mass_name(name: str) -> str:
    """Keep apart a column of this name and the number of units or areas."""
    return f"{name} (column)" if name in {"units", "areas"} else name


def _value_problems(
    values: ComparedValues, columns: ComparedColumns, *, file: str
) -> Iterator[Problem]:
    rows, action = "rows", "compare maps of more units"
    if values.area is not None:
        yield from area_problems(values.maps[0], values.area, file=file)
        values, rows = values.among_areas(), "areas"
        action = (
            "compare maps of more areas; the second value must be known in four fifths of an area"
        )
    known = np.logical_and.reduce([each.notna() for each in values.maps])
    for people in values.people:
        if people is not None:
            known &= (people > 0).to_numpy()
    with_what = f"both values{' and people' if columns.people else ''}"
    names = " and ".join(repr(name) for name in columns.names)
    if known.sum() < FEWEST_UNITS:
        yield Problem(
            file=file,
            where=f"columns {names}",
            found=f"{known.sum()} {rows} with {with_what}",
            expected=f"{FEWEST_UNITS} or more, for a comparison",
            action=action,
        )
        return
    if values.covariates is None:
        return
    with_covariates = known & values.covariates.notna().all(axis=1).to_numpy()
    fewest = FEWEST_UNITS + _TERMS * values.covariates.shape[1]
    if with_covariates.sum() < fewest:
        yield Problem(
            file=file,
            where=f"columns {', '.join(repr(name) for name in columns.covariates)}",
            found=f"{with_covariates.sum()} {rows} with all covariates and both values",
            expected=f"{fewest} or more, for the partial comparison",
            action="leave out the --covariate that is missing most often",
        )
        return
    for name, covariate in values.covariates.items():
        numbers = covariate.to_numpy()[with_covariates]
        if (numbers == numbers[0]).all():
            yield Problem(
                file=file,
                where=f"column {str(name)!r}",
                found=f"one value in all {rows}",
                expected="values that differ, to be taken out of the maps",
                action="leave out this --covariate",
            )
