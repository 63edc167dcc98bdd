/** Round numbers and round times for the axes of a plot. */

/** Values from `least` to `greatest` that people write down, about `count` of them. */
export function valueTicks(least, greatest, count) {
  const wanted = (greatest - least) / Math.max(1, count);
  if (!(wanted > 0)) return [];
  const power = 10 ** Math.floor(Math.log10(wanted));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((each) => each >= wanted);
  const digits = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
  const ticks = [];
  for (let index = Math.ceil(least / step - 1e-9); index * step <= greatest + step * 1e-9; index += 1) {
    ticks.push({ value: index * step, label: (index * step + 0).toFixed(digits).replace(/^-(0(\.0*)?)$/, "$1") });
  }
  return ticks;
}

const timeSteps = [100, 200, 500, 1000, 2000, 5000, 10000, 15000, 30000, 60000, 120000, 300000, 600000];

/** Times between two moments (milliseconds since 1970), at most `count`, labelled as the clock shows them there. */
export function timeTicks(from, to, count, zoneOffset) {
  const wanted = (to - from) / Math.max(1, count);
  const step = timeSteps.find((each) => each >= wanted) ?? timeSteps.at(-1);
  const ticks = [];
  for (let time = Math.ceil(from / step) * step; time <= to; time += step) {
    const text = new Date(time + zoneOffset).toISOString();
    ticks.push({ time, label: step < 1000 ? text.slice(14, 21) : text.slice(11, 19) });
  }
  return ticks;
}
