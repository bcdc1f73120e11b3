// The numbers behind cards and pages.
const atlas = read('atlas');

/** A quantised table as a function of row and column. */
function unpack(packed) {
  if (!packed) return null;
  const text = atob(packed.bytes);
  const bytes = Uint8Array.from(text, (char) => char.charCodeAt(0));
  const whole = new { 8: Int8Array, 16: Int16Array, 32: Int32Array }[packed.bits](bytes.buffer);
  const none = -(2 ** (packed.bits - 1));
  return (row, column) => {
    const value = whole[row * packed.columns + column];
    return value === none ? NaN : value * packed.scale[column];
  };
}

atlas.genes = page.gene.map(({ id }) => id);

const SIZE = { factor: page.factor.length, gene_set: page.gene_set.length, sample: page.sample.length };
const score = unpack(atlas.scores);
const activity = unpack(atlas.activity);
const memberLoading = unpack(atlas.member_loadings);
const weight = unpack(atlas.weights);
const probability = unpack(atlas.probability);
const lowest = atlas.intervals && unpack(atlas.intervals.lower);
const highest = atlas.intervals && unpack(atlas.intervals.upper);
const views = atlas.views.map((view) => {
  const value = unpack(view.values);
  return {
    ...view, loading: unpack(view.loadings), spread: unpack(view.sd),
    value: value && ((sample, gene) => (gene < view.values.columns ? value(sample, gene) : NaN)),
    row: new Map(view.genes.map((gene, index) => [gene, index])),
  };
});

/** A button that selects. */
const pick = (entity, entry, words) => element('button', { type: 'button', class: 'pick', 'data-pick': entity, 'data-id': entry.id, onclick: () => select(entity, entry.id) }, words || entry.label);
/** Things with commas between them and a mark at the end, each on the line of what it follows. */
function series(parts, end = '') {
  return parts.flatMap((part, i) => {
    const items = [part].flat();
    const last = items.pop();
    const mark = i < parts.length - 1 ? ',' : end;
    return [i ? ' ' : '', ...items, ...(last instanceof Element && mark ? [element('span', { class: 'kept' }, last, mark)] : [last, mark])];
  });
}

/** Activity of a gene set in every sample. */
function activityOf(set) {
  return range(SIZE.sample).map((sample) => activity(sample, set));
}
const scoresOf = (factor) => range(SIZE.sample).map((sample) => score(sample, factor));
const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;
const deviation = (values) => { const centre = mean(values); return Math.sqrt(mean(values.map((value) => (value - centre) ** 2))); };
const spreads = new Map();
function moments(set) {
  if (!spreads.has(set)) { const values = activityOf(set); spreads.set(set, { mean: mean(values), sd: deviation(values) }); }
  return spreads.get(set);
}

/** The factor of a gene set: the selected one, or the one where it weighs most. */
function leadingFactor(set) {
  if (state.factor) return known.factor.get(state.factor);
  return range(SIZE.factor).reduce((best, k) => (Math.abs(weight(set, k)) > Math.abs(weight(set, best)) ? k : best), 0);
}

/** The gene set that weighs most in a factor, or of all. */
function leadingSet() {
  const factors = state.factor ? [known.factor.get(state.factor)] : range(SIZE.factor);
  const best = { set: 0, rank: -1, likely: false };
  for (const set of range(SIZE.gene_set)) for (const k of factors) {
    const likely = probability(set, k) >= atlas.likely;
    const rank = Math.abs(weight(set, k));
    if (likely > best.likely || (likely === best.likely && rank > best.rank)) Object.assign(best, { set, rank, likely });
  }
  return best;
}

function correlation(a, b) {
  const both = range(a.length).filter((i) => Number.isFinite(a[i]) && Number.isFinite(b[i]));
  if (both.length < 3) return NaN;
  const x = both.map((i) => a[i]);
  const y = both.map((i) => b[i]);
  const [mx, my] = [mean(x), mean(y)];
  const top = x.reduce((sum, value, i) => sum + (value - mx) * (y[i] - my), 0);
  return top / Math.sqrt(x.reduce((sum, value) => sum + (value - mx) ** 2, 0) * y.reduce((sum, value) => sum + (value - my) ** 2, 0));
}

const plain = (name) => String(name).replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
/** A name that fits: its ends, of words that fit whole ones. */
function clipped(name, length = 42) {
  if (name.length <= length) return name;
  const size = Math.floor((length - 1) * 2 / 3);
  const head = name.slice(0, size + 1).replace(/\s\S*$/, '').slice(0, size);
  const tail = name.slice(head.length - length).replace(/^\S*\s/, '').slice(head.length + 1 - length);
  return `${head}…${tail}`;
}
