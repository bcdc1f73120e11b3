// Tables: made when they are opened; sorted, filtered, at most ROWS rows shown; the download has all that the page holds.
const ROWS = 200;
const pretty = (name) => name.replaceAll('_', ' ');

function cellText(column, row) {
  const value = column.values[row];
  if (column.kind === 'number') return brief(value);
  if (column.kind === 'flag') return value === null ? '' : value ? 'yes' : 'no';
  return value === null ? '' : value;
}

/** Which column of a table names something that can be selected. */
const entityOf = (column) => (ENTITIES.includes(column.name) ? column.name : column.entity || '');

function buildTable(details) {
  const name = details.dataset.table;
  const table = tables[name];
  const size = table.columns.length ? table.columns[0].values.length : 0;
  const body = element('tbody');
  const note = element('span', { role: 'status' });
  const filter = element('input', { type: 'search', 'aria-label': `Filter the table ${pretty(name)}`, placeholder: 'filter' });
  filter.value = state.filters[name] || '';
  const sort = { column: -1, down: false };
  const heads = table.columns.map((column, index) => {
    const head = element('th', { scope: 'col', class: column.kind === 'number' ? 'number' : null });
    head.append(element('button', { type: 'button', onclick: () => {
      sort.down = sort.column === index ? !sort.down : column.kind === 'number';
      sort.column = index;
      heads.forEach((other, place) => { if (place === index) other.setAttribute('aria-sort', sort.down ? 'descending' : 'ascending'); else other.removeAttribute('aria-sort'); });
      fill();
    } }, pretty(column.name)));
    return head;
  });

  function rows() {
    const words = filter.value.trim().toLowerCase();
    let found = [...Array(size).keys()];
    if (words) found = found.filter((row) => table.columns.some((column) => cellText(column, row).toLowerCase().includes(words)));
    if (sort.column >= 0) {
      const { values } = table.columns[sort.column];
      const sign = sort.down ? -1 : 1;
      const compare = (a, b) => (a === b ? 0 : a === null ? 1 : b === null ? -1 : sign * (typeof a === 'string' ? a.localeCompare(b, 'en', { numeric: true }) : a - b));
      found.sort((a, b) => compare(values[a], values[b]) || a - b);
    }
    return found;
  }

  function fill() {
    const found = rows();
    body.replaceChildren(...found.slice(0, ROWS).map((row) => element('tr', {}, ...table.columns.map((column) => {
      const text = cellText(column, row);
      const entity = entityOf(column);
      const cell = element('td', { class: column.kind === 'number' ? 'number' : null, title: column.kind === 'number' && column.values[row] !== null ? String(column.values[row]) : null });
      if (entity && known[entity].has(text)) cell.append(element('button', { type: 'button', class: 'pick', 'data-pick': entity, 'data-id': text, onclick: () => select(entity, text) }, text));
      else cell.append(text);
      return cell;
    }))));
    const shown = Math.min(ROWS, found.length);
    note.textContent = table.total > size
      ? `${shown} of ${count(table.total, 'row')} shown; this page holds the first ${size}, the file ${table.file} beside it holds all.`
      : `${shown} of ${count(found.length, 'row')} shown${found.length < size ? ` (filtered from ${size.toLocaleString('en')})` : ''}; the TSV has all ${size.toLocaleString('en')}.`;
    mark(body);
  }

  filter.addEventListener('input', () => { setFilter(name, filter.value.trim()); fill(); });
  const sheet = element('div', { class: 'sheet', tabindex: '0', role: 'region', 'aria-label': `Table: ${pretty(name)}` },
    element('table', {}, element('thead', {}, element('tr', {}, ...heads)), body));
  details.append(element('div', { class: 'tools' }, filter, note), sheet);
  fill();
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
    const open = () => { if (details.open && !details.dataset.built) { details.dataset.built = 'yes'; buildTable(details); } };
    details.addEventListener('toggle', open);
    open();
  });
  $$('[data-tsv]').forEach((button) => button.addEventListener('click', () => download(`${button.dataset.tsv}.tsv`, 'text/tab-separated-values', tsv(button.dataset.tsv))));
  onChange(() => mark(document));
}
