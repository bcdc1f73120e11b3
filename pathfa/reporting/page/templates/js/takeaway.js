// What readers take away: figures as files at the size of a slide, and the page on paper.
const SLIDE = { width: 1280, height: 720 }; // px in which a figure is laid out
const PIXELS = 1920; // of a PNG, across
const HEADING = 110; // letters of a title

/** A figure at the size of a slide: in light colours, with its title and the cohort, without selection. */
function slide(name) {
  const canvas = $(`.canvas[data-figure="${name}"]`);
  const heading = $('figcaption h3, figcaption h4', canvas.closest('figure')).textContent;
  const light = element('div', { class: 'light', hidden: true });
  document.body.append(light);
  const figure = askedFigure(name);
  const layout = themed(figure, light);
  const soft = colour('--soft', light);
  const paper = colour('--paper', light);
  light.remove();
  const height = slideHeight(figure.layout);
  const larger = height / SLIDE.height;
  const words = (text, style) => `<span style="${style}">${plain(clipped(text, HEADING))}</span>`;
  const cohort = [$('h1').textContent, ($('.sub') || {}).textContent].filter(Boolean).join(' \u00b7 ');
  const text = `<b>${words(heading, '')}</b><br>${words(cohort, `font-size:0.7em;color:${soft}`)}`;
  const top = { xref: 'container', x: 0.02, xanchor: 'left', yref: 'container', yanchor: 'top' };
  return {
    data: figure.data,
    layout: {
      ...layout, height, width: height * SLIDE.width / SLIDE.height, autosize: false, paper_bgcolor: paper,
      title: { text, ...top, y: 1 - 40 / SLIDE.height, font: { size: 20 * larger } },
      legend: { ...layout.legend, ...top, y: 1 - 84 / SLIDE.height },
      margin: { ...layout.margin, t: 98 * larger, r: 40 },
    },
  };
}

/** The height in which a figure is laid out: rows come closer on a slide, as far as their names can be read. */
function slideHeight({ height, yaxis }) {
  const rows = (yaxis.categoryarray || []).length;
  return Math.max(SLIDE.height, Math.min(height + 90, Math.max(940, 13 * rows + 240)));
}

async function savePicture(name, format) {
  await library;
  const { data, layout } = slide(name);
  const url = await Plotly.toImage({ data, layout, config: CONFIG }, { format, width: layout.width, height: layout.height, scale: format === 'png' ? PIXELS / layout.width : 1 });
  const content = url.slice(url.indexOf(',') + 1);
  if (format === 'svg') download(`${name}.svg`, 'image/svg+xml', decodeURIComponent(content));
  else download(`${name}.png`, 'image/png', Uint8Array.from(atob(content), (char) => char.charCodeAt(0)));
}

const LONG = 15; // rows from which a table is not printed
const SHEET = 940; // px of a sheet between its margins, A4 or Letter
const SMALLER = 0.75; // figures on paper, letters and all
const SHEETS = { summary: '#overview', sample: '#widget-sample' }; // what fits on one sheet

const isPaper = () => Boolean(document.documentElement.dataset.paper);

/** The layout of a figure as wide as its canvas on the sheet, and no higher than that. */
const onPaper = (canvas, layout) => (isPaper() ? { ...layout, width: canvas.clientWidth / SMALLER, height: Math.min(layout.height, SHEET / SMALLER) } : layout);

/** Make the drawing on a canvas smaller by a factor, 1 while plotly draws: it measures letters. */
function scaleDrawing(canvas, { height }, factor) {
  canvas.style.height = `${factor * height}px`;
  $$('.plot-container', canvas).forEach((box) => { box.style.cssText = `transform: scale(${factor}); transform-origin: 0 0`; });
}

const beforePaper = []; // what fills parts of the page that were not seen yet
let part = null; // what a button asked to print; null where the browser's own command prints
/** Print what fits on one sheet, by its name, or everything. */
async function printAs(name) {
  part = name;
  await preparePrint();
  window.print();
}
/** What goes on paper: what a button asked for; else the sample that is selected, or everything. */
const printed = () => part ?? (state.sample ? 'sample' : '');

/** Make letters smaller until the page fits on one sheet. */
function fitSheet() {
  const { style } = document.documentElement;
  style.fontSize = '';
  for (let size = 8.5; size >= 5 && document.body.scrollHeight > SHEET; size -= 0.25) style.fontSize = `${size}pt`;
}

/** All that will be on paper, drawn in light colours: cards of what is selected, and groups that were made. */
async function preparePrint() {
  const { dataset } = document.documentElement;
  Object.assign(dataset, { theme: 'light', paper: 'yes', ...(printed() ? { print: printed() } : {}) });
  beforePaper.forEach((fill) => fill());
  if (!dataset.print) $$('#trust').forEach((details) => { details.open = true; });
  for (const [entity, card] of Object.entries(CARDS)) $$(`#widget-${card}`).forEach((widget) => widget.classList.toggle('unchosen', !state[entity]));
  $$('#widget-groups').forEach((widget) => widget.classList.toggle('unchosen', !$('[data-told]', widget)));
  $$('.sheet').forEach((sheet) => sheet.classList.toggle('long', $$('tbody tr', sheet).length > LONG));
  const whole = $(SHEETS[dataset.print] || 'body');
  const fit = () => { if (dataset.print) fitSheet(); };
  fit(); // the browser counts sheets before its own command has waited for drawings
  await Promise.all($$('.canvas', whole).filter((canvas) => canvas.offsetParent).map(draw));
  fit();
}

function endPrint() {
  part = null;
  delete document.documentElement.dataset.print;
  delete document.documentElement.dataset.paper;
  document.documentElement.style.fontSize = '';
  setTheme(state.theme);
}

function startTakeaway() {
  for (const format of ['svg', 'png']) $$(`[data-${format}]`).forEach((button) => button.addEventListener('click', () => savePicture(button.dataset[format], format)));
  $$('[data-print]').forEach((button) => button.addEventListener('click', () => printAs(button.dataset.print)));
  window.addEventListener('beforeprint', preparePrint);
  window.addEventListener('afterprint', endPrint);
  matchMedia('print').addEventListener('change', (event) => (event.matches ? preparePrint() : endPrint()));
}
