// Start.
setTheme('');
startPicker();
readFilters();
startTables();
startFigures();
startTakeaway();
startTerms();
if (typeof startSheets === 'function') startSheets();
readHash();
takeRows.forEach((take) => take());
if (typeof startWidgets === 'function') startWidgets();
window.addEventListener('hashchange', readHash);
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => { if (!state.theme) setTheme(''); });

const current = new IntersectionObserver((entries) => {
  for (const entry of entries) {
    if (!entry.isIntersecting) continue;
    $$('.contents a').forEach((link) => {
      if (link.hash === `#${entry.target.id}`) link.setAttribute('aria-current', 'true'); else link.removeAttribute('aria-current');
    });
  }
}, { rootMargin: '-20% 0px -70% 0px' });
$$('main > section').forEach((section) => current.observe(section));
// beside the sections where there is room, folded above them where there is not
const wide = matchMedia('(min-width: 70rem)');
const unfold = () => $$('.contents details').forEach((details) => { details.open = wide.matches; });
wide.addEventListener('change', unfold);
unfold();
library.finally(() => { document.documentElement.dataset.ready = 'yes'; });
