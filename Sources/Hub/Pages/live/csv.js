/** A stream as a table for other programs (RFC 4180). */

/** The samples of a buffer between two times: `time` as UTC, `milliseconds` since 1970, `sequence` (one more for each sample of the device), `value`. */
export function csv(buffer, from = -Infinity, to = Infinity) {
  const lines = ["time,milliseconds,sequence,value"];
  for (let index = buffer.firstAt(from); index < buffer.length && buffer.time(index) <= to; index += 1) {
    const time = buffer.time(index);
    lines.push(`${new Date(time).toISOString()},${Math.round(time * 1000) / 1000},${buffer.sequence(index)},${buffer.value(index)}`);
  }
  return lines.join("\r\n") + "\r\n";
}

/** A name for the file: the unit and the time of its end. */
export function csvName(unit, time) {
  const word = unit.toLowerCase().replace(/[^a-z0-9]+/g, "-").replace(/^-|-$/g, "") || "unit";
  return `${word}-${new Date(time).toISOString().slice(0, 19).replace(/[:T]/g, "-")}.csv`;
}
