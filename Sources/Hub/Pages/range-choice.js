/** How much time all charts show; kept in this browser. */
import { keep, kept } from "./browser-storage.js";
import { element, uniqueID } from "./element.js";

const ranges = [
  { name: "1 min", milliseconds: 60e3 },
  { name: "10 min", milliseconds: 600e3 },
  { name: "1 h", milliseconds: 3600e3 },
  { name: "1 day", milliseconds: 86400e3 },
];
const usual = ranges[1];

/** The kept range in milliseconds. */
export function keptRange() {
  return (ranges.find(({ milliseconds }) => String(milliseconds) === kept("range")) ?? usual).milliseconds;
}

/** A group of radio buttons; `onRange` is told the chosen length in milliseconds. */
export function rangeChoice(onRange) {
  const group = uniqueID("range");
  const present = keptRange();
  const choices = ranges.map(({ name, milliseconds }) => {
    const choose = () => {
      keep("range", String(milliseconds));
      onRange(milliseconds);
    };
    return element(
      "label",
      { class: "segment" },
      element("input", { type: "radio", name: group, checked: milliseconds === present, onchange: choose, class: "visually-hidden" }),
      element("span", {}, name),
    );
  });
  return element("fieldset", { class: "segments" }, element("legend", { class: "visually-hidden" }, "Time shown in charts"), ...choices);
}
