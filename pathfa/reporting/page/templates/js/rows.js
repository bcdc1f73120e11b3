// Rows of a figure: filtered by words, and with similar gene sets in one row or in rows of their own.
const asked = new Map(); // by figure: the figure with the rows that the reader asked for

const fitted = new Map(); // by figure: its form for the width of the screen

/** The figure as the reader asked for it. */
const askedFigure = (name) => asked.get(name) || figures[name];
/** The figure as it is drawn on this screen. */
const figureOf = (name) => fitted.get(name) || askedFigure(name);

/** Place of a name among the categories of an axis, by itself or by what a category stands for. */
function rowOf({ ids, members }, name) {
  const place = ids.indexOf(name);
  return place >= 0 || !members ? place : members.findIndex((names) => names.includes(name));
}

/** A figure with some of its rows. */
function withRows({ data, layout }, keep) {
  const { ids, members } = layout.meta.y;
  const labels = layout.yaxis.categoryarray;
  const kept = new Set(keep.map((row) => labels[row]));
  const some = (values, points) => (Array.isArray(values) ? points.map((i) => values[i]) : values);
  const traces = data.map((trace) => {
    const points = range(trace.y.length).filter((i) => kept.has(trace.y[i]));
    const marker = { ...trace.marker, size: some(trace.marker.size, points) };
    return { ...trace, x: some(trace.x, points), y: some(trace.y, points), text: some(trace.text, points), customdata: some(trace.customdata, points), marker };
  });
  const step = (layout.height - 180) / Math.max(4, labels.length);
  return {
    data: traces,
    layout: {
      ...layout, height: 180 + step * Math.max(4, keep.length),
      yaxis: { ...layout.yaxis, categoryarray: keep.map((row) => labels[row]), range: [keep.length - 0.5, -0.5] },
      meta: { ...layout.meta, y: { ...layout.meta.y, ids: keep.map((row) => ids[row]), members: members && keep.map((row) => members[row]) } },
    },
  };
}

function showRows(name, words, variant) {
  const figure = figures[variant || name];
  const { ids, members } = figure.layout.meta.y;
  const lower = words.trim().toLowerCase();
  const names = (row) => (members ? members[row] : [ids[row]]).map((id) => `${id} ${item('gene_set', id).label}`).join(' ').toLowerCase();
  const keep = range(ids.length).filter((row) => names(row).includes(lower));
  asked.set(name, lower ? withRows(figure, keep) : figure);
  if (lower) say(`${keep.length} of ${count(ids.length, 'row')} ${keep.length === 1 ? 'holds' : 'hold'} “${words.trim()}”.`);
  const canvas = $(`.canvas[data-figure="${name}"]`);
  canvas.style.height = `${figureOf(name).layout.height}px`;
  if (drawn.has(canvas)) draw(canvas);
}

function startRows() {
  $$('[data-rows]').forEach((input) => {
    const name = input.dataset.rows;
    const more = $(`[data-more="${name}"]`);
    const key = `rows-${name}`;
    const show = () => showRows(name, input.value, more && more.checked ? more.dataset.variant : '');
    input.addEventListener('input', () => { setFilter(key, input.value.trim()); show(); });
    if (more) more.addEventListener('change', () => { setFilter(`${key}-all`, more.checked ? 'yes' : ''); show(); });
    takeRows.push(() => {
      input.value = state.filters[key] || '';
      if (more) more.checked = state.filters[`${key}-all`] === 'yes';
      if (input.value || (more && more.checked)) show();
    });
  });
}
const takeRows = []; // what reads the filters of the URL
