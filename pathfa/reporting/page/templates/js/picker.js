// The bar on top: one box that finds factors, gene sets, genes and samples; what is selected; the colours.
const KINDS = { factor: 'factor', gene_set: 'gene set', gene: 'gene', sample: 'sample' };
const CARDS = { factor: 'factor', gene_set: 'card', gene: 'gene', sample: 'sample' };
const MOST_FOUND = 12;

/** What words may mean: the same name, names that begin so, names that contain it; of each, factors come first. */
function matches(words, most) {
  const lower = words.toLowerCase();
  const found = [[], [], []];
  for (const entity of ENTITIES) for (const entry of page[entity]) {
    const names = [entry.id.toLowerCase(), entry.label.toLowerCase()];
    const rank = names.includes(lower) ? 0 : names.some((name) => name.startsWith(lower)) ? 1 : names.some((name) => name.includes(lower)) ? 2 : -1;
    if (rank >= 0 && found[rank].length < most) found[rank].push({ entity, entry });
  }
  return found.flat().slice(0, most);
}

/** What words name, or what alone begins with them. */
function meant(words) {
  const lower = words.toLowerCase();
  const some = (one, test) => one && [one.entry.id, one.entry.label].some((name) => test(name.toLowerCase()));
  const [first, second] = matches(words, 2);
  const begins = (name) => name.startsWith(lower);
  return some(first, (name) => name === lower) || (some(first, begins) && !some(second, begins)) ? first : undefined;
}

/** Why words lead nowhere: nothing has them in its name, or several things do. */
function notFound(words) {
  const some = matches(words, 4).map((one) => wordsOf(one, new Map()));
  if (!some.length) return `No factor, gene set, gene or sample has \u201c${words}\u201d in its name.`;
  return `Nothing is called \u201c${words}\u201d; it is part of ${some.slice(0, 3).join(', ')}${some.length > 3 ? ' and others' : ''}. Choose from the list.`;
}

/** What an offer is called: as everywhere on the page, and by its own name where another has the same words. */
function wordsOf({ entity, entry }, offered) {
  const words = `${entity === 'factor' ? entry.id : entry.label} (${KINDS[entity]})`;
  return offered.has(words) ? `${entry.label}, ${entry.id} (${KINDS[entity]})` : words;
}

function startSearch() {
  const input = $('#find');
  if (!input) return; // a page without names
  const offered = new Map(); // by the words of an offer
  const offer = () => {
    const words = input.value.trim();
    offered.clear();
    if (words) for (const one of matches(words, MOST_FOUND)) offered.set(wordsOf(one, offered), one);
    $('#found-names').replaceChildren(...[...offered.keys()].map((value) => element('option', { value })));
  };
  const find = () => {
    const words = input.value.trim();
    if (!words) return;
    const hit = offered.get(words) || meant(words);
    if (!hit) { say(notFound(words)); return; }
    input.value = '';
    select(hit.entity, hit.entry.id);
    const card = $(`#widget-${CARDS[hit.entity]}`);
    if (card) card.scrollIntoView();
  };
  input.addEventListener('input', () => { if (offered.has(input.value)) find(); else offer(); });
  input.addEventListener('keydown', (event) => { if (event.key === 'Enter') find(); });
}

/** What is selected, each with a button that takes it back. */
function showSelected() {
  $('#clear').hidden = !ENTITIES.some((entity) => state[entity]);
  $('#selected').replaceChildren(...ENTITIES.filter((entity) => state[entity]).map((entity) => {
    const words = `${KINDS[entity]} ${item(entity, state[entity]).label}`;
    return element('button', { type: 'button', class: 'chip', 'data-selected': entity, 'data-id': state[entity], 'aria-label': `Clear ${words}`, onclick: () => select(entity, '') }, `${words} \u00d7`);
  }));
}

function startPicker() {
  startSearch();
  onChange(showSelected);
  $('#clear').addEventListener('click', () => ENTITIES.forEach((entity) => select(entity, '')));
  $('#theme').addEventListener('click', () => { setTheme(document.documentElement.dataset.theme === 'dark' ? 'light' : 'dark'); writeHash(); });
  $$('button.copy').forEach((button) => button.addEventListener('click', () => copy(button)));
}

/** Copy the words above a button; where the browser refuses, they are selected for the reader to copy. */
async function copy(button) {
  const block = button.closest('.block');
  const text = $$('.quote', block).map((part) => part.textContent).join('\n');
  try {
    await navigator.clipboard.writeText(text);
    say('Copied.');
  } catch {
    getSelection().selectAllChildren($('.quote', block));
    say('Press Ctrl+C to copy the selected words.');
  }
}
