// The map of the first screen: its legend a line per strip, rows that fit the screen, and on a narrow one labels above the rows.
const ROW = 22; // px of a row with its label above it
const LABEL = 13; // px of the label
const LEAST = 14; // px of a row beside its label
const MOST = 20;
const GAP = 8; // px between strips and map
const EDGES = 16; // px around the rows

/** The legend of the strips and of the map, a line each. */
function legendLines({ data }) {
  const lines = new Map();
  for (const { name, legendgroup, showlegend, marker } of data) {
    if (!name || showlegend === false) continue;
    if (!lines.has(legendgroup)) lines.set(legendgroup, []);
    const look = element('span', { class: 'swatch', style: `background:${marker.color === page.palette.blank ? 'var(--blank)' : marker.color}` });
    lines.get(legendgroup).push(element('span', {}, look, unescaped(name)));
  }
  for (const { colorbar, colorscale, zmin, zmax } of data) {
    if (colorbar) lines.set('colours', [element('span', {}, bar(colorscale), `${brief(zmin).replace('-', '\u2212')} to ${brief(zmax)}: ${unescaped(colorbar.title.text)}`)]);
  }
  return [...lines].flatMap(([strip, levels]) => [element('dt', {}, strip), element('dd', {}, ...levels)]);
}
const bar = (scale) => element('span', { class: 'swatch bar', style: `background:linear-gradient(to right, ${scale.map(([stop, shade]) => `${shade} ${100 * stop}%`)})` });
const unescaped = (text) => text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&#x27;', "'").replaceAll('&quot;', '"').replaceAll('&amp;', '&');

/** The figure without its legends, so high that its last row is on the first screen where rows can still be read. */
function plainMap({ data, layout }, room) {
  const rows = layout.yaxis.categoryarray.length;
  const names = layout.yaxis2 ? layout.yaxis2.categoryarray.length : 0;
  const row = Math.min(MOST, Math.max(LEAST, Math.floor((room - EDGES) / (rows + names))));
  const height = row * (rows + names) + EDGES;
  const share = names ? (row * names) / (height - EDGES + GAP) : 0;
  return {
    data: data.map((trace) => (trace.colorbar ? { ...trace, showscale: false } : trace)),
    layout: {
      ...layout, height, showlegend: false, margin: { l: 20, r: 10, t: 2, b: EDGES - GAP - 2 }, xaxis: { ...layout.xaxis, title: { ...layout.xaxis.title, text: '' } },
      ...(names ? { yaxis: { ...layout.yaxis, domain: [0, 1 - share - GAP / height] }, yaxis2: { ...layout.yaxis2, domain: [1 - share, 1] } } : {}),
    },
  };
}

/** The same with the label of each row above it. */
function stacked({ data, layout }) {
  const names = layout.yaxis2 ? layout.yaxis2.categoryarray : [];
  const rows = layout.yaxis.categoryarray;
  const whole = ROW * (rows.length + names.length) + 8;
  const above = (axis) => (label) => ({ xref: 'paper', x: 0, xanchor: 'left', yref: axis, y: label, yshift: ROW / 2 + 1, text: label, showarrow: false, font: { size: 10 } });
  const edge = 0.5 - LABEL / (2 * ROW);
  const blank = (axis) => (row) => ({ type: 'rect', xref: 'paper', x0: 0, x1: 1, yref: axis, y0: row - 1 + edge, y1: row - edge, fillcolor: colour('--paper'), line: { width: 0 } });
  const bare = (axis, domain) => ({ ...axis, showticklabels: false, ticks: '', automargin: false, domain });
  return {
    data: data.map((trace) => (trace.type === 'heatmap' ? { ...trace, ygap: LABEL } : trace)),
    layout: {
      ...layout, height: whole + 26, margin: { l: 2, r: 2, t: 18, b: 8 },
      yaxis: bare(layout.yaxis, [0, ROW * rows.length / whole]),
      ...(layout.yaxis2 ? { yaxis2: bare(layout.yaxis2, [1 - ROW * names.length / whole, 1]) } : {}),
      annotations: [...rows.map(above('y')), ...names.map(above('y2'))],
      shapes: [...range(rows.length + 1).map(blank('y')), ...range(names.length + 1).map(blank('y2'))],
    },
  };
}

function startOverview() {
  const canvas = $('.overview .canvas');
  if (!canvas) return;
  const name = canvas.dataset.figure;
  const narrow = matchMedia('(max-width: 40rem)');
  $(`[data-legend="${name}"]`).append(...legendLines(figures[name]));
  const fit = () => {
    if (isPaper()) return;
    const plainer = plainMap(figures[name], innerHeight - canvas.getBoundingClientRect().top - scrollY);
    fitted.set(name, narrow.matches ? stacked(plainer) : plainer);
    canvas.style.height = `${figureOf(name).layout.height}px`;
    if (drawn.has(canvas)) draw(canvas);
  };
  window.addEventListener('resize', fit);
  onChange((entity) => { if (entity === 'theme') fit(); });
  fit();
}
