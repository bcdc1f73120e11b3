// Tables: made when they are opened; sorted, filtered, with more rows and columns on request; the download has all that the page holds.
const ROWS = 200; // shown at first, and more at a time
const COLUMNS = 11; // shown at first: those that matter come first
const SENTENCE = 60; // letters from which a text is one
const pretty = (name) => name.replaceAll('_', ' ');

function cellText(column, row) {
  const value = column.values[row];
  if (column.kind === 'number') return brief(value);
  if (column.kind === 'flag') return value === null ? '' : value ? 'yes' : 'no';
  return value === null ? '' : value;
}

/** A text as parts between which its line may end: after marks inside names, and anywhere in what is longer than a word. */
const breakable = (text) => text.split(/(?<=_)(?=\w)|(?<=\w[./:|])(?=[A-Za-z])|(?<=[^\s_./:|]{24})(?=\S)/).flatMap((part) => [part, element('wbr')]).slice(0, -1);

/** Whether a column has sentences, which need more room than names. */
const isProse = (column) => column.kind === 'text' && column.name !== 'feature' && !ENTITIES.includes(column.entity || column.name) && column.values.some((text) => text && text.length > SENTENCE);

/** What a cell names that can be selected, as kind and id; null where it is none. Gene sets have their ids in a column. */
function namedIn(table, column, row) {
  const kinds = column.name === 'feature' ? ['factor', 'gene_set', 'gene'] : [column.name, column.entity];
  const ids = table.columns.find((one) => one.name === 'gene_set_id');
  for (const entity of kinds.filter((kind) => ENTITIES.includes(kind))) {
    const id = (entity === 'gene_set' && ids && ids.values[row]) || String(column.values[row]);
    if (known[entity].has(id)) return { entity, id };
  }
  return null;
}

/** What readers can ask of the rows of a table: a control for each filter, and which rows pass them all. */
function makeFilters(name, columns, filters, changed) {
  const parts = filters.map(({ column: key, label, start, most, blank }) => {
    const column = columns.find((one) => one.name === key);
    if (!column) return null;
    const place = `${name}.${key}`;
    const folds = blank || most !== null; // hides some rows until they are asked for
    const levels = folds ? [] : [...new Set(column.values.filter(Boolean))];
    if (!folds && levels.length < 2) return null;
    const first = levels.includes(start) ? start : 'all';
    const control = folds ? element('input', { type: 'checkbox', 'data-filter': place })
      : element('select', { 'data-filter': place }, element('option', { value: 'all' }, 'all'), ...levels.map((level) => element('option', { value: level }, level)));
    const given = state.filters[place];
    if (folds) control.checked = given === 'yes'; else control.value = levels.includes(given) || given === 'all' ? given : first;
    control.addEventListener('change', () => {
      const value = folds ? (control.checked ? 'yes' : '') : control.value;
      setFilter(place, value === first ? '' : value);
      changed();
    });
    const passes = (row) => {
      if (blank) return control.checked || !column.values[row];
      if (folds) return control.checked || (column.values[row] !== null && column.values[row] <= most);
      return control.value === 'all' || column.values[row] === control.value;
    };
    return { element: element('label', {}, ...(folds ? [control, ` ${label}`] : [`${label} `, control])), passes };
  }).filter(Boolean);
  return { controls: parts.map((part) => part.element), passes: (row) => parts.every((part) => part.passes(row)) };
}

function buildTable(details) {
  const name = details.dataset.table;
  const table = tables[name];
  const looks = new Map(table.columns.map((column) => [column, column.kind === 'number' ? 'number' : isProse(column) ? 'prose' : null]));
  const size = table.columns.length ? table.columns[0].values.length : 0;
  const head = element('tr');
  const body = element('tbody');
  const note = element('span', { role: 'status' });
  const filter = element('input', { type: 'search', 'aria-label': `Filter the table ${pretty(name)}`, placeholder: 'filter' });
  filter.value = state.filters[name] || '';
  const sort = { column: -1, down: false };
  let shown = ROWS;
  let columns = table.columns.length > COLUMNS + 2 ? table.columns.slice(0, COLUMNS) : table.columns;
  const again = () => { shown = ROWS; fill(); };
  const { controls, passes } = makeFilters(name, table.columns, table.filters || [], again);
  const more = element('button', { type: 'button', onclick: () => { shown += ROWS; fill(); } });
  const whole = element('button', { type: 'button', onclick: () => { columns = table.columns; whole.remove(); fillHead(); fill(); } }, `Show all ${table.columns.length} columns`);

  function fillHead() {
    head.replaceChildren(...columns.map((column, index) => {
      const cell = element('th', { scope: 'col', class: looks.get(column) });
      if (sort.column === index) cell.setAttribute('aria-sort', sort.down ? 'descending' : 'ascending');
      cell.append(explained(element('button', { type: 'button', onclick: () => {
        sort.down = sort.column === index ? !sort.down : column.kind === 'number';
        sort.column = index;
        [...head.children].forEach((other, place) => { if (place === index) other.setAttribute('aria-sort', sort.down ? 'descending' : 'ascending'); else other.removeAttribute('aria-sort'); });
        again();
      } }, pretty(column.name)), pretty(column.name)));
      return cell;
    }));
  }

  function rows() {
    const words = filter.value.trim().toLowerCase();
    let found = range(size).filter(passes);
    if (words) found = found.filter((row) => table.columns.some((column) => cellText(column, row).toLowerCase().includes(words)));
    if (sort.column >= 0) {
      const { values } = columns[sort.column];
      const sign = sort.down ? -1 : 1;
      const compare = (a, b) => (a === b ? 0 : a === null ? 1 : b === null ? -1 : sign * (typeof a === 'string' ? a.localeCompare(b, 'en', { numeric: true }) : a - b));
      found.sort((a, b) => compare(values[a], values[b]) || a - b);
    }
    return found;
  }

  function fill() {
    const found = rows();
    body.replaceChildren(...found.slice(0, shown).map((row) => element('tr', {}, ...columns.map((column) => {
      const text = cellText(column, row);
      const named = namedIn(table, column, row);
      const cell = element('td', { class: looks.get(column), title: column.kind === 'number' && column.values[row] !== null ? String(column.values[row]) : null });
      if (named) cell.append(element('button', { type: 'button', class: 'pick', 'data-pick': named.entity, 'data-id': named.id, onclick: () => select(named.entity, named.id) }, ...breakable(text)));
      else cell.append(...breakable(text));
      return cell;
    }))));
    if (!found.length) body.append(element('tr', {}, element('td', { colspan: columns.length }, 'No row passes the filters.')));
    const part = Math.min(shown, found.length);
    note.textContent = `${part.toLocaleString('en')} of ${count(found.length, 'row')} shown${found.length < size ? ` (${size.toLocaleString('en')} without filters)` : ''}.${table.total > size ? ` The table has ${count(table.total, 'row')}: all of them are in ${table.file}.` : ''}`;
    more.textContent = `Show ${Math.min(ROWS, found.length - part).toLocaleString('en')} more`;
    more.hidden = part === found.length;
    mark(body);
  }

  filter.addEventListener('input', () => { setFilter(name, filter.value.trim()); again(); });
  const sheet = element('div', { class: 'sheet', tabindex: '0', role: 'region', 'aria-label': `Table: ${pretty(name)}` },
    element('table', {}, element('thead', {}, head), body));
  details.append(element('div', { class: 'tools' }, filter, ...controls, note), sheet, element('p', { class: 'buttons' }, more, columns === table.columns ? null : whole));
  fillHead();
  fill();
}

/** Make a table when it is opened first. */
function openTable(details) {
  if (!details.open || details.dataset.built) return;
  details.dataset.built = 'yes';
  buildTable(details);
}

/** Ask for the rows of a table that have a value in a column; whether there are any. */
function askRows(name, key, value) {
  const details = $(`details[data-table="${name}"]`);
  const column = details && tables[name].columns.find((one) => one.name === key);
  const rows = column ? range(column.values.length).filter((row) => column.values[row] === value) : [];
  if (!rows.length) return false;
  details.open = true;
  openTable(details);
  for (const { column: other, most } of tables[name].filters) {
    const control = $(`[data-filter="${name}.${other}"]`, details);
    if (!control) continue;
    const { values } = tables[name].columns.find((one) => one.name === other);
    if (control.type === 'checkbox') control.checked = control.checked || (most !== null && !rows.some((row) => values[row] !== null && values[row] <= most));
    else control.value = other === key ? value : 'all';
    control.dispatchEvent(new Event('change'));
  }
  return true;
}

/** Mark the rows of what is selected. */
function mark(root) {
  $$('[data-pick]', root).forEach((button) => {
    const on = state[button.dataset.pick] === button.dataset.id;
    if (on) button.setAttribute('aria-pressed', 'true'); else button.removeAttribute('aria-pressed');
    const row = button.closest('tr');
    if (row) row.classList.toggle('selected', $$('[data-pick]', row).some((other) => state[other.dataset.pick] === other.dataset.id));
  });
}

const START = /^[=+\-@\t\r]/;
/** A text that no spreadsheet takes for a formula. */
const guarded = (text) => { const flat = /[\t\r\n\0]/.test(text) ? text.split(/\s+/).filter(Boolean).join(' ') : text; return START.test(text) ? `'${flat}` : flat; };

function tsv(name) {
  const { columns } = tables[name];
  const size = columns.length ? columns[0].values.length : 0;
  const lines = [columns.map((column) => guarded(column.name)).join('\t')];
  for (let row = 0; row < size; row += 1) {
    lines.push(columns.map((column) => {
      const value = column.values[row];
      if (value === null) return '';
      return column.kind === 'number' ? String(value) : column.kind === 'flag' ? cellText(column, row) : guarded(value);
    }).join('\t'));
  }
  return `${lines.join('\n')}\n`;
}

function startTables() {
  $$('details[data-table]').forEach((details) => {
    details.addEventListener('toggle', () => openTable(details));
    openTable(details);
  });
  $$('[data-tsv]').forEach((button) => button.addEventListener('click', () => download(`${button.dataset.tsv}.tsv`, 'text/tab-separated-values', tsv(button.dataset.tsv))));
  onChange(() => mark(document));
}
