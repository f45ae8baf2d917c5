"""Where everything comes from, and how to make it again."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from arrest_atlas.options import DENOMINATOR_WORDS
from arrest_atlas.report_parts._material import Material
from arrest_atlas.report_parts._wording import count
from outputs import provenance_lines
from outputs.report import Block, Points, ReportTable, Section

__all__ = ["origin_section"]

_CITATION: Final = (
    "arrest-atlas: ICE arrests and violent crime, compared by hot spots, version {version}. The "
    "arrest-atlas founders. Software under the BSD 3-Clause licence; CITATION.cff in its "
    "repository says how to cite it. The licence is that of the software, not of the data."
)


def origin_section(material: Material) -> Section:
    """Tell inputs, options, versions, and how to run it again."""
    made_by = material.made_by
    blocks: list[Block] = []
    if made_by["inputs"]:
        blocks.append(_inputs(made_by["inputs"]))
    else:
        blocks.append("No file was given: the data are made up from the seed.")
    blocks += [
        (
            "Packaged with the software: boundaries and residents of the U.S. Census Bureau; areas "
            "of responsibility of ICE field offices by the Deportation Data Project."
        ),
        _options(material),
        f"Computed and drawn with {_listed(made_by['versions'])}.",
        Points(items=provenance_lines(made_by)[-1:]),
        _CITATION.format(version=made_by["versions"]["arrest-atlas"]),
    ]
    return Section(heading="Where this comes from", blocks=blocks)


def _inputs(inputs: list[dict[str, Any]]) -> ReportTable:
    return ReportTable(
        caption="Input files, with the SHA-256 digest that tells them from any other.",
        heads=["file", "given as", "bytes", "SHA-256"],
        rows=[
            [
                str(each["file"]),
                str(each["option"]).replace("_", " "),
                count(each["bytes"]),
                str(each["sha256"]),
            ]
            for each in inputs
        ],
    )


def _options(material: Material) -> ReportTable:
    return ReportTable(
        caption="Choices of method. The same inputs, choices, seed and versions give the same "
        "bytes.",
        heads=["choice", "value"],
        rows=list(_chosen(material)),
    )


def _chosen(material: Material) -> Iterator[list[str]]:
    options = material.analysis.options
    yield ["seed of every random number", str(options.seed)]
    yield ["denominator of arrest rates", DENOMINATOR_WORDS[options.denominator]]
    yield ["weights of imputation", DENOMINATOR_WORDS[options.weights]]
    yield ["imputations (draws)", count(options.draws)]
    yield ["false discovery rate of hot and cold", f"{options.alpha:g}"]
    yield ["located share from which counties are tested", f"{options.located_share:g}"]
    yield ["neighbours", options.graph]
    yield ["arrests without a county", options.treatment]
    yield ["where tests are made", options.extent]
    yield ["random crime maps of each family", count(options.surrogates)]
    yield ["length of the kernel, km", f"{options.kernel_length:g}"]


def _listed(versions: dict[str, str]) -> str:
    return ", ".join(f"{name} {number}" for name, number in versions.items())
