// The page of one sample: it prints on one sheet.
const SHOWN = 12; // gene sets in the figure
const STANDS_OUT = 6; // gene sets in words
const NEAREST = 5;
const IN_SENTENCE = 3; // at either end
const UNFOUND = 'not found by other fits'; // of the doubts about a factor the one that its id carries as a mark
const DAGGER = '\u2020';

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

/** How many of the other samples lie below a sample in a gene set, and where its interval ends. */
function lowerParts(set, sample) {
  const values = activityOf(set);
  const at = (value) => percentile(values, sample, value);
  return [`${at(values[sample])} %`, ...(lowest ? [`${at(lowest(sample, set))} to ${at(highest(sample, set))}`] : [])];
}

const lowerWords = ([share, limits]) => (limits ? `${share} (${limits})` : share);

/** What a sample is: its highest and its lowest activities, of those whose interval excludes the mean. */
function sampleSentence(name, told) {
  if (!told.length) return element('p', { class: 'lead', 'data-what': true }, `No activity of ${name} is clearly high or low: each 95 % interval includes the mean of the cohort.`);
  const ends = [['high', told.filter(({ value }) => value > 0)], ['low', told.filter(({ value }) => value < 0)]].filter(([, rows]) => rows.length);
  const list = (rows) => series(rows.slice(0, IN_SENTENCE).map(({ set, lower }) => [pick('gene_set', page.gene_set[set]), ` (${lower.join(', ')})`]));
  const parts = ends.flatMap(([end, rows], i) => [i ? `, and ${end} in ` : ` is ${end} in `, ...list(rows)]);
  return element('p', { class: 'lead', 'data-what': true }, name, ...parts, `. In brackets: how many of the other samples are lower${lowest ? ', with the 95 % interval' : ''}.`);
}

/** Where a sample lies in the gene sets of the main findings, special or not. */
function inFindings(sample) {
  if (!page.told.length) return null;
  const sets = page.told.map((id) => known.gene_set.get(id));
  const places = series(sets.map((set) => [pick('gene_set', page.gene_set[set]), ` ${lowerWords(lowerParts(set, sample))}`]), '.');
  return element('p', { 'data-told': true }, 'In the gene sets of the main findings, how many of the other samples are lower: ', ...places);
}

/** What places a sample where it is in a gene set: each factor, and what is the set's own, in sd of the activity. */
function placedBy(sample, set, value, sd) {
  const parts = range(SIZE.factor).map((k) => ({ name: factorId(page.factor[k].id) + (page.factor[k].doubts.includes(UNFOUND) ? DAGGER : ''), part: (score(sample, k) - centreOf(k)) * memberLoading(set, k) / sd }));
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
  const told = (lowest ? clear : rows).slice(0, SHOWN).map((row) => ({ ...row, lower: lowerParts(row.set, sample) }));
  const parts = [
    element('h4', {}, entry.label),
    state.sample ? null : element('p', { class: 'soft' }, 'This sample lies farthest from the others.', element('span', { class: 'hint' }, ' Select another one in the bar on top, in a figure or in a table.')),
    element('p', { class: 'buttons' }, element('button', { type: 'button', 'data-print': 'sample', onclick: () => printAs('sample') }, 'Print this sample on one page'),
      state.sample ? element('span', { class: 'hint' }, 'While it is selected, the print command of the browser prints this page too.') : null),
    rows.length ? sampleSentence(entry.label, told) : element('p', {}, 'No activity differs between the samples, so there is none to show.'),
    inFindings(sample),
    lowest ? element('p', {}, `${clear.length} of ${count(rows.length, 'activity')} ${clear.length === 1 ? 'differs' : 'differ'} from the mean of the cohort with a 95 % interval that excludes it${clear.length > SHOWN ? `; the figure has the ${SHOWN} farthest` : ''}.`)
      : element('p', {}, 'Intervals are not in this page because the cohort is large; model.interval("activity") gives them.'),
    ...measuredWords(sample),
  ];
  if (told.length) parts.push(...standingTable(sample, told), activityFigure(entry, [...told].reverse(), rows));
  parts.push(...factorTable(sample), neighbours(sample), ...covariateList(sample));
  parts.push(element('p', { class: 'soft' }, 'Everything here is a position within this cohort, not a comparison with healthy tissue. It has not been tested for use in treating a patient.'));
  return parts;
}

/** What was measured of a sample. */
function measuredWords(sample) {
  const said = views.map((view) => {
    if (!view.present[sample]) return `${view.name}: not measured`;
    const { share, noise } = atlas.measured[view.name];
    const more = [share[sample] === null ? null : `${percent(share[sample])} of its features`, noiseWords(noise[sample])];
    return `${view.name}: ${['measured', ...more.filter(Boolean)].join(', ')}`;
  });
  const lines = [element('p', { 'data-measured': true }, `${said.join('. ')}.`)];
  if (views.some((view) => !view.present[sample])) lines.push(element('p', {}, 'A view is missing: the activities rest on the other views, and their intervals are wider for it.'));
  return lines;
}

/** How noisy the values of a sample are, where that widens or narrows its intervals by a quarter and more. */
function noiseWords(noise) {
  if (noise === null || (noise < 1.25 && noise > 0.8)) return null;
  return `${noise > 1 ? 'noisier' : 'less noisy'} than others (${noise.toFixed(1)} times), so its intervals are ${noise > 1 ? 'wider' : 'narrower'}`;
}

/** A table with a heading per column. */
function plainTable(label, heads, lines, cls = 'sheet whole') {
  const head = element('tr', {}, ...heads.map((text) => element('th', { scope: 'col' }, text)));
  return element('div', { class: cls, tabindex: '0', role: 'region', 'aria-label': label }, element('table', {}, element('thead', {}, head), element('tbody', {}, ...lines)));
}

/** The gene sets that place a sample apart, in words. */
function standingTable(sample, rows) {
  const lines = rows.slice(0, STANDS_OUT).map(({ set, sd, value, low, high, lower }) => element('tr', {},
    element('th', { scope: 'row' }, pick('gene_set', page.gene_set[set])),
    element('td', {}, lowerWords(lower)),
    element('td', {}, `${signed(value)}${lowest ? ` (${signed(low)} to ${signed(high)})` : ''}`),
    element('td', {}, placedBy(sample, set, value, sd))));
  const marked = lines.some((line) => line.textContent.includes(DAGGER));
  const legend = `What places it there: what factors add to the activity, the two that add most, and what is the gene set\u2019s own.${marked ? ` ${DAGGER} ${UNFOUND[0].toUpperCase()}${UNFOUND.slice(1)}.` : ''}`;
  return [plainTable('What stands out', ['Gene set', 'Other samples that are lower (interval)', 'Sd from the mean', 'What places it there, sd'], lines, 'sheet whole tight'), element('p', { class: 'soft' }, legend)];
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

/** Its scores, the factor in which it is most unusual first, and those that are in doubt last. */
function factorTable(sample) {
  const order = range(SIZE.factor).sort((a, b) => page.factor[a].doubts.length - page.factor[b].doubts.length || Math.abs(score(sample, b)) - Math.abs(score(sample, a)));
  const name = (k) => [pick('factor', page.factor[k], page.factor[k].id), ...page.factor[k].doubts.flatMap((doubt) => [' ', element('span', { class: 'doubt' }, `(${doubt})`)])];
  const lines = order.map((k) => element('tr', {}, element('th', { scope: 'row' }, ...name(k)),
    element('td', { class: 'number' }, fixed(score(sample, k))), element('td', { class: 'number' }, `${percentile(scoresOf(k), sample, score(sample, k))} %`)));
  return [element('p', { class: 'soft' }, 'Scores of the factors in sd, and how many of the other samples are lower.'), plainTable('Scores of the sample', ['Factor', 'Score (sd)', 'Other samples that are lower'], lines, 'sheet whole scores')];
}

/** What is known of the sample, and of the units of its numbers. */
function covariateList(sample) {
  if (!atlas.covariates.length) return [];
  const value = ({ values, note }) => (values[sample] === null ? 'not known' : `${values[sample]}${note ? ` (${note})` : ''}`);
  const list = element('dl', { class: 'known' }, ...atlas.covariates.map((one) => element('div', {}, element('dt', {}, one.name), element('dd', {}, value(one)))));
  return [list, atlas.covariates.some(({ kind }) => kind === 'number') ? element('p', { class: 'soft' }, 'Numbers are as in the table of samples, which names no units but those in the names of its columns.') : null];
}

/** The samples nearest to a sample over all factors, and how far apart samples are usually. */
function neighbours(sample) {
  const distance = (other) => Math.sqrt(range(SIZE.factor).reduce((sum, k) => sum + (score(sample, k) - score(other, k)) ** 2, 0));
  const near = range(SIZE.sample).filter((other) => other !== sample).map((other) => ({ other, far: distance(other) })).sort((a, b) => a.far - b.far);
  const middle = near[Math.floor(near.length / 2)];
  return element('p', { 'data-nearest': true }, 'Nearest samples, by their distance over all factors: ', ...series(near.slice(0, NEAREST).map(({ other, far }) => [pick('sample', page.sample[other]), ` (${far.toFixed(1)})`]), '.'), ` For comparison: the median distance of the other samples is ${middle.far.toFixed(1)}.`);
}
