// Student's t test of two groups of samples, and false discovery rates, as pathfa.associate has them.

/** Logarithm of the gamma function, by the series of Lanczos. */
function logGamma(x) {
  const terms = [76.18009172947146, -86.50532032941677, 24.01409824083091, -1.231739572450155, 1.208650973866179e-3, -5.395239384953e-6];
  const shift = x + 5.5;
  const sum = terms.reduce((total, term, i) => total + term / (x + 1 + i), 1.000000000190015);
  return (x + 0.5) * Math.log(shift) - shift + Math.log(2.5066282746310005 * sum / x);
}

/** Regularised incomplete beta function, by the continued fraction of Lentz. */
function incompleteBeta(x, a, b) {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  if (x > (a + 1) / (a + b + 2)) return 1 - incompleteBeta(1 - x, b, a);
  const front = Math.exp(logGamma(a + b) - logGamma(a) - logGamma(b) + a * Math.log(x) + b * Math.log1p(-x)) / a;
  const safe = (value) => (Math.abs(value) < 1e-300 ? 1e-300 : value);
  let c = 1;
  let d = 1 / safe(1 - (a + b) * x / (a + 1));
  let fraction = d;
  for (let m = 1; m < 1000; m += 1) {
    const even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / safe(1 + even * d);
    c = safe(1 + even / c);
    fraction *= d * c;
    const odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / safe(1 + odd * d);
    c = safe(1 + odd / c);
    fraction *= d * c;
    if (Math.abs(d * c - 1) < 1e-15) break;
  }
  return front * fraction;
}

/** Probability of a t as far from 0 or farther, on both sides. */
const twoSided = (t, df) => incompleteBeta(df / (df + t * t), df / 2, 0.5);

/** The t beyond which a share of the distribution lies, on both sides together. */
function tLimit(share, df) {
  let [low, high] = [0, 1];
  while (twoSided(high, df) > share) high *= 2;
  for (let step = 0; step < 200 && high - low > 1e-13 * high; step += 1) {
    const middle = (low + high) / 2;
    if (twoSided(middle, df) > share) low = middle; else high = middle;
  }
  return (low + high) / 2;
}

/** Difference of the means of A and B in sd over both together, with its 95 % interval and p; null where all are alike. */
function student(first, second) {
  const all = [...first, ...second];
  const squares = (values) => { const centre = mean(values); return values.reduce((sum, value) => sum + (value - centre) ** 2, 0); };
  const sd = Math.sqrt(squares(all) / (all.length - 1));
  if (!(sd > 1e-9 * Math.max(...all.map(Math.abs)))) return null;
  const df = all.length - 2;
  const effect = (mean(first) - mean(second)) / sd;
  const error = Math.sqrt((squares(first) + squares(second)) / df * (1 / first.length + 1 / second.length)) / sd;
  const reach = tLimit(0.05, df) * error;
  return { effect, lower: effect - reach, upper: effect + reach, p: error > 0 ? twoSided(effect / error, df) : 0 };
}

/** False discovery rates of Benjamini and Hochberg. */
function discoveryRates(p) {
  const order = range(p.length).sort((a, b) => p[b] - p[a]);
  const q = Array(p.length);
  let least = 1;
  order.forEach((place, i) => { least = Math.min(least, p[place] * p.length / (p.length - i)); q[place] = least; });
  return q;
}
