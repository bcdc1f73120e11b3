// The page of one sample.
const SHOWN = 25;

function makeSample() {
  const sample = state.sample ? known.sample.get(state.sample) : known.sample.get(page.first_sample);
  const entry = page.sample[sample];
  const seen = views.map((view) => `${view.name} ${view.present[sample] ? 'measured' : 'NOT measured'}`).join(', ');
  const rows = range(SIZE.gene_set).map((set) => {
    const { mean: centre, sd } = moments(set);
    const scaled = (value) => (value - centre) / sd;
    return { set, sd, value: scaled(activity(sample, set)), low: lowest ? scaled(lowest(sample, set)) : NaN, high: highest ? scaled(highest(sample, set)) : NaN };
  }).filter(({ sd }) => sd > 0)
    .sort((a, b) => Math.abs(b.value) - Math.abs(a.value));
  const clear = rows.filter(({ low, high }) => low > 0 || high < 0);
  const parts = [
    element('h4', {}, entry.label),
    state.sample ? null : element('p', { class: 'soft' }, 'This sample lies farthest from the others. Select another one in the bar on top, in a figure or in a table.'),
    element('p', {}, `${seen}. `, lowest ? `${clear.length} of ${count(rows.length, 'activity')} ${clear.length === 1 ? 'differs' : 'differ'} from the mean of the cohort with a 95 % interval that excludes it.` : 'Intervals are not in this page because the cohort is large; model.interval("activity") gives them.'),
  ];
  if (views.some((view) => !view.present[sample])) parts.push(element('p', {}, 'A view is missing: the activities rest on the other views, and their intervals are wider for it.'));
  if (rows.length) parts.push(activityFigure(entry, rows.slice(0, SHOWN).reverse(), rows));
  else parts.push(element('p', {}, 'No activity differs between the samples, so there is none to show.'));
  parts.push(factorTable(sample), covariateList(sample), neighbours(sample));
  return parts;
}

function activityFigure(entry, shown, rows) {
  const label = (set) => page.gene_set[set].label;
  const counts = new Map();
  const labels = shown.map(({ set }) => { const text = clipped(label(set)); counts.set(text, (counts.get(text) || 0) + 1); return plain(counts.get(text) > 1 ? `${text} (${counts.get(text)})` : text); });
  const values = shown.map(({ value }) => Number(value.toPrecision(4)));
  const errors = lowest ? { type: 'data', symmetric: false, array: shown.map(({ value, high }) => Math.max(0, high - value)), arrayminus: shown.map(({ value, low }) => Math.max(0, value - low)), thickness: 1.2, width: 3, color: page.palette.colours[0] } : undefined;
  return makeFigure('sample-activity', {
    title: `What is special about ${entry.label}?`,
    alt: `Activities of ${count(shown.length, 'gene set')} in ${entry.label} with 95 % intervals, in standard deviations from the mean of the cohort.`,
    data: [{ type: 'scatter', mode: 'markers', x: values, y: labels, error_x: errors, customdata: shown.map(({ set }) => page.gene_set[set].id), marker: { size: 9, color: page.palette.colours[0], symbol: shown.map(({ low, high }) => (low > 0 || high < 0 ? 'circle' : 'circle-open')) }, hovertemplate: '%{y}: %{x:.2f} sd<extra></extra>' }],
    layout: {
      height: 120 + 20 * shown.length, xaxis: { title: { text: 'Activity (sd from the mean of the cohort); filled: interval excludes the mean' }, zeroline: true, zerolinecolor: '#777777', zerolinewidth: 2 }, yaxis: { type: 'category', automargin: true, dtick: 1 },
      meta: { x: {}, y: { entity: 'gene_set', ids: shown.map(({ set }) => page.gene_set[set].id) } },
    },
    table: [words('gene_set', rows.map(({ set }) => page.gene_set[set].id)), numbers('activity_sd', rows.map(({ value }) => value)), numbers('lower', rows.map(({ low }) => low)), numbers('upper', rows.map(({ high }) => high))],
  });
}

function factorTable(sample) {
  const rows = range(SIZE.factor).map((k) => {
    const all = scoresOf(k);
    const below = all.filter((value) => value < all[sample]).length;
    return element('tr', {}, element('th', { scope: 'row' }, pick('factor', page.factor[k], page.factor[k].id)),
      element('td', { class: 'number' }, all[sample].toFixed(2)), element('td', { class: 'number' }, `${below} of ${all.length - 1}`));
  });
  return element('div', { class: 'sheet', tabindex: '0', role: 'region', 'aria-label': 'Scores of the sample' }, element('table', {},
    element('thead', {}, element('tr', {}, element('th', { scope: 'col' }, 'Factor'), element('th', { scope: 'col', class: 'number' }, 'Score (sd)'), element('th', { scope: 'col', class: 'number' }, 'Samples that are lower'))),
    element('tbody', {}, ...rows)));
}

function covariateList(sample) {
  if (!atlas.covariates.length) return null;
  return element('dl', {}, ...atlas.covariates.flatMap(({ name, values }) => [element('dt', {}, name), element('dd', {}, values[sample] === null ? 'not known' : String(values[sample]))]));
}

function neighbours(sample) {
  const distance = (other) => Math.sqrt(range(SIZE.factor).reduce((sum, k) => sum + (score(sample, k) - score(other, k)) ** 2, 0));
  const near = range(SIZE.sample).filter((other) => other !== sample).map((other) => ({ other, far: distance(other) })).sort((a, b) => a.far - b.far).slice(0, 5);
  return element('p', {}, 'Most similar samples over all factors: ', ...series(near.map(({ other }) => pick('sample', page.sample[other]))), '.');
}
