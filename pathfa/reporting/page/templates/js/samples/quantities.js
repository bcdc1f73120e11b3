// What samples can be placed or coloured by: a key such as "factor:F1 ..." stands for a quantity, also in the URL.

/** Values of a quantity over the samples, and the words for it; null where there is none of this key. */
function quantity(key) {
  const [kind, ...rest] = key.split(':');
  const name = rest.join(':');
  if (kind === 'factor' && known.factor.has(name)) return { kind, words: `Score of ${name} (sd)`, brief: factorId(name), values: scoresOf(known.factor.get(name)) };
  if (kind === 'gene_set' && known.gene_set.has(name)) { const { label } = item('gene_set', name); return { kind, words: `Activity of ${label}`, brief: label, values: activityOf(known.gene_set.get(name)) }; }
  const axis = kind === 'axis' && atlas.axes.find((one) => one.id === name);
  if (axis) return { kind, words: axis.label, brief: axis.id, values: axis.values };
  const column = kind === 'covariate' && atlas.covariates.find((one) => one.name === name);
  if (column) return { kind, words: column.name, brief: column.name, values: column.values.map((value) => (value === null && column.kind === 'number' ? NaN : value)), groups: column.kind !== 'number' };
  if (kind === 'gene') return geneQuantity(rest[0], rest.slice(1).join(':'));
  return null;
}

function geneQuantity(place, name) {
  const view = views[Number(place)];
  const row = view && view.value && view.row.get(known.gene.get(name));
  if (row === undefined || row === null || row >= view.values.columns) return null;
  return { kind: 'gene', words: `${name} in ${view.name} (sd)`, offer: `${name} in ${view.name}`, brief: `${name} (${view.name})`, values: range(SIZE.sample).map((sample) => view.value(sample, row)) };
}

const factorId = (name) => name.split(' ')[0];

/** Choices for a list, in groups; those of groups of samples are left out of the axes. */
function offeredQuantities(withGroups) {
  const columns = atlas.covariates.filter((one) => withGroups || one.kind === 'number');
  return [
    ['Factors', page.factor.map(({ id }) => [`factor:${id}`, id])],
    ['All factors together', withGroups ? [] : atlas.axes.map(({ id, label }) => [`axis:${id}`, label])],
    ['Covariates', columns.map(({ name }) => [`covariate:${name}`, name + (atlas.technical.includes(name) ? ' (technical)' : '')])],
    ['Gene sets', page.gene_set.map(({ id, label }) => [`gene_set:${id}`, label])],
  ].filter(([, entries]) => entries.length);
}

/** Genes whose values are in the page and whose names begin with some letters, as words by key. */
function offeredGenes(letters, most = 12) {
  const lower = letters.toLowerCase();
  const found = new Map();
  for (const [v, view] of views.entries()) {
    if (!view.value) continue;
    for (const gene of view.genes.slice(0, view.values.columns)) {
      const name = atlas.genes[gene];
      if (name.toLowerCase().startsWith(lower)) found.set(`gene:${v}:${name}`, `${name} in ${view.name}`);
      if (found.size >= most * views.length) break;
    }
  }
  return new Map([...found].sort((a, b) => a[1].length - b[1].length).slice(0, most));
}

/** Levels of a covariate, the largest ones apart by colour, the rest together. */
function levelsOf(values) {
  const sizes = new Map();
  values.forEach((value) => { if (value !== null) sizes.set(value, (sizes.get(value) || 0) + 1); });
  const largest = [...sizes].sort((a, b) => b[1] - a[1]).slice(0, page.palette.levels).map(([level]) => level);
  return largest.sort((a, b) => String(a).localeCompare(String(b), 'en', { numeric: true }));
}
