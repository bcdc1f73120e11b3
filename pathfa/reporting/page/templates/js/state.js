// What the reader has selected: kept in the URL hash and told to everyone who listens.
const ENTITIES = ['factor', 'gene_set', 'gene', 'sample'];
for (const entity of ENTITIES) page[entity] = page[entity].map((one) => (typeof one === 'string' ? { id: one, label: one } : one));
const state = { factor: '', gene_set: '', gene: '', sample: '', filters: {}, theme: '' };
const listeners = [];
const known = Object.fromEntries(ENTITIES.map((entity) => [entity, new Map(page[entity].map((item, index) => [item.id, index]))]));
const item = (entity, id) => page[entity][known[entity].get(id)];

function onChange(listener) { listeners.push(listener); }

/** Change the selection; unknown names are ignored. */
function select(entity, id, { quiet = false } = {}) {
  if (id && !known[entity].has(id)) return;
  if (state[entity] === id) return;
  state[entity] = id;
  if (!quiet) writeHash();
  say('');
  listeners.forEach((listener) => listener(entity));
}

function setFilter(name, words) {
  if (words) state.filters[name] = words; else delete state.filters[name];
  writeHash();
}

let anchor = '';
function writeHash() {
  const parts = ENTITIES.filter((entity) => state[entity]).map((entity) => `${entity}=${encodeURIComponent(state[entity])}`);
  for (const [name, words] of Object.entries(state.filters)) parts.push(`f.${name}=${encodeURIComponent(words)}`);
  if (state.theme) parts.push(`theme=${state.theme}`);
  const hash = [anchor, ...parts].filter(Boolean).join('&');
  history.replaceState(null, '', `#${hash}`);
}

/** What the URL says: a place on the page, which is a first part without "=", and values by name. */
function parseHash() {
  const parts = location.hash.slice(1).split('&').filter(Boolean);
  const place = parts.length && !parts[0].includes('=') ? parts.shift() : '';
  const given = Object.fromEntries(parts.map((part) => {
    const [name, value = ''] = part.split('=');
    try { return [name, decodeURIComponent(value)]; } catch { return [name, '']; }
  }));
  return { place, given, bare: parts.length === 0 };
}

/** Take over the filters of the URL. */
function readFilters() {
  for (const [name, value] of Object.entries(parseHash().given)) if (name.startsWith('f.')) state.filters[name.slice(2)] = value;
}

/** Take over the selection of the URL. */
function readHash() {
  const { place, given, bare } = parseHash();
  anchor = place;
  readFilters();
  if (given.theme) setTheme(given.theme);
  if (!bare) for (const entity of ENTITIES) select(entity, given[entity] || '', { quiet: true });
  const target = anchor && document.getElementById(anchor);
  if (target && target.tagName === 'DETAILS') target.open = true;
  if (target) target.scrollIntoView();
  if (bare && (ENTITIES.some((entity) => state[entity]) || state.theme)) writeHash();
}

function setTheme(theme) {
  state.theme = theme === 'dark' || theme === 'light' ? theme : '';
  const dark = state.theme ? state.theme === 'dark' : matchMedia('(prefers-color-scheme: dark)').matches;
  document.documentElement.dataset.theme = dark ? 'dark' : 'light';
  listeners.forEach((listener) => listener('theme'));
}
