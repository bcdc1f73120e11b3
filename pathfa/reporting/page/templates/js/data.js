// What the page carries, and small helpers.
const read = (name) => JSON.parse(document.getElementById(`data-${name}`).textContent);
const page = read('page');
const figures = read('figures');
const tables = read('tables');
for (const { columns } of Object.values(tables)) for (const column of columns) {
  if (column.levels) column.values = column.codes.map((code) => (code < 0 ? null : column.levels[code]));
}

const $ = (selector, root = document) => root.querySelector(selector);
const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];

const range = (size) => [...Array(size).keys()];

/** Make an element; children that are text stay text. */
function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name === 'onclick') made.addEventListener('click', value);
    else if (value !== null && value !== undefined && value !== false) made.setAttribute(name, value === true ? '' : value);
  }
  made.append(...children.filter((child) => child !== null && child !== undefined));
  return made;
}

/** A number with few digits, for reading. */
function brief(value) {
  if (value === null || value === undefined || Number.isNaN(value)) return '';
  if (Number.isInteger(value)) return String(value);
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-3 || size >= 1e6)) return value.toExponential(1);
  return String(Number(value.toPrecision(3)));
}

/** A number with two decimals; what rounds to zero has no sign. */
const fixed = (value) => value.toFixed(2).replace('-0.00', '0.00');

/** A number with its noun in the right number, such as "1 row" and "2 activities". */
function count(number, noun) {
  const several = noun.endsWith('y') ? `${noun.slice(0, -1)}ies` : `${noun}s`;
  return `${number.toLocaleString('en')} ${number === 1 ? noun : several}`;
}

/** The name of a file that readers take away: with that of the cohort. */
const fileName = (name) => `${[...$('h1').textContent.matchAll(/[\p{L}\p{N}]+/gu)].join('-').slice(0, 60).replace(/-+$/, '')}_${name}`;

/** Give the reader a file. */
function download(name, type, text) {
  const url = URL.createObjectURL(new Blob([text], { type }));
  const link = element('a', { href: url, download: fileName(name) });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(url), 10000);
}

const say = (words) => { $('#status').textContent = words; };
