// Words that carry their explanation: on hover, focus and tap, until Escape. The glossary of the page is their source.
const terms = new Map(); // by word in lower case: the element of the glossary that explains it
$$('dt[data-words]').forEach((name) => name.dataset.words.split(', ').forEach((word) => terms.set(word.toLowerCase(), name.nextElementSibling)));
const HIDE_AFTER = 600; // ms in which the pointer can reach the explanation
const PROSE = '.lead, .answer, .told li, .block p, .block li, .uses td, .widget p, .widget th';
const anyOf = (words) => `(?<![\\w-])(?:${[...words].sort((a, b) => b.length - a.length).map((word) => word.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('|')})(?![\\w-])`;
const hasTerm = new RegExp(anyOf(terms.keys()), 'i');
const labels = page.gene_set.map(({ label }) => label).filter((label) => hasTerm.test(label)); // their words are names
const termPattern = new RegExp(anyOf([...terms.keys(), ...labels]), 'gi');

/** Make an element explain itself by a word of the glossary. */
function explained(node, word) {
  const entry = terms.get(word.toLowerCase());
  if (!entry) return node;
  node.classList.add('term');
  node.setAttribute('aria-describedby', entry.id);
  return node;
}

/** Mark the first occurrence of each word of the glossary in the sentences of an element. */
function explain(root) {
  if (!terms.size) return; // a page without a glossary
  const seen = new Set();
  for (const part of $$(PROSE, root)) {
    const walker = document.createTreeWalker(part, NodeFilter.SHOW_TEXT, (node) => (node.parentElement.closest('a, button, select, label, summary, code, .quote, .term, .interval, .tag') ? NodeFilter.FILTER_REJECT : NodeFilter.FILTER_ACCEPT));
    const texts = [];
    while (walker.nextNode()) texts.push(walker.currentNode);
    texts.forEach((text) => markTerms(text, seen));
  }
}

function markTerms(text, seen) {
  const pieces = [];
  let from = 0;
  for (const { 0: word, index } of text.data.matchAll(termPattern)) {
    const entry = terms.get(word.toLowerCase());
    if (!entry || seen.has(entry)) continue;
    seen.add(entry);
    pieces.push(text.data.slice(from, index), explained(element('span', { tabindex: '0', role: 'button' }, word), word));
    from = index + word.length;
  }
  if (pieces.length) text.replaceWith(...pieces, text.data.slice(from));
}

function startTerms() {
  if (!terms.size) return; // a page without a glossary
  const tip = element('div', { id: 'tip', role: 'tooltip', hidden: true });
  document.body.append(tip);
  let timer = 0;
  let shown = null;
  const hide = () => { clearTimeout(timer); tip.hidden = true; };
  const later = () => { clearTimeout(timer); timer = setTimeout(hide, HIDE_AFTER); };
  const show = (term) => {
    clearTimeout(timer);
    shown = term;
    tip.textContent = document.getElementById(term.getAttribute('aria-describedby')).textContent;
    tip.hidden = false;
    place();
  };
  const place = () => {
    if (tip.hidden) return;
    const at = shown.getBoundingClientRect();
    if (at.bottom < 0 || at.top > innerHeight) { hide(); return; }
    const left = Math.max(8, Math.min(at.left, document.documentElement.clientWidth - tip.offsetWidth - 8));
    const around = (shown.closest(PROSE) || shown).getBoundingClientRect(); // the sentence stays in sight
    const top = around.bottom + tip.offsetHeight + 12 < innerHeight || around.top < tip.offsetHeight + 10 ? around.bottom + 6 : around.top - tip.offsetHeight - 6;
    Object.assign(tip.style, { left: `${left}px`, top: `${Math.max(4, Math.min(top, innerHeight - tip.offsetHeight - 4))}px` });
  };
  const termOf = ({ target }) => (target instanceof Element ? target.closest('.term') : null);
  for (const kind of ['mouseover', 'focusin', 'click']) {
    document.addEventListener(kind, (event) => {
      const term = termOf(event);
      if (term) show(term); else if (tip.contains(event.target)) clearTimeout(timer); else if (kind === 'click') hide();
    });
  }
  document.addEventListener('mouseout', (event) => { if (termOf(event) || tip.contains(event.target)) later(); });
  document.addEventListener('focusout', (event) => { if (termOf(event)) hide(); });
  document.addEventListener('keydown', (event) => {
    if (event.key === 'Escape') hide();
    if ((event.key === 'Enter' || event.key === ' ') && termOf(event) && event.target.matches('span.term')) { event.preventDefault(); show(event.target); }
  });
  window.addEventListener('scroll', place, { passive: true, capture: true });
  $$('main > section:not(#glossary), #trust').forEach(explain);
}
