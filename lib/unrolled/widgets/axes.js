// What stands at the axes of a chart: names with their indices, and round numbers.

/** A text with h_t and 10^−3 set as sub- and superscript. */
function withScripts(text) {
  return text.split(/([_^][A-Za-z0-9+−]+)/).map((part, k) =>
    (k % 2 ? element(part[0] === "_" ? "sub" : "sup", {}, part.slice(1)) : part));
}

/** Round numbers from low to high, at steps of 1, 2 or 5, at most so many; whole ones where asked. */
function ticks(low, high, most, whole = false) {
  const least = (high - low) / Math.max(1, most), power = 10 ** Math.floor(Math.log10(least));
  let step = power * [1, 2, 5, 10].find((k) => k * power >= least * (1 - 1e-9));
  if (whole) step = Math.max(1, Math.round(step));
  const digits = Math.max(0, -Math.floor(Math.log10(step) + 1e-9)), found = [];
  for (let k = Math.ceil(low / step - 1e-9); k * step <= high + 1e-9 * step; k++) {
    const value = k * step, size = Math.abs(value);
    const text = size < step / 2 ? "0" : size >= 1e5 || digits > 4 ? Number(value.toPrecision(9)).toExponential() : value.toFixed(digits);
    found.push({ value, text: text.replace("e+", "e").replaceAll("-", "−") });
  }
  return found;
}

/** Powers of ten, or 1, 2, 5 and their like where there is hardly one. */
function logTicks(low, high, most) {
  const [from, to] = [Math.log10(low), Math.log10(high)];
  if (to - from < 1.5) {
    const powers = Array.from({ length: Math.ceil(to) - Math.floor(from) + 1 }, (_, k) => Math.floor(from) + k);
    const values = powers.flatMap((k) => [1, 2, 5].map((m) => Number(`${m}e${k}`))).filter((v) => v >= low && v <= high);
    return values.map((value) => ({ value, text: number(value) }));
  }
  return ticks(from, to, most, true).map(({ value, text }) => ({ value: 10 ** value, text: "10", power: text }));
}
