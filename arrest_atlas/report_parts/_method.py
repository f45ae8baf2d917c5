"""The method in plain words, with the works that it rests on."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from arrest_atlas.report_parts._material import Material
from outputs.report import Block, Points, Section

__all__ = ["REFERENCES", "method_section"]

REFERENCES: Final = {
    "Anselin 1995": "Anselin, L. (1995). Local indicators of spatial association \u2013 LISA. "
    "Geographical Analysis 27(2), 93\u2013115. https://doi.org/10.1111/j.1538-4632.1995.tb00338.x",
    "Benjamini and Hochberg 1995": "Benjamini, Y. and Hochberg, Y. (1995). Controlling the false "
    "discovery rate: a practical and powerful approach to multiple testing. Journal of the Royal "
    "Statistical Society B 57(1), 289\u2013300. "
    "https://doi.org/10.1111/j.2517-6161.1995.tb02031.x",
    "Cohen 1960": "Cohen, J. (1960). A coefficient of agreement for nominal scales. Educational "
    "and Psychological Measurement 20(1), 37\u201346. https://doi.org/10.1177/001316446002000104",
    "Deming and Stephan 1940": "Deming, W. E. and Stephan, F. F. (1940). On a least squares "
    "adjustment of a sampled frequency table when the expected marginal totals are known. Annals "
    "of Mathematical Statistics 11(4), 427\u2013444. https://doi.org/10.1214/aoms/1177731829",
    "Dunn and Smyth 1996": "Dunn, P. K. and Smyth, G. K. (1996). Randomized quantile residuals. "
    "Journal of Computational and Graphical Statistics 5(3), 236\u2013244. "
    "https://doi.org/10.1080/10618600.1996.10474708",
    "Dutilleul 1993": "Dutilleul, P. (1993). Modifying the t test for assessing the correlation "
    "between two spatial processes. Biometrics 49(1), 305\u2013314. "
    "https://doi.org/10.2307/2532625",
    "Getis and Ord 1992": "Getis, A. and Ord, J. K. (1992). The analysis of spatial association by "
    "use of distance statistics. Geographical Analysis 24(3), 189\u2013206. "
    "https://doi.org/10.1111/j.1538-4632.1992.tb00261.x",
    "Hagen-Zanker 2009": "Hagen-Zanker, A. (2009). An improved fuzzy kappa statistic that accounts "
    "for spatial autocorrelation. International Journal of Geographical Information Science 23(1), "
    "61\u201373. https://doi.org/10.1080/13658810802570317",
    "Lee 2001": "Lee, S.-I. (2001). Developing a bivariate spatial association measure: an "
    "integration of Pearson's r and Moran's I. Journal of Geographical Systems 3(4), "
    "369\u2013385. https://doi.org/10.1007/s101090100064",
    "Marshall 1991": "Marshall, R. J. (1991). Mapping disease and mortality rates using empirical "
    "Bayes estimators. Journal of the Royal Statistical Society C 40(2), 283\u2013294. "
    "https://doi.org/10.2307/2347593",
    "Moran 1950": "Moran, P. A. P. (1950). Notes on continuous stochastic phenomena. Biometrika "
    "37(1/2), 17\u201323. https://doi.org/10.1093/biomet/37.1-2.17",
    "Ord and Getis 1995": "Ord, J. K. and Getis, A. (1995). Local spatial autocorrelation "
    "statistics: distributional issues and an application. Geographical Analysis 27(4), "
    "286\u2013306. https://doi.org/10.1111/j.1538-4632.1995.tb00912.x",
    "Rubin 1987": "Rubin, D. B. (1987). Multiple Imputation for Nonresponse in Surveys. Wiley. "
    "https://doi.org/10.1002/9780470316696",
    "Sokal, Oden and Thomson 1998": "Sokal, R. R., Oden, N. L. and Thomson, B. A. (1998). Local "
    "spatial autocorrelation in a biological model. Geographical Analysis 30(4), 331\u2013354. "
    "https://doi.org/10.1111/j.1538-4632.1998.tb00406.x",
    "Wagner and Dray 2015": "Wagner, H. H. and Dray, S. (2015). Generating spatially constrained "
    "null models for irregularly spaced data using Moran spectral randomization methods. Methods "
    "in Ecology and Evolution 6(10), 1169\u20131178. https://doi.org/10.1111/2041-210X.12407",
}
"""Full citations by the short ones that stand in the text."""

_GRAPHS: Final = {
    "queen": "counties that touch",
    "nearest": "the six nearest counties",
    "distance": "counties up to 100 km apart",
}


def method_section(material: Material) -> Section:
    """Tell the method on a page, and cite only what this run used."""
    paragraphs = list(_paragraphs(material))
    text = " ".join(paragraphs)
    used = [full for short, full in REFERENCES.items() if short in text]
    blocks: list[Block] = [*paragraphs, "References:", Points(items=used)]
    return Section(heading="Method", blocks=blocks)


def _paragraphs(material: Material) -> Iterator[str]:
    options = material.analysis.options
    crime = material.crime
    one, several = material.units("area")
    share = f"{100 * options.located_share:g}%"
    yield (
        "Where an arrest is known. Every arrest is kept at the finest place that its evidence "
        f"supports. Counties are tested only in {several} of whose arrests at least {share} are "
        f"located by county; elsewhere arrests are known for the whole {one}, and copying its rate "
        "to its counties would make hot spots out of noise. The two answers stand apart."
    )
    yield from _without_county(material)
    yield (
        f"Rates. Arrests per {material.people.removesuffix('s')}, {crime} per resident. A rate of "
        "few people jumps by chance; so each count is scored by how unusual it is for a population "
        "of its size (quantile residuals, Dunn and Smyth 1996, of the model behind "
        "empirical-Bayes rates, Marshall 1991), ranked among places of about the same population."
    )
    yield (
        "Hot spots. The score of each place and its neighbours is compared with the whole map by "
        f"Gi* (Getis and Ord 1992; Ord and Getis 1995), neighbours being {_GRAPHS[options.graph]}. "
        "The null is conditional: a place keeps its value, the others change places (Sokal, Oden "
        "and Thomson 1998). Two-sided p-values are adjusted for the number of places (Benjamini "
        "and Hochberg 1995); hot and cold, where they are counted or compared, are those at a "
        f"false discovery rate of {100 * options.alpha:g}%. Moran's I (Moran 1950) and its local "
        "version (Anselin 1995) are of the same scores."
    )
    yield (
        "Comparison. Where most arrests are known by county, Cohen's kappa (Cohen 1960) of the hot "
        "counties carries the answer, else Pearson's correlation of the scores of "
        f"{several}; Lee's L (Lee 2001) stands beside it. Fuzzy kappa (Hagen-Zanker 2009) and the "
        "other measures describe."
    )
    if options.surrogates:
        yield (
            f"Chance. The arrest map stays as it is. {options.surrogates:,} random maps of {crime} "
            "are drawn in each of two families: Moran spectral randomisation (Wagner and Dray "
            "2015), which keeps how alike neighbours are, and random signs in the eigenvectors of "
            f"a kernel of {options.kernel_length:g} km, which keeps the values and the broad "
            "pattern. On each, hot spots and measure are found anew, and p is the larger of the "
            "two. In simulations of unrelated maps such a p was at most 0.05 in 2 to 7 of 100 "
            "pairs, depending on the kind of map; of maps that share one broad gradient and "
            "nothing else, in many more (docs/calibration.md of the software lists both). So "
            "everything is done again with a quadratic trend taken out of both maps. Dutilleul's "
            "modified t-test (Dutilleul 1993) is a secondary without a verdict."
        )


def _without_county(material: Material) -> Iterator[str]:
    options = material.analysis.options
    if material.analysis.reconciliation is not None:
        yield (
            "Totals. Totals of field offices are kept to the last arrest; totals of states only "
            "split the offices that span several, by iterative proportional fitting (Deming and "
            "Stephan 1940)."
        )
    if options.treatment == "located":
        yield "Arrests without a county are left out of the county answer."
    elif options.treatment == "proportional":
        yield (
            "Arrests without a county are shared out over the counties of their area in proportion "
            f"to {material.people}; that is an assumption, and no doubt about it is shown."
        )
    else:
        yield (
            f"Arrests without a county are drawn into the counties of their area {options.draws:,} "
            "times (multiple imputation, Rubin 1987), custodial and community ones apart where "
            "records tell these; scores are averaged over the draws before they are tested. That "
            "carries the doubt about places into the numbers, and makes no evidence about counties."
        )
