// Figures: drawn when they come near, in the colours of the page, with the selection marked.
const drawn = new Map();
const pending = new WeakMap();
// no bar of buttons: it would cover cells; dragging zooms, a double click shows all again
const CONFIG = { displayModeBar: false, responsive: true };
/** plotly, which the page carries packed: it runs once it is unpacked. */
async function unpackLibrary() {
  const packed = $('#library');
  if (!packed) return; // a page without figures
  const bytes = Uint8Array.from(atob(packed.textContent), (letter) => letter.charCodeAt(0));
  const code = await new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'))).text();
  document.body.append(element('script', {}, code));
}
const library = unpackLibrary();
library.catch((problem) => say(`Figures cannot be shown: they need a browser of 2023 or later (${problem.message}).`));

/** A colour of the page, or of a part of it that has colours of its own. */
const colour = (name, part = document.documentElement) => getComputedStyle(part).getPropertyValue(name).trim();

/** A layout in the colours of the page, or of a part of it. */
function themed({ data, layout }, part = document.documentElement) {
  const ink = (name) => colour(name, part);
  const isMap = data.some((trace) => trace.type === 'heatmap');
  const axis = { showgrid: !isMap, gridcolor: ink('--line'), linecolor: ink('--line'), tickcolor: ink('--line') };
  return {
    ...layout,
    paper_bgcolor: 'rgba(0,0,0,0)',
    plot_bgcolor: isMap ? ink('--blank') : 'rgba(0,0,0,0)',
    font: { family: 'system-ui, "Segoe UI", Roboto, Arial, sans-serif', size: 12, color: ink('--ink') },
    xaxis: { ...layout.xaxis, ...axis },
    yaxis: { ...layout.yaxis, ...axis },
    hoverlabel: { bgcolor: ink('--panel'), bordercolor: ink('--line'), font: { color: ink('--ink') } },
  };
}

/** Traces whose legend has the colour that cells without a value have on this page, or on a part of it. */
const inTheme = (data, part = document.documentElement) => data.map((trace) => (trace.marker && trace.marker.color === page.palette.blank ? { ...trace, marker: { ...trace.marker, color: colour('--blank', part) } } : trace));

/** A layout with boxes around the selected rows and columns. */
const withSelection = (layout) => ({ ...layout, shapes: [...(layout.shapes || []), ...selectionBoxes(layout)] });

function selectionBoxes(layout) {
  const boxes = [];
  for (const way of ['x', 'y']) {
    const meta = layout.meta && layout.meta[way];
    if (!meta || !meta.entity || !state[meta.entity] || !meta.ids.length) continue;
    const place = rowOf(meta, state[meta.entity]);
    if (place < 0) continue;
    const other = way === 'x' ? 'y' : 'x';
    boxes.push({
      type: 'rect', [`${way}0`]: place - 0.5, [`${way}1`]: place + 0.5, [`${other}0`]: 0, [`${other}1`]: 1,
      [`${other}ref`]: 'paper', line: { color: colour('--ink'), width: 2 }, name: 'selection',
    });
  }
  return boxes;
}

/** Traces with the selected points larger and outlined. */
function emphasised(data) {
  const chosen = ENTITIES.map((entity) => state[entity]).filter(Boolean);
  return data.map((trace) => {
    if (!trace.customdata || !chosen.length) return trace;
    const hits = trace.customdata.map((id) => chosen.includes(id));
    if (!hits.includes(true)) return trace;
    const size = trace.customdata.map((_, i) => (Array.isArray(trace.marker.size) ? trace.marker.size[i] : trace.marker.size) + (hits[i] ? 5 : 0));
    const width = hits.map((hit) => (hit ? 3 : 0.5));
    return { ...trace, marker: { ...trace.marker, size, line: { width, color: colour('--ink') } } };
  });
}

/** Draw a figure, or draw it anew; drawings of one canvas wait for each other. */
function draw(canvas) {
  const first = !drawn.has(canvas);
  drawn.set(canvas, canvas.dataset.figure);
  const done = (pending.get(canvas) || Promise.resolve()).then(async () => {
    await library;
    if (!canvas.isConnected) return;
    const figure = figureOf(canvas.dataset.figure);
    const layout = onPaper(canvas, withSelection(themed(figure)));
    scaleDrawing(canvas, layout, 1);
    await Plotly.react(canvas, emphasised(inTheme(figure.data)), layout, CONFIG);
    if (isPaper()) scaleDrawing(canvas, layout, SMALLER);
    if (!first) return;
    canvas.on('plotly_click', (event) => picked(canvas, event.points[0]));
    canvas.addEventListener('keydown', (event) => walk(canvas, event));
  });
  pending.set(canvas, done);
  return done;
}

function picked(canvas, point) {
  const { layout } = figureOf(canvas.dataset.figure);
  const { meta } = layout;
  for (const way of ['x', 'y']) {
    const { entity, ids } = meta[way];
    if (!entity) continue;
    if (entity === 'covariate') { showCovariate(ids[(layout[`${way}axis`].categoryarray || []).indexOf(String(point[way]))]); continue; }
    if (point.customdata && known[entity].has(point.customdata)) { select(entity, point.customdata); continue; }
    const labels = layout[`${way}axis`].categoryarray || [];
    const place = labels.indexOf(String(point[way]));
    if (place >= 0 && known[entity].has(ids[place])) select(entity, ids[place]);
  }
}

/** Arrow keys move the selection along the axes of the figure that has the focus; Enter goes to its card. */
function walk(canvas, event) {
  const way = { ArrowLeft: 'x', ArrowRight: 'x', ArrowUp: 'y', ArrowDown: 'y' }[event.key];
  if (event.key === 'Escape') { ENTITIES.forEach((entity) => select(entity, '')); return; }
  if (event.key === 'Enter' && chosenLast && state[chosenLast]) { event.preventDefault(); goToCard(chosenLast); return; }
  if (!way) return;
  const { layout } = figureOf(canvas.dataset.figure);
  const { entity, ids: own, walk: along } = layout.meta[way];
  const ids = along || own;
  if (!ENTITIES.includes(entity) || !ids || !ids.length) return;
  event.preventDefault();
  const back = event.key === 'ArrowLeft' || (event.key === 'ArrowUp') === Boolean(layout.yaxis.range && layout.yaxis.range[0] > layout.yaxis.range[1]) && way === 'y';
  const place = rowOf({ ...layout.meta[way], ids }, state[entity]);
  const next = place < 0 ? 0 : Math.min(ids.length - 1, Math.max(0, place + (back ? -1 : 1)));
  select(entity, ids[next]);
  say(`${KINDS[entity]} ${item(entity, ids[next]).label}: Enter opens its card.`);
}
let chosenLast = ''; // the kind that was selected last

/** Take a canvas out, once what is being drawn on it is finished. */
function retire(canvas) {
  drawn.delete(canvas);
  Promise.resolve(pending.get(canvas)).then(() => Plotly.purge(canvas));
}

function redrawAll() { drawn.forEach((_, canvas) => draw(canvas)); }

function startFigures() {
  const watch = new IntersectionObserver((entries) => {
    for (const entry of entries) {
      if (!entry.isIntersecting) continue;
      watch.unobserve(entry.target);
      draw(entry.target);
    }
  }, { rootMargin: '400px' });
  $$('.canvas').forEach((canvas) => watch.observe(canvas));
  onChange(redrawAll);
  onChange((entity) => { if (state[entity]) chosenLast = entity; });
  startRows();
}
