// The map of the first screen: its legend a line per strip, and on a narrow screen its labels above the rows.
const ROW = 30; // px of a row with its label above it
const LABEL = 14; // px of the label

/** The legend of the strips, a line each. */
function legendLines({ data }) {
  const lines = new Map();
  for (const { name, legendgroup, showlegend, marker } of data) {
    if (!name || showlegend === false) continue;
    if (!lines.has(legendgroup)) lines.set(legendgroup, []);
    lines.get(legendgroup).push(element('span', {}, element('span', { class: 'swatch', style: `background:${marker.color}` }), unescaped(name)));
  }
  return [...lines].flatMap(([strip, levels]) => [element('dt', {}, strip), element('dd', {}, ...levels)]);
}
const unescaped = (text) => text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&#x27;', "'").replaceAll('&quot;', '"').replaceAll('&amp;', '&');

/** The figure without the legend and the room for it, its colour bar below it. */
function plainMap({ data, layout }, height) {
  const bar = { orientation: 'h', thickness: 9, len: 0.5, x: 1, xanchor: 'right', y: -0.01, yanchor: 'top' };
  return {
    data: data.map((trace) => (trace.colorbar ? { ...trace, colorbar: { ...trace.colorbar, ...bar, title: { ...trace.colorbar.title, side: 'bottom' } } } : trace)),
    layout: { ...layout, height, showlegend: false, margin: { l: 20, r: 10, t: 4, b: 56 }, xaxis: { ...layout.xaxis, title: { ...layout.xaxis.title, text: '' } } },
  };
}

/** The same with the label of each row above it. */
function stacked({ data, layout }) {
  const names = layout.yaxis2 ? layout.yaxis2.categoryarray : [];
  const rows = layout.yaxis.categoryarray;
  const whole = ROW * (rows.length + names.length) + 8;
  const above = (axis) => (label) => ({ xref: 'paper', x: 0, xanchor: 'left', yref: axis, y: label, yshift: ROW / 2, text: label, showarrow: false, font: { size: 11 } });
  const edge = 0.5 - LABEL / (2 * ROW);
  const blank = (axis) => (row) => ({ type: 'rect', xref: 'paper', x0: 0, x1: 1, yref: axis, y0: row - 1 + edge, y1: row - edge, fillcolor: colour('--paper'), line: { width: 0 } });
  const bare = (axis, domain) => ({ ...axis, showticklabels: false, ticks: '', automargin: false, domain });
  return {
    data: data.map((trace) => (trace.type === 'heatmap' ? { ...trace, ygap: LABEL } : trace)),
    layout: {
      ...layout, height: whole + 80, margin: { l: 2, r: 2, t: 18, b: 62 },
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
  const height = parseFloat(canvas.style.height);
  const narrow = matchMedia('(max-width: 40rem)');
  $(`[data-legend="${name}"]`).append(...legendLines(figures[name]));
  const fit = () => {
    const plainer = plainMap(figures[name], height);
    fitted.set(name, narrow.matches ? stacked(plainer) : plainer);
    canvas.style.height = `${figureOf(name).layout.height}px`;
    if (drawn.has(canvas)) draw(canvas);
  };
  narrow.addEventListener('change', fit);
  onChange((entity) => { if (entity === 'theme') fit(); });
  fit();
}
