// The parts of the page that are made from the selection, and the figures in them.

/** Take over what a figure shows, with its table. */
function setFigure(name, { data, layout, table }) {
  figures[name] = { data, layout: { margin: { l: 60, r: 20, t: 30, b: 50 }, hovermode: 'closest', showlegend: false, meta: { x: {}, y: {} }, ...layout } };
  tables[name] = { columns: table, total: table[0].values.length, file: '' };
}

/** A figure that is made here; it can be downloaded like those that came with the page. */
function makeFigure(name, spec) {
  setFigure(name, spec);
  const { layout, alt, title } = spec;
  const canvas = element('div', { class: 'canvas', 'data-figure': name, style: `height:${layout.height}px`, tabindex: '0', role: 'group', 'aria-label': alt });
  const file = (format, what) => element('button', { type: 'button', [`data-${format}`]: name, onclick: () => savePicture(name, format), 'aria-label': `Download the figure as ${what}: ${title}` }, `Figure (${what})`);
  const frame = element('figure', { class: 'plot', 'aria-label': title },
    element('figcaption', {}, element('h4', {}, title)),
    element('div', { class: 'frame' }, canvas),
    element('p', { class: 'buttons' }, file('png', 'PNG'), file('svg', 'SVG'),
      element('button', { type: 'button', onclick: () => download(`${name}.tsv`, 'text/tab-separated-values', tsv(name)), 'aria-label': `Download the table as TSV: ${title}` }, 'Table (TSV)')));
  return { frame, canvas };
}
const numbers = (name, values) => ({ name, kind: 'number', values: values.map((value) => (Number.isFinite(value) ? Number(value.toPrecision(6)) : null)) });
const words = (name, values) => ({ name, kind: 'text', values });
/** Columns of entities in a table: as they are called on the page, and gene sets by their own names too. */
function namesOf(entity, ids) {
  if (entity !== 'gene_set') return { names: words(entity, ids), own: [] };
  const labels = ids.map((id) => item('gene_set', id).label);
  return { names: words(entity, labels), own: labels.every((label, i) => label === ids[i]) ? [] : [words('gene_set_id', ids)] };
}

/** Replace a widget's content, drawing its figures once they are in the page. */
function fillWidget(body, parts) {
  $$('.canvas', body).filter((canvas) => drawn.has(canvas)).forEach(retire);
  const canvases = [];
  body.replaceChildren(...parts.filter(Boolean).map((part) => { if (part.canvas) { canvases.push(part.canvas); return part.frame; } return part; }));
  canvases.forEach(draw);
  explain(body);
}

const makers = new Map(); // what makes the content of the widgets that have been seen

/** Fill a widget when it comes near, or when the page is printed. */
function whenNear(name, fill) {
  const body = $(`[data-widget="${name}"]`);
  if (!body) return;
  const first = () => { if (!makers.has(name)) { makers.set(name, () => fill(body)); fill(body); } };
  new IntersectionObserver((entries, watch) => {
    if (!entries.some((entry) => entry.isIntersecting)) return;
    watch.disconnect();
    first();
  }, { rootMargin: '300px' }).observe(body.parentElement);
  beforePaper.push(first);
}

/** Fill a widget anew, if it has been seen. */
const refill = (name) => { if (makers.has(name)) makers.get(name)(); };

/** Fill a widget when it comes near, and again when the selection changes. */
function startWidget(name, make) {
  whenNear(name, (body) => fillWidget(body, make()));
  onChange((entity) => { if (entity !== 'theme') refill(name); });
}

function startWidgets() {
  readGroups();
  startOverview();
  startWidget('factor', makeFactor);
  startWidget('card', makeCard);
  startWidget('gene', makeGene);
  startScatter();
  whenNear('groups', (body) => fillWidget(body, makeGroups()));
  startWidget('sample', makeSample);
  if (atlas.covariates.length) startWidget('covariate', makeCovariate);
}
