// Two groups of samples that the reader makes, and how they differ in every factor and gene set.
const GROUPS = ['A', 'B'];
const groups = { A: new Set(), B: new Set() };
const origins = { A: [], B: [] }; // how the samples of a group were chosen, in words
const DRAWN = 'drawn on ';

/** Whether samples were chosen by a covariate, from the words for it. */
const isBy = (how, name) => how.startsWith(`${name}:`) || how.startsWith(`${name} above its median`) || how.startsWith(`${name} up to its median`);
const groupOf = (row) => GROUPS.find((name) => groups[name].has(row)) || null;

function addToGroup(name, rows, how) {
  const other = GROUPS.find((one) => one !== name);
  const moved = rows.filter((row) => groups[other].has(row)).length;
  rows.forEach((row) => { groups[name].add(row); groups[other].delete(row); });
  if (!origins[name].includes(how)) origins[name].push(how);
  groupsChanged();
  say(moved ? `${count(moved, 'sample')} ${moved === 1 ? 'was' : 'were'} moved from ${other} to ${name}.` : '');
}

function emptyGroups() {
  GROUPS.forEach((name) => { groups[name].clear(); origins[name] = []; });
  groupsChanged();
}

function groupsChanged() {
  GROUPS.forEach((name) => {
    if (!groups[name].size) origins[name] = [];
    const bits = range(Math.ceil(SIZE.sample / 4)).map((four) => [0, 1, 2, 3].reduce((sum, bit) => sum + (groups[name].has(4 * four + bit) ? 2 ** bit : 0), 0).toString(16));
    setFilter(`group-${name}`, groups[name].size ? [bits.join(''), ...origins[name]].join('|') : '');
  });
  redrawScatter();
  refill('groups');
}

/** Groups of the URL. */
function readGroups() {
  GROUPS.forEach((name) => {
    const [bits, ...how] = (state.filters[`group-${name}`] || '').split('|');
    range(SIZE.sample).forEach((row) => { if (parseInt(bits[Math.floor(row / 4)] || '0', 16) & (1 << (row % 4))) groups[name].add(row); });
    origins[name] = how;
  });
}

/** Levels of covariates, and halves of numbers, with the samples that are in them. */
function offeredGroups() {
  return atlas.covariates.map(({ name, kind, values, note }) => {
    const rows = range(SIZE.sample).filter((row) => values[row] !== null);
    if (kind !== 'number') return [name, levelsOf(values).map((level) => [`${name}: ${level}`, rows.filter((row) => values[row] === level)])];
    const sorted = rows.map((row) => values[row]).sort((a, b) => a - b);
    const middle = (sorted[Math.floor((sorted.length - 1) / 2)] + sorted[Math.ceil((sorted.length - 1) / 2)]) / 2;
    const half = `its median ${brief(middle)}${note ? ` (${note})` : ''}`;
    return [name, [[`${name} above ${half}`, rows.filter((row) => values[row] > middle)], [`${name} up to ${half}`, rows.filter((row) => values[row] <= middle)]]];
  });
}

function groupControls() {
  const offered = offeredGroups();
  const flat = offered.flatMap(([, some]) => some);
  let place = -1;
  const list = element('select', { 'data-levels': true }, element('option', { value: '' }, 'choose'),
    ...offered.map(([label, some]) => element('optgroup', { label }, ...some.map(([text, rows]) => { place += 1; return element('option', { value: place }, `${text} (n = ${rows.length})`); }))));
  const name = element('input', { type: 'search', list: 'group-samples', autocomplete: 'off', placeholder: 'sample', 'data-one-sample': true });
  const offers = element('datalist', { id: 'group-samples' });
  name.addEventListener('input', () => offers.replaceChildren(...matches(name.value.trim(), 200).filter(({ entity }) => entity === 'sample').slice(0, 12).map(({ entry }) => element('option', { value: entry.id }))));
  const put = (group) => {
    const rows = known.sample.has(name.value.trim()) ? [known.sample.get(name.value.trim())] : [];
    if (name.value.trim() && !rows.length) { say(`No sample is called \u201c${name.value.trim()}\u201d.`); return; }
    if (rows.length) addToGroup(group, rows, 'by name');
    else if (list.value) addToGroup(group, flat[Number(list.value)][1], flat[Number(list.value)][0]);
    else { say('Choose a level of a covariate or a sample first.'); return; }
    $(`[data-widget="groups"] [data-put="${group}"]`).focus();
  };
  const rest = () => {
    const open = GROUPS.find((group) => !groups[group].size) || 'B';
    const rows = range(SIZE.sample).filter((row) => !groupOf(row));
    const without = atlas.covariates.filter(({ name }) => GROUPS.some((group) => origins[group].some((how) => isBy(how, name))))
      .map(({ name, values }) => [rows.filter((row) => values[row] === null).length, name]).filter(([size]) => size);
    addToGroup(open, rows, ['all other samples', ...without.map(([size, name]) => `${size} of them without a known ${name}`)].join(', '));
  };
  return element('p', { class: 'tools' },
    offered.length ? element('label', {}, 'By covariate ', list) : null, element('label', {}, offered.length ? 'or by name ' : 'By name ', name), offers,
    ...GROUPS.map((group) => element('button', { type: 'button', 'data-put': group, onclick: () => put(group) }, `Add to ${group}`)),
    element('button', { type: 'button', 'data-rest': true, onclick: rest }, 'All others to the other group'),
    element('button', { type: 'button', 'data-empty': true, onclick: emptyGroups }, 'Empty both'));
}

/** Who is in the groups, and what must be known before their differences are read. */
function groupWords() {
  const lines = GROUPS.map((name) => element('p', {}, element('strong', {}, `${name}: ${count(groups[name].size, 'sample')}`), groups[name].size ? ` (${origins[name].join('; ')})` : ''));
  const drawn = [...new Set(GROUPS.flatMap((name) => origins[name]).filter((how) => how.startsWith(DRAWN)))];
  const derived = atlas.derived.filter((name) => GROUPS.some((group) => origins[group].some((how) => isBy(how, name))));
  if (drawn.length) lines.push(element('p', { class: 'warned' }, `Samples were ${drawn.join(', ')}: what lies on these axes, and all that follows it, differs by construction, and its q says nothing.`));
  if (derived.length) lines.push(element('p', { class: 'warned' }, `${derived.join(', ')} may be computed from the same data: differences are then expected.`));
  return lines;
}

/** Differences of A and B in many quantities, as a table of the page; the quantities that do not vary are left out. */
function differences(table, column, entries, valuesOf) {
  const [a, b] = GROUPS.map((name) => [...groups[name]]);
  const found = entries.map((entry, place) => {
    const values = valuesOf(place);
    return { id: entry.id, label: entry.label, ...student(a.map((row) => values[row]), b.map((row) => values[row])) };
  }).filter((one) => one.p !== undefined);
  const q = discoveryRates(found.map(({ p }) => p));
  const order = range(found.length).sort((i, j) => found[i].p - found[j].p);
  const exact = (name, values) => ({ name, kind: 'number', values });
  const from = (name) => exact(name, order.map((i) => found[i][name]));
  const { names, own } = namesOf(column, order.map((i) => found[i].id));
  tables[table] = {
    columns: [names, from('effect'), from('lower'), from('upper'), from('p'), exact('q', order.map((i) => q[i])), ...own],
    total: found.length, file: '',
  };
  return { found, hits: q.filter((one) => one <= atlas.significant).length, first: found[order[0]] };
}

function differenceTable(name, title) {
  const details = element('details', { 'data-table': name, open: true }, element('summary', {}, title));
  details.dataset.built = 'yes';
  buildTable(details);
  return element('div', {}, details, element('p', { class: 'buttons' }, element('button', { type: 'button', 'data-tsv': name, 'aria-label': `Download the table as TSV: ${title}`, onclick: () => download(`${name}.tsv`, 'text/tab-separated-values', tsv(name)) }, 'Table (TSV)')));
}

function makeGroups() {
  const parts = [groupControls(), ...groupWords()];
  const sizes = GROUPS.map((name) => groups[name].size);
  if (Math.min(...sizes) < atlas.least.group || sizes[0] + sizes[1] < atlas.least.samples) {
    return [...parts, element('p', { class: 'soft' }, `A test needs at least ${atlas.least.group} samples in each group and ${atlas.least.samples} together.`)];
  }
  const sets = differences('groups-gene-sets', 'gene_set', page.gene_set, activityOf);
  const factors = differences('groups-factors', 'factor', page.factor, scoresOf);
  const told = ({ found, hits, first }, noun) => `${hits} of ${count(found.length, noun)}${first ? `, most of all ${first.label} (${brief(first.effect)} sd, ${brief(first.lower)} to ${brief(first.upper)})` : ''}`;
  return [
    ...parts,
    element('p', { 'data-told': true }, `At q of ${atlas.significant} or less A and B differ in ${told(sets, 'gene set')}; and in ${told(factors, 'factor')}.`),
    element('p', { class: 'soft' }, 'Effect: mean of A minus mean of B, in sd over both groups, with 95 % interval. Student\u2019s t test; q by Benjamini and Hochberg, over the gene sets and over the factors. How uncertain the activity of a single sample is does not enter.'),
    differenceTable('groups-gene-sets', 'Gene sets'), differenceTable('groups-factors', 'Factors'),
  ];
}
