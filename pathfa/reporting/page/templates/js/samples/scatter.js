// The samples in a plane whose axes and colours the reader chooses.
const chosenAxes = { x: '', y: '', colour: '' };
const DRAG = { A: 'Put into group A', B: 'Put into group B', zoom: 'Zoom' };
let dragging = 'A';

function startingAxes() {
  const [one, two] = page.factor;
  return { x: `factor:${one.id}`, y: `factor:${(two || one).id}`, colour: atlas.first_colour ? `covariate:${atlas.first_colour}` : '' };
}

/** Points of the samples, told apart by colour and symbol where the colour is of groups. */
function sampleTraces(x, y, colour) {
  const trace = (rows, look, name = '') => ({
    type: 'scatter', mode: 'markers', x: rows.map((row) => x.values[row]), y: rows.map((row) => y.values[row]),
    customdata: rows.map((row) => page.sample[row].id), name: plain(name), showlegend: Boolean(name), hovertemplate: '%{text}<extra></extra>',
    text: rows.map((row) => [page.sample[row].label, ...(colour ? [`${colour.brief}: ${said(colour, row)}`] : [])].map(plain).join('<br>')),
    ...look, marker: { size: 8, line: { width: 0.5, color: '#FFFFFF' }, ...look.marker },
  });
  const { colours, symbols, sequential } = page.palette;
  const hollow = (symbol) => ({ marker: { symbol: `${symbol}-open`, color: '#8C8C8C' } });
  if (!colour) return [trace(range(SIZE.sample), { marker: { color: colours[0] } })];
  if (!colour.groups) {
    const seen = range(SIZE.sample).filter((row) => Number.isFinite(colour.values[row]));
    const rest = range(SIZE.sample).filter((row) => !Number.isFinite(colour.values[row]));
    const bar = { title: { text: plain(clipped(colour.words, 40)), side: 'right' }, thickness: 12, len: 0.9 };
    return [
      trace(seen, { marker: { color: seen.map((row) => Number(colour.values[row].toPrecision(4))), colorscale: sequential, colorbar: bar } }),
      ...(rest.length ? [trace(rest, hollow('square'), 'not known')] : []),
    ];
  }
  const levels = levelsOf(colour.values);
  const rest = range(SIZE.sample).filter((row) => !levels.includes(colour.values[row]));
  return [
    ...levels.map((level, i) => trace(range(SIZE.sample).filter((row) => colour.values[row] === level), { marker: { color: colours[i], symbol: symbols[i] } }, `${colour.brief}: ${clipped(String(level), 30)}`)),
    ...(rest.length ? [trace(rest, hollow(symbols[levels.length]), 'other or not known')] : []),
  ];
}

function said(colour, row) {
  const value = colour.values[row];
  if (colour.groups) return value === null ? 'not known' : String(value);
  return Number.isFinite(value) ? brief(value) : 'not known';
}

/** Rings around the samples of the two groups. */
function groupTraces(x, y) {
  return GROUPS.filter((name) => groups[name].size).map((name, i) => {
    const rows = [...groups[name]];
    const marker = { symbol: i ? 'square-open' : 'circle-open', size: 15, color: colour('--ink'), line: { width: 1.6 } };
    return { type: 'scatter', mode: 'markers', x: rows.map((row) => x.values[row]), y: rows.map((row) => y.values[row]), name: `group ${name} (${rows.length})`, showlegend: true, hoverinfo: 'skip', marker };
  });
}

function scatterSpec() {
  const [x, y] = [quantity(chosenAxes.x), quantity(chosenAxes.y)];
  const hue = chosenAxes.colour ? quantity(chosenAxes.colour) : null;
  const ids = range(SIZE.sample).filter((row) => Number.isFinite(x.values[row])).sort((a, b) => x.values[a] - x.values[b]).map((row) => page.sample[row].id);
  const letters = matchMedia('(max-width: 40rem)').matches ? 26 : 60;
  const axis = (one) => ({ title: { text: plain(clipped(one.words, letters)), standoff: 8 }, zeroline: false, automargin: true });
  const column = (one) => (one.groups ? words(one.words, one.values) : numbers(one.words, one.values));
  return {
    title: `${x.brief} and ${y.brief}${hue ? `, coloured by ${hue.brief}` : ''}`,
    alt: `Scatter plot of ${count(SIZE.sample, 'sample')}; across: ${x.words}, up: ${y.words}.${hue ? ` Coloured by ${hue.words}.` : ''}`,
    data: [...sampleTraces(x, y, hue), ...groupTraces(x, y)],
    layout: {
      height: 480, xaxis: axis(x), yaxis: axis(y), showlegend: true, dragmode: dragging === 'zoom' ? 'zoom' : 'lasso',
      legend: { orientation: 'h', y: 1.02, yanchor: 'bottom', x: 0 }, meta: { x: { entity: 'sample', ids: [], walk: ids }, y: {} },
    },
    table: [words('sample', page.sample.map(({ id }) => id)), column(x), column(y), ...(hue ? [column(hue)] : []), words('group', range(SIZE.sample).map((row) => groupOf(row)))],
  };
}

/** The option of a list that stands for a key: genes have one together, named in the box beside it. */
const optionOf = (key) => (key.startsWith('gene:') ? 'gene' : key);

function scatterControls() {
  const entries = (given) => given.map(([label, some]) => element('optgroup', { label }, ...some.map(([value, text]) => element('option', { value }, text))));
  const choice = (way, label, options) => {
    const list = element('select', { 'data-axis': way }, ...options);
    list.value = optionOf(chosenAxes[way]);
    list.addEventListener('change', () => chooseAxis(way, list.value));
    return element('label', {}, `${label} `, list);
  };
  const letters = element('input', { type: 'search', list: 'scatter-genes', autocomplete: 'off', placeholder: 'gene', 'data-gene-colour': true });
  const offers = element('datalist', { id: 'scatter-genes' });
  if (optionOf(chosenAxes.colour) === 'gene') letters.value = quantity(chosenAxes.colour).offer;
  const look = (take) => {
    const found = offeredGenes(letters.value.trim());
    const [key] = [...found].find(([, text]) => text === letters.value) || (take ? [...found][0] : null) || [];
    offers.replaceChildren(...[...found.values()].map((value) => element('option', { value })));
    if (key) chooseAxis('colour', key); else if (take) say(`No gene whose values are in this page begins with \u201c${letters.value}\u201d.`);
  };
  letters.addEventListener('input', () => look(false));
  letters.addEventListener('keydown', (event) => { if (event.key === 'Enter') look(true); });
  const withValues = views.some((view) => view.value);
  const drag = Object.entries(DRAG).map(([value, text]) => {
    const radio = element('input', { type: 'radio', name: 'drag', value, checked: value === dragging });
    radio.addEventListener('change', () => { dragging = value; redrawScatter(); });
    return element('label', {}, radio, ` ${text}`);
  });
  return element('div', { class: 'controls' },
    element('p', { class: 'tools' }, choice('x', 'Across', entries(offeredQuantities(false))), choice('y', 'Up', entries(offeredQuantities(false))),
      choice('colour', 'Colour', [element('option', { value: '' }, 'none'), ...entries(offeredQuantities(true)), element('option', { value: 'gene', hidden: true }, 'a gene')]),
      withValues ? element('label', {}, 'or by gene ', letters) : null, offers),
    element('fieldset', { class: 'tools' }, element('legend', {}, 'Dragging over points'), ...drag));
}

function chooseAxis(way, key) {
  if (key && !quantity(key)) return;
  chosenAxes[way] = key;
  setFilter(`samples-${way}`, key === startingAxes()[way] ? '' : key || 'none');
  const list = $(`[data-axis="${way}"]`);
  if (list) list.value = optionOf(key);
  redrawScatter();
}

function redrawScatter() {
  const canvas = $('.canvas[data-figure="samples"]');
  if (!canvas) return;
  const spec = scatterSpec();
  setFigure('samples', spec);
  canvas.setAttribute('aria-label', spec.alt);
  $('h4', canvas.closest('figure')).textContent = spec.title;
  draw(canvas);
}

/** Samples that were drawn around go to a group; a sample is in one group at most. */
function takeDrawn(event) {
  if (!event || dragging === 'zoom') return;
  const rows = event.points.map((point) => known.sample.get(point.customdata)).filter((row) => row !== undefined);
  if (rows.length) addToGroup(dragging, rows, `drawn on ${quantity(chosenAxes.x).brief} and ${quantity(chosenAxes.y).brief}`);
  redrawScatter();
}

function startScatter() {
  if (!$('[data-widget="scatter"]')) return; // no factors, no samples section
  Object.assign(chosenAxes, startingAxes());
  for (const way of Object.keys(chosenAxes)) {
    const key = state.filters[`samples-${way}`];
    if (key && (key === 'none' ? way === 'colour' : quantity(key))) chosenAxes[way] = key === 'none' ? '' : key;
  }
  whenNear('scatter', (body) => {
    const made = makeFigure('samples', scatterSpec());
    fillWidget(body, [scatterControls(), made]);
    draw(made.canvas).then(() => made.canvas.on('plotly_selected', takeDrawn));
  });
  onChange((entity) => { if (entity === 'theme') redrawScatter(); });
}
