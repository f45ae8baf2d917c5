"""What officers might write for the place of an arrest, made up county by county."""

from __future__ import annotations

import unicodedata
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from boundaries import load_field_offices

__all__ = ["BLANK", "VAGUE", "NamedPlaces", "write_landmarks"]

_JAILS: Final = (
    "CAP - {place} JAIL, {state} STATE",
    "{place} JAIL, {state}",
    "{place} SHERIFF'S OFFICE, {state}",
    "{place} DETENTION CENTER, {state}",
    "{place} JAIL",
)
_STREETS: Final = (
    "{place}, {state}",
    "{place} COURTHOUSE, {state}",
    "{place} PROBATION OFFICE, {state}",
    "{place} GENERAL AREA",
)
_OFFICE_AREAS: Final = (
    "{office} GENERAL AREA, NON-SPECIFIC",
    "FUGITIVE OPERATIONS",
    "ICE ERO {name}",
    "{name} ERO OFFICE",
    "NON-DETAINED DOCKET",
    "AT LARGE ARREST",
)
_IN_CITY: Final = 0.4
"""Share of the texts that name a city, in the counties that have one below."""

_CITIES: Final = {
    "01003": ("FOLEY", "FAIRHOPE", "GULF SHORES"),
    "01097": ("SARALAND",),
    "04013": ("MESA", "TEMPE"),
    "06073": ("CHULA VISTA", "ESCONDIDO"),
    "06085": ("SUNNYVALE",),
    "12057": ("TAMPA",),
    "12086": ("HIALEAH",),
    "12095": ("APOPKA",),
    "13067": ("MARIETTA",),
    "13135": ("LAWRENCEVILLE",),
    "17031": ("CICERO",),
    "18097": ("INDIANAPOLIS",),
    "19169": ("AMES",),
    "20155": ("HUTCHINSON",),
    "21067": ("LEXINGTON",),
    "22033": ("BATON ROUGE",),
    "22051": ("KENNER", "METAIRIE"),
    "24031": ("ROCKVILLE", "GAITHERSBURG"),
    "25017": ("LOWELL", "FRAMINGHAM"),
    "25025": ("CHELSEA",),
    "26163": ("DEARBORN",),
    "28047": ("GULFPORT", "BILOXI"),
    "31055": ("OMAHA",),
    "34031": ("PATERSON",),
    "34039": ("ELIZABETH",),
    "36119": ("YONKERS",),
    "37081": ("GREENSBORO",),
    "37119": ("CHARLOTTE",),
    "42077": ("ALLENTOWN",),
    "44007": ("PROVIDENCE",),
    "47037": ("NASHVILLE",),
    "47157": ("MEMPHIS",),
    "48061": ("BROWNSVILLE",),
    "48113": ("IRVING",),
    "48215": ("MCALLEN",),
    "48479": ("LAREDO",),
    "49035": ("WEST VALLEY CITY",),
    "53033": ("KENT", "RENTON"),
    "53077": ("YAKIMA",),
    "55009": ("GREEN BAY",),
}
"""Cities that lie in one county."""

_PLAIN_KINDS: Final = (" COUNTY", " PARISH")
_OFFICIAL_KINDS: Final = ("Census Area", "Municipality", "City and Borough")

_FORMS: Final = 2
"""Ways of writing one county's jail, and its other places."""

_SLIPS: Final = 3
"""Ways of misspelling a county."""

_LONG_ENOUGH: Final = 7
"""Letters a name must have, to be recognised in spite of a slip."""

VAGUE: Final = -1
"""Code of words that name no place."""

BLANK: Final = -2
"""Code of no words at all."""

Integers = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]


class NamedPlaces:
    """Every text that names a place in some county.

    Parameters
    ----------
    counties : pandas.DataFrame
        Counties as ``boundaries.load_counties`` gives them.
    rng : numpy.random.Generator
        Chooses how each county is written.
    """

    def __init__(self, counties: pd.DataFrame, rng: np.random.Generator) -> None:
        self._place = [
            _spoken(name, legal)
            for name, legal in zip(counties["name"], counties["legal_name"], strict=True)
        ]
        self._plain = np.array([place.endswith(_PLAIN_KINDS) for place in self._place])
        self._state = counties["state"].tolist()
        self._fips = counties.index.tolist()
        self._long = np.array([_longest(place) is not None for place in self._place])
        self._forms = {
            forms: rng.permuted(np.tile(np.arange(len(forms)), (len(counties), 1)), axis=1)
            for forms in (_JAILS, _STREETS)
        }
        keys = pd.DataFrame(
            {"place": self._place, "aor": counties["aor"].to_numpy(), "state": self._state}
        )
        self._alone_in_aor = ~keys.duplicated(["place", "aor"], keep=False).to_numpy()
        self._alone = ~keys.duplicated("place", keep=False).to_numpy()

    def choose(
        self, county: Integers, *, jail: Flags, slip: Flags, rng: np.random.Generator
    ) -> tuple[Integers, Flags, Flags]:
        """Choose how each arrest's county is written.

        Parameters
        ----------
        county : numpy.ndarray of int
            Position of the county of each arrest.
        jail : numpy.ndarray of bool
            Whether the place is a jail.
        slip : numpy.ndarray of bool
            Whether the writer slips, where the name is long enough to bear it.
        rng : numpy.random.Generator
            Chooses.

        Returns
        -------
        tuple of numpy.ndarray
            A code for `text`; whether the text names the state; whether it has a slip.
        """
        forms = np.where(
            jail[:, np.newaxis],
            self._forms[_JAILS][county, :_FORMS],
            self._forms[_STREETS][county, :_FORMS] + len(_JAILS),
        )
        form = forms[np.arange(len(county)), rng.integers(_FORMS, size=len(county))]
        cities = np.array([len(_CITIES.get(fips, ())) for fips in self._fips])[county]
        # Elsewhere than in counties and parishes, area wording means an office's area.
        stateless = np.isin(form, _STATELESS)
        form = np.where(stateless & ~self._plain[county], np.where(jail, 1, len(_JAILS)), form)
        in_city = (cities > 0) & (rng.random(len(county)) < _IN_CITY)
        city = (rng.random(len(county)) * cities).astype(np.int64)
        form = np.where(in_city, len(_ALL_FORMS) + 2 * city + jail, form)
        names_state = ~np.isin(form, _STATELESS)
        slip = slip & self._long[county] & ~in_city
        variant = np.where(slip, rng.integers(1, _SLIPS + 1, size=len(county)), 0)
        code = (county * _MOST_FORMS + form) * (_SLIPS + 1) + variant
        return code, names_state, slip

    def unmistakable(self, county: Integers, *, within_aor: Flags) -> Flags:
        """Tell whether a county's name, without its state, is the only one of its kind.

        Parameters
        ----------
        county : numpy.ndarray of int
            Position of the county of each arrest.
        within_aor : numpy.ndarray of bool
            Whether the office is known, so that only its counties can be meant.

        Returns
        -------
        numpy.ndarray of bool
            One a county.
        """
        return np.where(within_aor, self._alone_in_aor[county], self._alone[county])

    def text(self, code: int) -> str:
        """Write a place.

        Parameters
        ----------
        code : int
            As `choose` gives it.

        Returns
        -------
        str
            The landmark.
        """
        rest, variant = divmod(code, _SLIPS + 1)
        county, form = divmod(rest, _MOST_FORMS)
        state = self._state[county]
        if form >= len(_ALL_FORMS):
            city, jail = divmod(form - len(_ALL_FORMS), 2)
            ending = "CITY JAIL" if jail else "PD"
            return f"{_CITIES[self._fips[county]][city]} {ending}, {state}"
        place = _slipped(self._place[county], variant)
        return _ALL_FORMS[form].format(place=place, state=state)


_ALL_FORMS: Final = _JAILS + _STREETS
_STATELESS: Final = [number for number, form in enumerate(_ALL_FORMS) if "{state}" not in form]
_MOST_FORMS: Final = len(_ALL_FORMS) + 2 * max(map(len, _CITIES.values()))


def _plain(name: str) -> str:
    decomposed = unicodedata.normalize("NFKD", name)
    return decomposed.encode("ascii", "ignore").decode().upper()


def _spoken(name: str, legal_name: str) -> str:
    """Name a county as people do."""
    return _plain(name if legal_name.endswith(_OFFICIAL_KINDS) else legal_name)


def _longest(place: str) -> str | None:
    """Find the word of a name that can be recognised in spite of a slip, if there is one."""
    words = [word for word in place.split()[:-1] if len(word) >= _LONG_ENOUGH]
    return words[0] if words else None


def _slipped(place: str, variant: int) -> str:
    """Double, drop or exchange letters in the middle of a long word."""
    word = _longest(place)
    if variant == 0 or word is None:
        return place
    before, first, second, after = word[:3], word[3], word[4], word[5:]
    middle = (first + first + second, second, second + first)[variant - 1]
    return place.replace(word, before + middle + after, 1)


def write_landmarks(
    named: NamedPlaces, code: Integers, *, office: Integers, rng: np.random.Generator
) -> pd.Categorical:
    """Write the landmark of every arrest.

    Parameters
    ----------
    named : NamedPlaces
        The places of the codes.
    code : numpy.ndarray of int
        As `NamedPlaces.choose` gives it, or `VAGUE`, or `BLANK`.
    office : numpy.ndarray of int
        Position, by the alphabet, of the office whose words are used where no place is
        named.
    rng : numpy.random.Generator
        Chooses the words that name no place.

    Returns
    -------
    pandas.Categorical
        Texts; blanks are missing.
    """
    names = load_field_offices()["name"].str.upper().sort_index()
    form = rng.integers(len(_OFFICE_AREAS), size=len(code))
    vague = BLANK - 1 - (office * len(_OFFICE_AREAS) + form)
    codes = np.where(code == VAGUE, vague, code)
    distinct, position = np.unique(codes, return_inverse=True)
    texts: list[str | None] = []
    for each in distinct.tolist():
        if each >= 0:
            texts.append(named.text(each))
        elif each == BLANK:
            texts.append(None)
        else:
            number, words = divmod(BLANK - 1 - each, len(_OFFICE_AREAS))
            code_of, name = names.index[number], names.iloc[number]
            texts.append(_OFFICE_AREAS[words].format(office=code_of, name=name))
    lexicon = pd.Categorical(texts)
    return pd.Categorical.from_codes(lexicon.codes[position], lexicon.categories)
