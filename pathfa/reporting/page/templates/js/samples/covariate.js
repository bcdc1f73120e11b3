// An activity or a score against a covariate.
const first = page.first_pair;
let covariate = first ? Math.max(0, atlas.covariates.findIndex((one) => one.name === first.covariate)) : 0;

/** Show another covariate. */
function showCovariate(name) {
  const place = atlas.covariates.findIndex((one) => one.name === name);
  if (place < 0) return;
  covariate = place;
  fillWidget($('[data-widget="covariate"]'), makeCovariate());
}

function makeCovariate() {
  const choice = element('select', { 'aria-label': 'Covariate' }, ...atlas.covariates.map((one, index) => element('option', { value: index, selected: index === covariate }, `${one.name}${atlas.technical.includes(one.name) ? ' (technical)' : ''}`)));
  choice.addEventListener('change', () => { showCovariate(atlas.covariates[Number(choice.value)].name); $('[data-widget="covariate"] select').focus(); });
  const set = state.gene_set ? known.gene_set.get(state.gene_set) : -1;
  const factor = known.factor.get(state.factor || (first ? first.factor : page.factor[0].id));
  const name = set >= 0 ? `activity of ${page.gene_set[set].label}` : `score of ${page.factor[factor].id}`;
  const values = set >= 0 ? activityOf(set) : scoresOf(factor);
  return [
    element('p', {}, element('label', {}, 'Covariate ', choice), ' Select a factor or a gene set anywhere to see it here.'),
    covariateFigure(atlas.covariates[covariate], name, values),
  ];
}

function covariateFigure(one, name, values) {
  const rows = range(SIZE.sample).filter((sample) => one.values[sample] !== null);
  const ids = rows.map((sample) => page.sample[sample].id);
  const base = { type: 'scatter', mode: 'markers', y: rows.map((sample) => Number(values[sample].toPrecision(4))), customdata: ids, text: ids.map(plain), hovertemplate: '%{text}<br>%{y:.2f}<extra></extra>', marker: { size: 8, color: page.palette.colours[0], opacity: 0.8 } };
  const common = { height: 380, yaxis: { title: { text: plain(clipped(name, 40)) }, zeroline: false, automargin: true }, meta: { x: { entity: 'sample', ids: [] }, y: {} } };
  const table = [words('sample', ids), numbers(name, rows.map((sample) => values[sample])), one.kind === 'number' ? numbers(one.name, rows.map((sample) => one.values[sample])) : words(one.name, rows.map((sample) => one.values[sample]))];
  if (one.kind === 'number') {
    const r = correlation(rows.map((sample) => one.values[sample]), rows.map((sample) => values[sample]));
    return makeFigure('covariate', {
      title: `${name} by ${one.name}: r = ${Number.isFinite(r) ? fixed(r) : 'not known'}, n = ${rows.length}`, alt: `Scatter plot of the ${name} by ${one.name}.`,
      data: [{ ...base, x: rows.map((sample) => one.values[sample]) }], layout: { ...common, xaxis: { title: { text: plain(one.name) }, zeroline: false } }, table,
    });
  }
  const levels = [...new Set(rows.map((sample) => one.values[sample]))].sort((a, b) => a.localeCompare(b, 'en', { numeric: true }));
  const place = new Map(levels.map((level, index) => [level, index]));
  const jitter = (index) => ((index * 0.618034) % 1 - 0.5) * 0.5;
  const means = levels.map((level) => mean(rows.filter((sample) => one.values[sample] === level).map((sample) => values[sample])));
  const counts = levels.map((level) => rows.filter((sample) => one.values[sample] === level).length);
  return makeFigure('covariate', {
    title: `${name} by ${one.name}, n = ${rows.length}`, alt: `Strip plot of the ${name} by ${one.name}; a line marks the mean of each group.`,
    data: [
      { ...base, x: rows.map((sample, index) => place.get(one.values[sample]) + jitter(index)) },
      { type: 'scatter', mode: 'markers', x: range(levels.length), y: means, marker: { symbol: 'line-ew', size: 34, line: { width: 3, color: page.palette.colours[1] } }, hovertemplate: 'mean %{y:.2f}<extra></extra>' },
    ],
    layout: { ...common, xaxis: { title: { text: plain(one.name), standoff: 10 }, automargin: true, tickvals: range(levels.length), ticktext: levels.map((level, index) => `${plain(clipped(level, 24))}<br>n = ${counts[index]}`), zeroline: false, range: [-0.6, levels.length - 0.4] } }, table,
  });
}
