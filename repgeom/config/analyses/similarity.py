"""How alike networks are."""

from typing import ClassVar, Literal

from repgeom.config.analyses.base import Analysis
from repgeom.measures.names import Comparison, RDMMeasure


class Similarity(Analysis):
    """Similarity of every node of every network to every other, with a map and a tree of them all.

    `method` is CKA (debiased, or `cka_biased`), the angle between shapes (`procrustes`), or the `comparison` of
    RDMs (`rsa`) by `measure`. How far seeds of one model differ stands beside how far models differ.
    """

    kind: Literal["similarity"]
    method: Literal["cka", "cka_biased", "procrustes", "rsa"] = "cka"
    measure: RDMMeasure = "correlation"
    comparison: Comparison = "corr"

    fewest: ClassVar[int] = 2
    coloured: ClassVar[bool] = True
    tables: ClassVar[tuple[str, ...]] = ("numbers",)

    def least(self) -> int:  # noqa: D102
        # Debiasing asks for four; intervals for RDMs that can be compared with a stimulus left out.
        of_rdms = 4 if self.comparison == "corr" else 3
        return {"cka": 4, "rsa": of_rdms}.get(self.method, self.fewest)
