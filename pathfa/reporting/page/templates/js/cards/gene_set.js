// The card of one gene set.
const MEMBERS = 40;
const MAP_ROWS = 30;
const HARDLY = 0.2; // of what a factor explains of the view that it explains best

/** An interval as a small drawing, with its numbers for those who do not see it. */
function intervalBar(value, sd, reach) {
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  const put = (tag, attributes) => { const part = document.createElementNS(svg.namespaceURI, tag); for (const [key, given] of Object.entries(attributes)) part.setAttribute(key, given); svg.append(part); };
  svg.setAttribute('class', 'interval');
  svg.setAttribute('viewBox', '0 0 120 14');
  svg.setAttribute('aria-hidden', 'true');
  const x = (v) => 60 + 56 * Math.max(-1, Math.min(1, v / reach));
  put('line', { x1: 60, x2: 60, y1: 1, y2: 13, class: 'zero' });
  put('line', { x1: x(value - 1.96 * sd), x2: x(value + 1.96 * sd), y1: 7, y2: 7, class: 'range' });
  put('circle', { cx: x(value), cy: 7, r: 3.2, class: Math.abs(value) > 1.96 * sd ? 'clear' : 'unclear' });
  return svg;
}

/** Loading of a gene on a factor in each view; null where it was not measured. */
function loadingsOf(gene, factor) {
  return views.map((view) => {
    const row = view.row.get(gene);
    return row === undefined ? null : { value: view.loading(row, factor), sd: view.spread(row, factor) };
  });
}
const isClear = (found) => found && Math.abs(found.value) > 1.96 * found.sd;
const strength = (found) => Math.max(...found.map((one) => (one ? Math.abs(one.value) : -1)));

/** Where the activity of a gene set comes from: the factor with the largest share, the others, and its own. */
function sourceOf(source) {
  if (!source) return null;
  const share = ([value, lower, upper]) => `${percent(value)} (${percent(lower)} to ${percent(upper)})`;
  const others = 1 - source.led[0] - source.own[0];
  return element('p', { 'data-sources': true }, `Variation of its activity over the samples: ${page.factor[source.factor].label} carries ${share(source.led)}${SIZE.factor > 1 ? `, the other factors ${percent(others)}` : ''}; ${share(source.own)} is its own.`);
}
const percent = (value) => `${Math.round(100 * value)} %`;

function badge(inside, found, idle) {
  if (!found.some(Boolean)) return ['not measured', 'none'];
  if (idle) return ['annotated, does not take part', 'inactive'];
  const clear = found.some(isClear);
  if (inside) return clear ? ['annotated and active', 'active'] : ['annotated, inactive', 'inactive'];
  return ['not annotated, loads', 'outside'];
}

/** Probability that a member takes part in a set; 1 where the fit lets all members take part. */
function takesPart(set, gene) {
  const told = atlas.takes_part && atlas.takes_part[set];
  const probability = told ? told[atlas.members[set].indexOf(gene)] : 1;
  return probability === null ? 1 : probability;
}

/** A loading with its interval, as a cell of a table. */
function loadingCell(one, reach) {
  if (!one) return element('td', { class: 'absent' }, 'not measured');
  return element('td', {}, intervalBar(one.value, one.sd, reach), element('span', { class: 'figures' }, `${fixed(one.value)} (${fixed(one.value - 1.96 * one.sd)} to ${fixed(one.value + 1.96 * one.sd)})`));
}

function memberTable(rows, reach) {
  const head = element('tr', {}, element('th', { scope: 'col' }, 'Gene'), ...views.map((view) => element('th', { scope: 'col' }, `Loading in ${view.name} (95 % interval)`)), element('th', { scope: 'col' }, 'What it is'));
  const lines = rows.map(({ gene, found, kind }) => element('tr', {},
    element('th', { scope: 'row' }, pick('gene', page.gene[gene])),
    ...found.map((one) => loadingCell(one, reach)),
    element('td', {}, element('span', { class: `badge ${kind[1]}` }, kind[0]))));
  return element('div', { class: 'sheet', tabindex: '0', role: 'region', 'aria-label': 'Members and their loadings' }, element('table', {}, element('thead', {}, head), element('tbody', {}, ...lines)));
}

function agreement(set, members, factor) {
  const lines = [];
  const table = tables.concordance;
  if (table) {
    const column = (name) => table.columns.find((one) => one.name === name).values;
    const gene_set = table.columns.find((one) => one.name === 'gene_set');
    range(gene_set.values.length).filter((row) => namedIn(table, gene_set, row)?.id === page.gene_set[set].id && column('effect')[row] !== null).forEach((row) => {
      lines.push(`Over the samples, ${String(column('covariate')[row]).replace(' ~ ', ' and ')} correlate by r = ${fixed(column('effect')[row])} (${fixed(column('lower')[row])} to ${fixed(column('upper')[row])}): ${column('status')[row]}.`);
    });
  }
  for (let a = 0; a < views.length; a += 1) for (let b = a + 1; b < views.length; b += 1) {
    const both = members.filter(({ found }) => found[a] && found[b]);
    const r = correlation(both.map(({ found }) => found[a].value), both.map(({ found }) => found[b].value));
    if (Number.isFinite(r)) lines.push(`Over the ${count(both.length, 'member')} measured in ${views[a].name} and ${views[b].name}, the loadings on ${page.factor[factor].label} correlate by r = ${fixed(r)}.`);
  }
  const most = Math.max(...views.map((view) => view.r2[factor]));
  views.filter((view) => view.r2[factor] < HARDLY * most).forEach((view) => {
    lines.push(`${page.factor[factor].label} is hardly seen in ${view.name} (${view.r2[factor] < 0.001 ? 'under 0.1' : brief(100 * view.r2[factor])} % of its variation), so loadings there are small and need not agree.`);
  });
  return lines;
}

function sampleMap(set, members) {
  const usable = views.filter((view) => view.value);
  if (!usable.length) return element('p', {}, 'The fitted values are not in this page (they were not kept, or the cohort is too large), so the members are not shown per sample.');
  const activity = activityOf(set);
  const order = range(SIZE.sample).sort((a, b) => activity[a] - activity[b]);
  const rows = [];
  for (const { gene } of members) for (const view of usable) if (view.row.has(gene) && rows.length < MAP_ROWS) rows.push({ view, gene, label: `${atlas.genes[gene]} (${view.name})` });
  rows.reverse();
  const z = rows.map(({ view, gene }) => order.map((sample) => { const value = view.value(sample, view.row.get(gene)); return Number.isFinite(value) ? Number(value.toFixed(2)) : null; }));
  const samples = order.map((sample) => page.sample[sample]);
  const labels = samples.map((sample) => plain(clipped(sample.label, 24)));
  const name = page.gene_set[set].label;
  return makeFigure('card-samples', {
    title: `Strongest members of ${name} in every sample, from low to high activity`,
    alt: `Heat map of ${count(rows.length, 'member')} by ${count(order.length, 'sample')} ordered by the activity of ${name}. Blue is low, orange is high, grey is missing.`,
    data: [{ type: 'heatmap', z, x: range(order.length), y: rows.map((row) => plain(row.label)), zmin: -3, zmax: 3, colorscale: page.palette.diverging, hoverongaps: false, customdata: rows.map(() => labels), hovertemplate: '%{y}<br>%{customdata}<br>%{z:.2f} sd<extra></extra>', colorbar: { title: { text: 'fitted value, sd (grey: missing)', side: 'right' }, thickness: 12 } }],
    layout: {
      height: 130 + 16 * Math.max(8, rows.length), xaxis: { title: { text: `Samples by activity (n = ${order.length})` }, showticklabels: false, zeroline: false, showgrid: false }, yaxis: { automargin: true, dtick: 1, type: 'category' },
      meta: { x: { entity: 'sample', ids: samples.map((sample) => sample.id) }, y: {} },
    },
    table: [words('sample', samples.map((sample) => sample.id)), numbers('activity', order.map((sample) => activity[sample])), ...rows.map((row, i) => numbers(row.label, z[i].map((value) => value ?? NaN)))],
  });
}

function makeCard() {
  const set = state.gene_set ? known.gene_set.get(state.gene_set) : leadingSet().set;
  const factor = leadingFactor(set);
  const entry = page.gene_set[set];
  const inside = new Set(atlas.members[set]);
  const all = atlas.members[set].map((gene) => ({ gene, found: loadingsOf(gene, factor) }));
  const measured = all.filter(({ found }) => found.some(Boolean)).sort((a, b) => strength(b.found) - strength(a.found));
  const outside = [...new Set(views.flatMap((view) => view.genes))].filter((gene) => !inside.has(gene))
    .map((gene) => ({ gene, found: loadingsOf(gene, factor) })).filter(({ found }) => found.some(isClear))
    .sort((a, b) => strength(b.found) - strength(a.found)).slice(0, 10);
  const idle = ({ gene }) => inside.has(gene) && takesPart(set, gene) < atlas.likely;
  const rows = [...measured.slice(0, MEMBERS), ...outside].map((row) => ({ ...row, kind: badge(inside.has(row.gene), row.found, idle(row)) }));
  const reach = Math.max(1e-9, ...rows.map(({ found }) => strength(found)));
  const active = measured.filter(({ found }) => found.some(isClear)).length;
  const out = measured.filter(idle).length;
  const weights = range(SIZE.factor).filter((k) => probability(set, k) >= 0.1).sort((a, b) => Math.abs(weight(set, b)) - Math.abs(weight(set, a)));
  const unseen = all.filter(({ found }) => !found.some(Boolean)).map(({ gene }) => atlas.genes[gene]);
  const seen = views.map((view) => `${atlas.members[set].filter((gene) => view.row.has(gene)).length} in ${view.name}`).join(', ');
  return [
    element('h4', {}, entry.label, entry.label === entry.id ? null : element('span', { class: 'soft' }, ` ${entry.id}`)),
    entry.page ? element('p', {}, element('a', { href: entry.page.url, rel: 'noopener noreferrer', target: '_blank' }, `${entry.label} in ${entry.page.at}`)) : null,
    state.gene_set ? null : element('p', { class: 'soft' }, `${leadingSet().likely ? 'This is the gene set with the largest weight.' : 'No gene set is likely to be part of it; this is the one with the largest weight.'} Select another one in the bar on top, in a figure or in a table.`),
    element('p', {}, `${count(all.length, 'member')}, measured: ${seen}. `, weights.length ? 'Part of ' : 'Part of no factor.',
      ...series(weights.map((k) => [pick('factor', page.factor[k]), ` (weight ${brief(weight(set, k))}, probability ${probability(set, k).toFixed(2)})`]), '.')),
    sourceOf(atlas.sources[set]),
    element('p', {}, `On ${page.factor[factor].id}, ${active} of ${count(measured.length, 'measured member')} ${active === 1 ? 'has' : 'have'} a loading whose 95 % interval excludes 0${outside.length ? `; ${outside.length === 10 ? 'at least ' : ''}${count(outside.length, 'gene')} outside the set ${outside.length === 1 ? 'loads' : 'load'} too` : ''}.`),
    out ? element('p', { 'data-out': true }, `${out} of ${count(measured.length, 'measured member')} probably ${out === 1 ? 'does' : 'do'} not take part: ${out === 1 ? 'its loading does' : 'their loadings do'} not follow those of the set in this cohort. The activity is a mean over all measured members.`) : null,
    ...agreement(set, measured, factor).map((line) => element('p', {}, line)),
    associationsOf(entry.id),
    memberTable(rows, reach),
    measured.length > MEMBERS ? element('p', { class: 'soft' }, `The ${MEMBERS} strongest of ${measured.length} measured members are shown.`) : null,
    unseen.length ? element('p', { class: 'soft' }, `In no view under this name (a gene may be measured under an older symbol, which an identifier table joins): ${unseen.slice(0, 60).join(', ')}${unseen.length > 60 ? ` and ${unseen.length - 60} more` : ''}.`) : null,
    sampleMap(set, measured),
  ];
}
