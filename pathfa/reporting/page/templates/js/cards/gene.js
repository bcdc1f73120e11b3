// The card of one gene.
function firstGene() {
  const factor = state.factor ? known.factor.get(state.factor) : 0;
  const { gene } = views[0].genes.map((one, row) => ({ gene: one, size: Math.abs(views[0].loading(row, factor)) })).reduce((best, one) => (one.size > best.size ? one : best));
  return gene;
}

function makeGene() {
  const gene = state.gene ? known.gene.get(state.gene) : firstGene();
  const { label } = page.gene[gene];
  const sets = range(SIZE.gene_set).filter((set) => atlas.members[set].includes(gene));
  const rows = range(SIZE.factor).map((factor) => ({ factor, found: loadingsOf(gene, factor) }));
  const measured = views.filter((view) => view.row.has(gene));
  const other = views.filter((view) => !view.row.has(gene));
  const absent = other.filter((view) => view.complete).map((view) => view.name);
  const unknown = other.filter((view) => !view.complete).map((view) => view.name);
  const parts = [
    element('h4', {}, label),
    state.gene ? null : element('p', { class: 'soft' }, 'The gene with the largest loading is shown. Search another one on top.'),
    element('p', {}, sets.length ? `In ${count(sets.length, 'gene set')}: ` : 'In no gene set of this report.', ...series(sets.map((set) => pick('gene_set', page.gene_set[set])), '.')),
    absent.length ? element('p', {}, `Under this name not in ${absent.join(' and ')}.`) : null,
    unknown.length ? element('p', {}, `Of ${unknown.join(' and ')} only members of gene sets and the strongest other genes are in this page; model.loadings_ has all.`) : null,
  ];
  if (!measured.length || !rows.length) return parts;
  const reach = Math.max(1e-9, ...rows.map(({ found }) => strength(found)));
  const head = element('tr', {}, element('th', { scope: 'col' }, 'Factor'), ...measured.map((view) => element('th', { scope: 'col' }, `Loading in ${view.name} (95 % interval)`)));
  const lines = rows.map(({ factor, found }) => element('tr', {}, element('th', { scope: 'row' }, pick('factor', page.factor[factor], page.factor[factor].id)), ...found.filter((_, v) => measured.includes(views[v])).map((one) => loadingCell(one, reach))));
  parts.push(element('div', { class: 'sheet whole', tabindex: '0', role: 'region', 'aria-label': `Loadings of ${label}` }, element('table', {}, element('thead', {}, head), element('tbody', {}, ...lines))));
  parts.push(geneFigure(label, gene));
  if (tables.associations) parts.push(element('p', { class: 'soft' }, 'Genes are not tested against covariates here: of thousands some are associated by chance. The cards of its factors and gene sets have theirs.'));
  return parts;
}

/** Values of a gene over the samples, in the order of the first view that has them. */
function geneFigure(label, gene) {
  const seen = views.flatMap((view, v) => { const found = geneQuantity(v, label); return found ? [{ view, ...found }] : []; });
  if (!seen.length) return element('p', {}, 'Its values over the samples are not in this page.');
  const [{ values: first }] = seen;
  const order = range(SIZE.sample).sort((a, b) => (Number.isFinite(first[b]) - Number.isFinite(first[a])) || first[a] - first[b]);
  const ids = order.map((sample) => page.sample[sample].id);
  const shown = (values) => order.map((sample) => (Number.isFinite(values[sample]) ? Number(values[sample].toFixed(2)) : null));
  return makeFigure('gene-samples', {
    title: `${label} in every sample, by its value in ${seen[0].view.name}`,
    alt: `Values of ${label} in ${seen.map(({ view }) => view.name).join(' and ')} over ${count(order.length, 'sample')}, in sd.`,
    data: seen.map(({ view, values }, i) => ({ type: 'scatter', mode: 'markers', x: range(order.length), y: shown(values), name: plain(view.name), showlegend: true, customdata: ids, text: ids.map(plain), hovertemplate: '%{text}<br>%{y:.2f} sd<extra></extra>', marker: { size: 7, color: page.palette.colours[i], symbol: page.palette.symbols[i] } })),
    layout: {
      height: 300, showlegend: true, legend: { orientation: 'h', y: 1.02, yanchor: 'bottom', x: 0 }, yaxis: { title: { text: 'Value (sd)' }, zeroline: false, automargin: true },
      xaxis: { title: { text: `Samples (n = ${order.length})` }, showticklabels: false, zeroline: false, showgrid: false }, meta: { x: { entity: 'sample', ids: [], walk: ids }, y: {} },
    },
    table: [words('sample', ids), ...seen.map(({ view, values }) => numbers(view.name, order.map((sample) => values[sample])))],
  });
}
