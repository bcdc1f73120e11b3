// Tables that stand in the page: their heads sort the rows, a box filters them by words.
function startSheets() {
  $$('table[data-sheet]').forEach((table) => {
    const name = table.dataset.sheet;
    const body = $('tbody', table);
    const rows = [...body.rows];
    const texts = new Map(rows.map((row) => [row, row.textContent.toLowerCase()]));
    const input = $(`[data-sheet-filter="${name}"]`);
    const filter = () => {
      const words = input.value.trim().toLowerCase();
      rows.forEach((row) => { row.hidden = !texts.get(row).includes(words); });
      const kept = rows.filter((row) => !row.hidden).length;
      $(`[data-sheet-note="${name}"]`).textContent = words ? `${kept} of ${count(rows.length, 'row')} shown.` : '';
    };
    input.addEventListener('input', () => { setFilter(`sheet-${name}`, input.value.trim()); filter(); });
    takeRows.push(() => { input.value = state.filters[`sheet-${name}`] || ''; filter(); });
    const heads = [...$('thead tr', table).cells];
    heads.forEach((head, index) => {
      let down = !head.classList.contains('number');
      head.replaceChildren(element('button', { type: 'button', onclick: () => {
        down = !down;
        heads.forEach((other) => { if (other === head) other.setAttribute('aria-sort', down ? 'descending' : 'ascending'); else other.removeAttribute('aria-sort'); });
        const values = new Map(rows.map((row) => [row, row.cells[index].dataset.value || row.cells[index].textContent.trim()]));
        const compare = (a, b) => (a === b ? 0 : a === '' ? 1 : b === '' ? -1 : (down ? -1 : 1) * a.localeCompare(b, 'en', { numeric: true }));
        const number = (a, b) => (a === b ? 0 : a === '' ? 1 : b === '' ? -1 : (down ? -1 : 1) * (Number(a) - Number(b)));
        const order = head.classList.contains('number') ? number : compare;
        body.append(...[...rows].sort((a, b) => order(values.get(a), values.get(b))));
      } }, head.textContent));
    });
  });
}
