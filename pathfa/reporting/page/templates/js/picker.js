// The bar on top: select by name, clear, change the colours.
function startPicker() {
  for (const entity of ENTITIES) {
    const input = $(`input[data-entity="${entity}"]`);
    if (!input) continue;
    $(`#list-${entity}`).append(...page[entity].map((entry) => element('option', { value: entry.id, label: entry.label === entry.id ? null : entry.label })));
    const find = () => {
      const words = input.value.trim();
      if (!words) { select(entity, ''); return; }
      const lower = words.toLowerCase();
      const exact = page[entity].find((entry) => entry.id === words || entry.label === words);
      const begin = page[entity].filter((entry) => `${entry.id} ${entry.label}`.toLowerCase().includes(lower));
      const hit = exact || begin[0];
      if (hit) { select(entity, hit.id); input.value = hit.id; } else say(`No ${entity.replace('_', ' ')} holds “${words}”.`);
    };
    input.addEventListener('change', find);
    input.addEventListener('keydown', (event) => { if (event.key === 'Enter') find(); });
  }
  onChange((entity) => {
    const input = $(`input[data-entity="${entity}"]`);
    if (input) input.value = state[entity];
  });
  $('#clear').addEventListener('click', () => ENTITIES.forEach((entity) => select(entity, '')));
  $('#theme').addEventListener('click', () => { setTheme(document.documentElement.dataset.theme === 'dark' ? 'light' : 'dark'); writeHash(); });
  $$('button.copy').forEach((button) => button.addEventListener('click', () => copy(button)));
}

/** Copy the words above a button; where the browser refuses, they are selected for the reader to copy. */
async function copy(button) {
  const block = button.closest('.block');
  const text = $$('.quote', block).map((part) => part.textContent).join('\n');
  try {
    await navigator.clipboard.writeText(text);
    say('Copied.');
  } catch {
    getSelection().selectAllChildren($('.quote', block));
    say('Press Ctrl+C to copy the selected words.');
  }
}
