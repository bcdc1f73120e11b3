"""Every problem of an input at once, with the checks of gene sets and of features against them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

import numpy as np
from scipy import sparse

from pathfa.core.errors import InputError
from pathfa.core.findings import Finding, Severity, error, note, warning
from pathfa.core.text import count, part_of
from pathfa.data.cohort.align import collect_cohort
from pathfa.data.cohort.orientation import TRANSPOSED, transposed
from pathfa.data.cohort.views import Cohort, View
from pathfa.data.gene_sets.collection import GeneSets
from pathfa.data.gene_sets.libraries import GeneSetSource, as_gene_sets
from pathfa.data.identifiers.features import cut_to_members
from pathfa.data.identifiers.ids import guess_id_type, is_capitalised_like_rodents, strip_versions
from pathfa.data.io.settings import IdType
from pathfa.data.preprocess.preprocessor import ViewPreprocessor
from pathfa.data.validation.apart import check_apart, odd_features
from pathfa.data.validation.cells import check_cells
from pathfa.data.validation.matching import check_matching
from pathfa.data.validation.samples import check_covariates, check_samples
from pathfa.data.validation.values import check_features, check_values, possible_views

_GENE_IDS = (IdType.ENSEMBL, IdType.UNIPROT, IdType.ENTREZ, IdType.REFSEQ)
_CHUNK = 512
_GENES_IN_ROWS = 0.05  # share of the rows that are members of gene sets


def validate(data: object, gene_sets: GeneSetSource, *, min_set_size: int = 5) -> list[Finding]:
    """Return all findings about a cohort and its gene sets: errors first, then repairs and warnings.

    Parameters
    ----------
    data
        As for ``PathFA.fit``.
    gene_sets
        The gene sets: as for ``PathFA.fit``.
    min_set_size
        As for ``PathFA``: fewest measured members of a gene set.

    Returns
    -------
    list of Finding
        Also what keeps the data from being read at all; nothing is raised for bad data.

    Examples
    --------
    >>> findings = pf.validate(cohort.mdata, gene_sets)
    >>> [(str(item.severity), item.code) for item in findings]
    [('note', 'partial-samples')]
    >>> print(findings[0])
    36 of 40 samples were measured in every view (rna 40, protein 36); all are used
    """
    try:
        sets = as_gene_sets(gene_sets)
        cohort, findings = collect_cohort(data)
    except InputError as problem:
        if not problem.findings:
            raise
        return list(problem.findings)
    if cohort is None:
        return _ordered(findings)
    known = check_cohort(cohort, sets, min_set_size)
    if any(finding.severity is Severity.ERROR for finding in known):
        return known
    return _ordered([*known, *check_usable(cohort, sets, min_set_size)])


def check_usable(cohort: Cohort, gene_sets: GeneSets, min_set_size: int) -> list[Finding]:
    """Return why nothing could be fitted, found by the steps of a fit: preprocessing, and gene sets on its features.

    A fit meets them as errors itself, so that it need not ask.
    """
    measured: set[str] = set()
    try:
        for view in cohort.views:
            fitted = ViewPreprocessor().fit(view)
            measured.update(fitted.features, fitted.copies)
        gene_sets.filter(min_size=min_set_size, features=measured)
    except InputError as problem:
        return list(problem.findings) or [error("unusable-input", str(problem))]
    return []


def check_cohort(cohort: Cohort, gene_sets: GeneSets, min_set_size: int = 5) -> list[Finding]:
    """Return the findings about an aligned cohort and its gene sets, in the order of :func:`validate`."""
    overlap = list(check_overlap(cohort, gene_sets, min_set_size))
    turned = any(item.code == TRANSPOSED for item in overlap)  # then its samples are not known
    found = (
        *cohort.findings,
        *gene_sets.findings,
        *(() if turned else (*check_samples(cohort), *check_cells(cohort))),
        *check_covariates(cohort),
        *check_values(cohort),
        *check_apart(cohort),
        *(() if turned else check_matching(cohort)),
        *(item for view in possible_views(cohort) for item in odd_features(view, gene_sets.all_members)),
        *check_features(cohort),
        *overlap,
        *check_gene_sets(gene_sets),
    )
    return _ordered(list(dict.fromkeys(found)))


def _ordered(findings: Sequence[Finding]) -> list[Finding]:
    order = list(Severity)
    return sorted(findings, key=lambda finding: order.index(finding.severity))


def check_overlap(cohort: Cohort, gene_sets: GeneSets, min_set_size: int) -> Iterator[Finding]:
    """Return findings about the features of the views that are members of gene sets, and about sets left out."""
    members = set(gene_sets.all_members)
    shared = {view.name: int(view.features.isin(members).sum()) for view in cohort.views}
    for view in cohort.views:
        low = shared[view.name] < max(1, 0.02 * len(view.features))
        if not low:
            continue
        rows = view.samples[view.present]
        if rows.isin(members).mean() > max(_GENES_IN_ROWS, shared[view.name] / len(view.features)):
            yield transposed(view.name, rows[rows.isin(members)])
            return
        problem = _written_otherwise(view, members, shared[view.name])
        if problem is not None:
            yield problem
        elif shared[view.name] == 0 and (not any(shared.values()) or guess_id_type(view.features)[0] in _GENE_IDS):
            yield _no_overlap(view, gene_sets)
        elif shared[view.name] == 0:
            found = "no feature of the view is in a gene set: its loadings are learned without them"
            cut = cut_to_members(view.features, members)
            fix = f"set {cut[0]}: '{cut[1]}' if the names contain genes" if cut else ""
            yield warning("view-without-gene-sets", found, fix=fix, view=view.name, examples=view.features)
    if any(shared.values()):
        yield from _partial(cohort, gene_sets, min_set_size)


def _no_overlap(view: View, gene_sets: GeneSets) -> Finding:
    own, sure = guess_id_type(view.features)
    cut = cut_to_members(view.features, gene_sets.all_members)
    theirs, sure_theirs = guess_id_type(gene_sets.all_members)
    if cut:
        fix = f"set {cut[0]}: '{cut[1]}', and duplicates where several features then share a name"
    elif own in _GENE_IDS:
        fix = (
            "translate them: id_table of the view names a table of both (of human genes the complete set of HGNC as it "
            "is), or biomart:SPECIES such as biomart:hsapiens or biomart:rnorvegicus, which is downloaded; 'pathfa "
            "init' finds a table among your files"
        )
    else:
        fix = "translate the features with id_table, or set strip_prefix and strip_suffix"
    return error(
        "no-overlap",
        f"no feature of the view is in a gene set: features look like {own} ({sure:.0%}), such as "
        f"{_five(view.features)}; members of the gene sets look like {theirs} "
        f"({sure_theirs:.0%}), such as {_five(gene_sets.all_members)}",
        "the same identifiers in both",
        fix,
        view=view.name,
    )


def _five(names: Iterable[str]) -> str:
    return ", ".join(name if len(name) <= 30 else f"{name[:27]}..." for name in islice(names, 5))


def _written_otherwise(view: View, members: set[str], shared: int) -> Finding | None:
    """Return a finding if the names would fit but for case or version."""
    upper = {member.upper() for member in members}
    by_case = [name for name in view.features if name.upper() in upper]
    enough = max(10 * shared, 0.02 * len(view.features), 1)
    if len(by_case) >= enough:
        rodent = is_capitalised_like_rodents(view.features)
        what = "written as mouse and rat symbols are" if rodent else "written in another case"
        return error(
            "other-species",
            f"{part_of(len(by_case), len(view.features), 'feature', 'are')} in the gene sets only if case is ignored, "
            f"{what}",
            f"names as in the gene sets, such as {_five(sorted(members))}",
            "use gene sets of that species, or translate with a table of orthologues (orthologues: FILE); "
            "names are never put in upper case silently",
            view=view.name,
            items=by_case,
        )
    stripped = strip_versions(view.features)
    if int(stripped.isin(members).sum()) >= enough:
        return error(
            "versions-in-names",
            "the features carry Ensembl versions, the gene sets do not",
            "names without versions",
            "read the data with pathfa.read_cohort, which strips them",
            view=view.name,
            examples=view.features,
        )
    return None


def _partial(cohort: Cohort, gene_sets: GeneSets, min_set_size: int) -> Iterator[Finding]:
    """Say how many sets are left, in the views together and in each."""
    usable = gene_sets.usable({name for view in cohort.views for name in view.features}, min_set_size)
    if usable.all() or not usable.any():  # without any, nothing can be fitted, which is said elsewhere
        return
    each = [f"{view.name} {gene_sets.usable(view.features, min_set_size).sum()}" for view in cohort.views]
    found = part_of(int(usable.sum()), len(gene_sets), "gene set", f"have at least {min_set_size} measured members")
    yield note("partial-overlap", f"{found} ({', '.join(each)})", items=np.array(gene_sets.names)[~usable])


def check_gene_sets(gene_sets: GeneSets) -> Iterator[Finding]:
    """Return findings about gene sets with the same members, or inside one another."""
    mask = gene_sets.mask(gene_sets.all_members).tocsc()
    mask.sort_indices()
    by_content: dict[tuple[bytes, bytes], list[str]] = {}
    for name, begin, end in zip(gene_sets, mask.indptr[:-1], mask.indptr[1:], strict=True):
        content = mask.indices[begin:end].tobytes(), mask.data[begin:end].tobytes()
        by_content.setdefault(content, []).append(name)
    same = [names for names in by_content.values() if len(names) > 1]
    if same:
        yield warning(
            "same-gene-sets",
            f"{sum(map(len, same))} gene sets share their members with another: the model cannot distinguish them",
            fix="keep one of each",
            place=gene_sets.source,
            examples=(" = ".join(names[:3]) for names in same),
            count=len(same),
        )
    nested = _nested_sets(gene_sets.names, mask)
    if nested:
        yield note(
            "nested-gene-sets",
            f"{count(len(nested), 'gene set', 'are')} wholly contained in another one",
            fix="read them together; GeneSets.near_duplicates groups similar ones",
            place=gene_sets.source,
            examples=(f"{small} in {large}" for small, large in nested),
            count=len(nested),
        )


def _nested_sets(names: Sequence[str], mask: sparse.csc_matrix) -> list[tuple[str, str]]:
    """Return pairs (set, first larger set that contains all its members)."""
    sizes = np.diff(mask.indptr)
    members = sparse.csr_matrix((np.ones(mask.nnz), mask.indices, mask.indptr), shape=mask.shape[::-1])
    features = members.T
    pairs = []
    for start in range(0, len(names), _CHUNK):
        shared = (members[start : start + _CHUNK] @ features).toarray()
        rows, columns = np.nonzero(
            (shared >= sizes[start : start + _CHUNK, None]) & (sizes > sizes[start : start + _CHUNK, None])
        )
        first = np.unique(rows, return_index=True)[1]
        pairs += [(names[start + rows[at]], names[columns[at]]) for at in first]
    return pairs
