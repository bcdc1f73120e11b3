// The bar on top: one box that finds factors, gene sets, covariates, genes and samples; what is selected; the colours.
const KINDS = { factor: 'factor', gene_set: 'gene set', covariate: 'covariate', gene: 'gene', sample: 'sample' };
const CARDS = { factor: 'factor', gene_set: 'card', gene: 'gene', sample: 'sample' };
const MOST_FOUND = 12;
const CONTAINS = 3; // rank of names that only contain the words

/** How well a name fits words in lower case: 0 where it is the same, then it begins so as a whole word, it begins so, it contains them. */
function rankOf(name, words) {
  const place = name.toLowerCase().indexOf(words);
  if (place) return place > 0 ? CONTAINS : -1;
  if (name.length === words.length) return 0;
  return /[\p{L}\p{N}]/u.test(name[words.length]) ? 2 : 1;
}

/** What words may mean, best first, of one rank factors first: each with its rank, and by which name where it has others. */
function matches(words, most) {
  const lower = words.toLowerCase();
  const found = range(CONTAINS + 1).map(() => []);
  for (const entity of Object.keys(KINDS)) for (const entry of page[entity]) {
    let best = null;
    for (const name of new Set([entry.id, entry.label, ...(entry.also || [])])) {
      const rank = rankOf(name, lower);
      if (rank >= 0 && (!best || rank < best.rank)) best = { entity, entry, rank, by: name === entry.id || name === entry.label ? '' : name };
    }
    if (best && found[best.rank].length < most) found[best.rank].push(best);
  }
  return found.flat().slice(0, most);
}

/** What words name, or what alone begins with them. */
function meant(words) {
  const [first, second] = matches(words, 2);
  return first && (first.rank === 0 || (first.rank < CONTAINS && !(second && second.rank === first.rank))) ? first : undefined;
}

/** Why words lead nowhere: nothing has them in its name, or several things do. */
function notFound(words) {
  const some = matches(words, 4).map((one) => wordsOf(one, new Map()));
  if (!some.length) return `No factor, gene set, covariate, gene or sample has \u201c${words}\u201d in its name.`;
  return `Nothing is called \u201c${words}\u201d; it is part of ${some.slice(0, 3).join(', ')}${some.length > 3 ? ' and others' : ''}. Choose from the list.`;
}

/** What an offer is called: as everywhere on the page, with the name by which it was found, and by its own name where another has the same words. */
function wordsOf({ entity, entry, by }, offered) {
  const called = [entity === 'factor' ? entry.id : entry.label, ...(by ? [by] : [])].join(', ');
  const words = `${called} (${KINDS[entity]})`;
  return offered.has(words) ? `${called}, ${entry.id} (${KINDS[entity]})` : words;
}

/** Go to a part of the page, by the keyboard too. */
function goTo(part) {
  if (!part) return;
  part.scrollIntoView();
  part.focus({ preventScroll: true });
}

/** Go to the card of what is selected of a kind. */
const goToCard = (entity) => goTo($(`#widget-${CARDS[entity]}`));

/** Go to the associations of a covariate, and show it where one is shown. */
function goToCovariate(name) {
  if (typeof showCovariate === 'function') showCovariate(name);
  if (askRows('associations', 'covariate', name)) { goTo($('#tab-associations')); return; }
  goTo($('#widget-covariate'));
  say(`${name} was not tested.`);
}

function startSearch() {
  const input = $('#find');
  if (!input) return; // a page without names
  const offered = new Map(); // by the words of an offer
  let last = null; // what was found last: the next search takes its place
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
    if (last && state[last.entity] === last.entry.id) select(last.entity, '');
    last = hit;
    if (!hit) { say(notFound(words)); return; }
    input.value = '';
    if (hit.entity === 'covariate') { say(''); goToCovariate(hit.entry.id); return; }
    select(hit.entity, hit.entry.id);
    goToCard(hit.entity);
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
