// The page of one sample: it prints on one sheet.
const SHOWN = 12; // gene sets in the figure
const STANDS_OUT = 6; // gene sets in words
const NEAREST = 5;
const EXTREME = 5; // per cent of the cohort at either end

/** The activities of a sample in sd from the mean of the cohort, with their limits, the farthest first. */
function standings(sample) {
  return range(SIZE.gene_set).map((set) => {
    const { mean: centre, sd } = moments(set);
    const scaled = (value) => (value - centre) / sd;
    return { set, sd, value: scaled(activity(sample, set)), low: lowest ? scaled(lowest(sample, set)) : NaN, high: highest ? scaled(highest(sample, set)) : NaN };
  }).filter(({ sd }) => sd > 0).sort((a, b) => Math.abs(b.value) - Math.abs(a.value));
}
const isClearOf = ({ low, high }) => low > 0 || high < 0;

/** Per cent of the other samples that lie below a value. */
function percentile(values, sample, value) {
  const others = values.filter((_, row) => row !== sample && Number.isFinite(values[row]));
  return Math.round(100 * others.filter((other) => other < value).length / others.length);
}

/** Which of the other samples lie below a sample in a gene set, with where its interval ends. */
function lowerWords(set, sample) {
  const values = activityOf(set);
  const at = (value) => percentile(values, sample, value);
  return lowest ? `${at(values[sample])} % (${at(lowest(sample, set))} to ${at(highest(sample, set))})` : `${at(values[sample])} %`;
}

/** In which gene sets a sample is among the highest or the lowest of the cohort. */
function extremeWords(sample, clear) {
  const within = (test) => clear.filter(({ set }) => test(percentile(activityOf(set), sample, activity(sample, set))));
  const ends = [['highest', within((at) => at >= 100 - EXTREME)], ['lowest', within((at) => at <= EXTREME)]];
  return ends.map(([end, rows]) => element('p', {}, `Among the ${end} ${EXTREME} % of the cohort: `, ...(rows.length ? series(rows.slice(0, STANDS_OUT).map(({ set }) => pick('gene_set', page.gene_set[set]))) : ['none']), rows.length > STANDS_OUT ? ` and ${rows.length - STANDS_OUT} more.` : '.'));
}

/** What places a sample where it is in a gene set: each factor, and what is the set's own, in sd of the activity. */
function placedBy(sample, set, value, sd) {
  const parts = range(SIZE.factor).map((k) => ({ name: factorId(page.factor[k].id), part: (score(sample, k) - centreOf(k)) * memberLoading(set, k) / sd }));
  const own = value - parts.reduce((sum, { part }) => sum + part, 0);
  const most = parts.sort((a, b) => Math.abs(b.part) - Math.abs(a.part)).slice(0, 2);
  return [...most, { name: 'its own', part: own }].map(({ name, part }) => `${name} ${signed(part)}`).join(', ');
}
const signed = (value) => { const size = Math.abs(value).toFixed(1); return size === '0.0' ? size : `${value < 0 ? '\u2212' : '+'}${size}`; };
const centres = new Map();
const centreOf = (factor) => { if (!centres.has(factor)) centres.set(factor, mean(scoresOf(factor))); return centres.get(factor); };

function makeSample() {
  const sample = known.sample.get(state.sample || page.first_sample);
  const entry = page.sample[sample];
  const rows = standings(sample);
  const clear = rows.filter(isClearOf);
  const parts = [
    element('h4', {}, entry.label),
    state.sample ? null : element('p', { class: 'soft' }, 'This sample lies farthest from the others.', element('span', { class: 'hint' }, ' Select another one in the bar on top, in a figure or in a table.')),
    element('p', { class: 'buttons' }, element('button', { type: 'button', 'data-print': 'sample', onclick: () => printAs('sample') }, 'Print this sample on one page')),
    ...measuredWords(sample),
    element('p', {}, lowest ? `${clear.length} of ${count(rows.length, 'activity')} ${clear.length === 1 ? 'differs' : 'differ'} from the mean of the cohort with a 95 % interval that excludes it.` : 'Intervals are not in this page because the cohort is large; model.interval("activity") gives them.'),
    ...(lowest ? extremeWords(sample, clear) : []),
  ];
  if (rows.length) parts.push(standingTable(sample, clear.length ? clear : rows), activityFigure(entry, rows.slice(0, SHOWN).reverse(), rows));
  else parts.push(element('p', {}, 'No activity differs between the samples, so there is none to show.'));
  parts.push(factorTable(sample), neighbours(sample), covariateList(sample));
  parts.push(element('p', { class: 'soft' }, 'Everything here is a position within this cohort, not a comparison with healthy tissue. It has not been tested for use in treating a patient.'));
  return parts;
}

/** What was measured of a sample. */
function measuredWords(sample) {
  const said = views.map((view) => {
    if (!view.present[sample]) return `${view.name}: not measured`;
    const { share, noise } = atlas.measured[view.name];
    const more = [share[sample] === null ? null : `${percent(share[sample])} of its features`, noise[sample] === null || Math.abs(noise[sample] - 1) < 0.05 ? null : `noise ${noise[sample].toFixed(1)} times that of the cohort`];
    return `${view.name}: ${['measured', ...more.filter(Boolean)].join(', ')}`;
  });
  const lines = [element('p', { 'data-measured': true }, `${said.join('. ')}.`)];
  if (views.some((view) => !view.present[sample])) lines.push(element('p', {}, 'A view is missing: the activities rest on the other views, and their intervals are wider for it.'));
  return lines;
}

/** A table with a heading per column. */
function plainTable(label, heads, lines, cls = 'sheet whole') {
  const head = element('tr', {}, ...heads.map((text) => element('th', { scope: 'col' }, text)));
  return element('div', { class: cls, tabindex: '0', role: 'region', 'aria-label': label }, element('table', {}, element('thead', {}, head), element('tbody', {}, ...lines)));
}

/** The gene sets that place a sample apart, in words. */
function standingTable(sample, rows) {
  const lines = rows.slice(0, STANDS_OUT).map(({ set, sd, value, low, high }) => element('tr', {},
    element('th', { scope: 'row' }, pick('gene_set', page.gene_set[set])),
    element('td', {}, lowerWords(set, sample)),
    element('td', {}, `${signed(value)}${lowest ? ` (${signed(low)} to ${signed(high)})` : ''}`),
    element('td', {}, placedBy(sample, set, value, sd))));
  return plainTable('What stands out', ['Gene set', 'Other samples that are lower (interval)', 'Sd from the mean', 'What places it there, sd'], lines, 'sheet whole tight');
}

function activityFigure(entry, shown, rows) {
  const label = (set) => page.gene_set[set].label;
  const counts = new Map();
  const { names, own } = namesOf('gene_set', rows.map(({ set }) => page.gene_set[set].id));
  const labels = shown.map(({ set }) => { const text = clipped(label(set)); counts.set(text, (counts.get(text) || 0) + 1); return plain(counts.get(text) > 1 ? `${text} (${counts.get(text)})` : text); });
  const values = shown.map(({ value }) => Number(value.toPrecision(4)));
  const errors = lowest ? { type: 'data', symmetric: false, array: shown.map(({ value, high }) => Math.max(0, high - value)), arrayminus: shown.map(({ value, low }) => Math.max(0, value - low)), thickness: 1.2, width: 3, color: page.palette.colours[0] } : undefined;
  return makeFigure('sample-activity', {
    title: `What is special about ${entry.label}?`,
    alt: `Activities of ${count(shown.length, 'gene set')} in ${entry.label} with 95 % intervals, in standard deviations from the mean of the cohort.`,
    data: [{ type: 'scatter', mode: 'markers', x: values, y: labels, error_x: errors, customdata: shown.map(({ set }) => page.gene_set[set].id), marker: { size: 9, color: page.palette.colours[0], symbol: shown.map((row) => (isClearOf(row) ? 'circle' : 'circle-open')) }, hovertemplate: '%{y}: %{x:.2f} sd<extra></extra>' }],
    layout: {
      height: 100 + 18 * shown.length, margin: { l: 60, r: 20, t: 10, b: 60 }, xaxis: { title: { text: 'Activity, sd from the mean<br>(filled: interval excludes it)', standoff: 8 }, automargin: true, zeroline: true, zerolinecolor: '#777777', zerolinewidth: 2 }, yaxis: { type: 'category', automargin: true, dtick: 1 },
      meta: { x: {}, y: { entity: 'gene_set', ids: shown.map(({ set }) => page.gene_set[set].id) } },
    },
    table: [names, numbers('activity_sd', rows.map(({ value }) => value)), numbers('lower', rows.map(({ low }) => low)), numbers('upper', rows.map(({ high }) => high)), ...own],
  });
}

/** Its scores, the factor in which it is most unusual first. */
function factorTable(sample) {
  const order = range(SIZE.factor).sort((a, b) => Math.abs(score(sample, b)) - Math.abs(score(sample, a)));
  const lines = order.map((k) => element('tr', {}, element('th', { scope: 'row' }, pick('factor', page.factor[k], page.factor[k].id)),
    element('td', { class: 'number' }, fixed(score(sample, k))), element('td', { class: 'number' }, `${percentile(scoresOf(k), sample, score(sample, k))} %`)));
  return plainTable('Scores of the sample', ['Factor', 'Score (sd)', 'Other samples that are lower'], lines, 'sheet');
}

function covariateList(sample) {
  if (!atlas.covariates.length) return null;
  return element('dl', { class: 'known' }, ...atlas.covariates.map(({ name, values }) => element('div', {}, element('dt', {}, name), element('dd', {}, values[sample] === null ? 'not known' : String(values[sample])))));
}

/** The samples nearest to a sample over all factors, and how far apart samples are usually. */
function neighbours(sample) {
  const distance = (other) => Math.sqrt(range(SIZE.factor).reduce((sum, k) => sum + (score(sample, k) - score(other, k)) ** 2, 0));
  const near = range(SIZE.sample).filter((other) => other !== sample).map((other) => ({ other, far: distance(other) })).sort((a, b) => a.far - b.far);
  const middle = near[Math.floor(near.length / 2)];
  return element('p', { 'data-nearest': true }, 'Nearest samples over all factors: ', ...series(near.slice(0, NEAREST).map(({ other, far }) => element('span', {}, pick('sample', page.sample[other]), ` (${far.toFixed(1)} sd)`))), `. Half of all samples lie farther than ${middle.far.toFixed(1)} sd.`);
}
