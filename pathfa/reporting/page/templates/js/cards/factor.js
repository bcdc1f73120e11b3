// The card of one factor.
const TOP = 12; // genes per view
const ENDS = 5; // samples at either end

/** The rows of a table of the page in which a column names a factor or a gene set, as objects. */
function rowsOf(name, column, id) {
  const table = tables[name];
  if (!table) return [];
  const size = table.columns[0].values.length;
  const place = table.columns.findIndex((one) => one.name === column);
  return range(size).filter((row) => namedIn(table, table.columns[place], row)?.id === id)
    .map((row) => Object.fromEntries(table.columns.map((one) => [one.name, one.values[row]])));
}

function explainedWords(id) {
  const rows = rowsOf('variance-explained', 'factor', id);
  const share = (value) => { const number = 100 * Math.max(0, value); return number > 0 && number < 0.05 ? '<0.1' : number.toFixed(number >= 9.95 ? 0 : 1); };
  const words = rows.map(({ view, r2, lower, upper }) => `${share(r2).replace('<', 'under ')} %${Number.isFinite(lower) && lower !== null ? ` (${share(lower)} to ${share(upper)})` : ''} of ${view}`);
  return `${words.join(', ')} variation`;
}

function gradeWords(id) {
  const [row] = rowsOf('factors', 'factor', id);
  if (!row) return '';
  const seen = [['other starts', row.starts], ['resamples', row.resamples]].filter(([, value]) => value !== null && value !== undefined);
  const how = seen.map(([what, value]) => `${value.toFixed(2)} in ${what}`).join(', ');
  if (row.grade === 'not known') return 'Whether another fit would find it again is not known.';
  return `It ${row.grade} in other fits${how ? ` (similarity ${how})` : ''}.`;
}

/** The strongest genes of a factor in each view whose loadings differ from 0, with what the other views say of them. */
function topGenes(factor) {
  const place = views.map((view) => view.genes.map((gene, row) => ({ gene, row, size: Math.abs(view.loading(row, factor)) }))
    .filter(({ row, size }) => size > 1.96 * view.spread(row, factor)).sort((a, b) => b.size - a.size).slice(0, TOP));
  const sets = new Map();
  range(SIZE.gene_set).filter((set) => probability(set, factor) >= atlas.likely).forEach((set) => atlas.members[set].forEach((gene) => sets.set(gene, [...(sets.get(gene) || []), page.gene_set[set].label])));
  return views.map((view, v) => {
    if (!place[v].length) return element('p', {}, `No gene of ${view.name} has a loading whose 95 % interval excludes 0.`);
    const rows = place[v].map(({ gene }) => ({ gene, found: loadingsOf(gene, factor) }));
    const reach = Math.max(1e-9, ...rows.map(({ found }) => strength(found)));
    const head = element('tr', {}, element('th', { scope: 'col' }, `Top genes in ${view.name}`), ...views.map((one) => element('th', { scope: 'col' }, `Loading in ${one.name} (95 % interval)`)), element('th', { scope: 'col' }, 'In its gene sets'));
    const lines = rows.map(({ gene, found }) => element('tr', {}, element('th', { scope: 'row' }, pick('gene', page.gene[gene])), ...found.map((one) => loadingCell(one, reach)), element('td', {}, (sets.get(gene) || ['none']).slice(0, 2).join(', '))));
    return element('div', { class: 'sheet whole', tabindex: '0', role: 'region', 'aria-label': `Top genes in ${view.name}` }, element('table', {}, element('thead', {}, head), element('tbody', {}, ...lines)));
  });
}

function viewsAgree(factor) {
  const lines = [];
  for (let a = 0; a < views.length; a += 1) for (let b = a + 1; b < views.length; b += 1) {
    const both = views[a].genes.filter((gene) => views[b].row.has(gene)).map((gene) => loadingsOf(gene, factor));
    const r = correlation(both.map((found) => found[a].value), both.map((found) => found[b].value));
    if (Number.isFinite(r)) lines.push(element('p', {}, `Over ${count(both.length, 'gene')} of ${views[a].name} and ${views[b].name}, its loadings correlate by r = ${fixed(r)}.`));
  }
  return lines;
}

/** The covariates that a factor or a gene set is associated with, those of interest first. */
function associationsOf(id) {
  const rows = rowsOf('associations', 'feature', id).filter(({ q }) => q !== null && q <= atlas.significant);
  if (!rows.length) return tables.associations ? element('p', {}, `No covariate with q of ${atlas.significant} or less.`) : null;
  const beyond = rows.some((row) => row.more_than_random); // of gene sets
  const lines = rows.map((row) => element('tr', {}, element('th', { scope: 'row' }, row.origin === 'biological' ? row.covariate : `${row.covariate} (${row.origin})`),
    element('td', {}, row.effect), element('td', { class: 'number' }, brief(row.q)), element('td', { class: 'number' }, String(row.n)), element('td', {}, row.adjusted), beyond ? element('td', {}, row.more_than_random) : null));
  const heads = ['Covariate', 'Effect (95 % interval)', 'q', 'n', 'Adjusted', ...(beyond ? ['More than random'] : [])];
  return element('div', { class: 'sheet', tabindex: '0', role: 'region', 'aria-label': 'Its covariates' }, element('table', {}, element('thead', {}, element('tr', {}, ...heads.map((head) => element('th', { scope: 'col' }, head)))), element('tbody', {}, ...lines)));
}

/** What a gene set adds to the loadings of a factor. */
const adds = (set, factor) => Math.abs(weight(set, factor)) * probability(set, factor) * Math.sqrt(atlas.members[set].filter((gene) => views.some((view) => view.row.has(gene))).length);

function makeFactor() {
  const factor = state.factor ? known.factor.get(state.factor) : 0;
  const { id } = page.factor[factor];
  const sets = range(SIZE.gene_set).filter((set) => probability(set, factor) >= atlas.likely && weight(set, factor) !== 0).sort((a, b) => adds(b, factor) - adds(a, factor));
  const order = range(SIZE.sample).sort((a, b) => score(b, factor) - score(a, factor));
  const person = (sample) => [pick('sample', page.sample[sample]), ` (${score(sample, factor).toFixed(1)})`];
  const people = (chosen) => series(chosen.map(person), '.');
  const ends = Math.min(ENDS, Math.floor(SIZE.sample / 2));
  return [
    element('h4', {}, id),
    state.factor ? null : element('p', { class: 'soft' }, 'The first factor is shown. Search another one on top, or select it in a figure or a table.'),
    element('p', {}, `It explains ${explainedWords(id)}. ${gradeWords(id)}`),
    element('p', {}, sets.length ? `${count(sets.length, 'gene set')}: ` : 'No gene set is likely to be part of it.', ...series(sets.slice(0, TOP).map((set) => [pick('gene_set', page.gene_set[set]), ` (weight ${brief(weight(set, factor))}, probability ${probability(set, factor).toFixed(2)})`])), sets.length > TOP ? ` and ${sets.length - TOP} more.` : sets.length ? '.' : ''),
    element('p', {}, 'Highest samples: ', ...people(order.slice(0, ends))),
    element('p', {}, 'Lowest samples: ', ...people(order.slice(SIZE.sample - ends).reverse()), ' In brackets: score in sd.'),
    ...viewsAgree(factor),
    associationsOf(id),
    ...topGenes(factor),
  ];
}
