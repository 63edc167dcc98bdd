/** The page's icons, drawn in a 20 by 20 field and coloured by the text around them. */
import { vector } from "./element.js";

const shapes = {
  grip: [6, 10, 14].flatMap((y) => [7, 13].map((x) => dot(x, y, 1.6))),
  more: [4.5, 10, 15.5].map((x) => dot(x, 10, 1.5)),
  plus: [stroke("M10 4v12M4 10h12")],
  minus: [stroke("M4 10h12")],
  back: [stroke("M12 4l-6 6 6 6")],
  play: [["path", { d: "M6 4l10 6-10 6z" }]],
  pause: [["path", { d: "M5 4h3.5v12H5zM11.5 4H15v12h-3.5z" }]],
  stop: [["path", { d: "M5 5h10v10H5z" }]],
  download: [stroke("M10 3v9M6 8.5l4 4 4-4M4 16.5h12")],
  copy: [stroke("M7 7V3.5h9.5V13H13M3.5 7H13v9.5H3.5z")],
  live: [dot(10, 10, 2), stroke("M6.5 13.5a5 5 0 0 1 0-7M13.5 6.5a5 5 0 0 1 0 7M4 16a8.5 8.5 0 0 1 0-12M16 4a8.5 8.5 0 0 1 0 12")],
  auto: [stroke("M10 3a7 7 0 1 0 0 14z M10 3a7 7 0 0 1 0 14"), ["path", { d: "M10 3a7 7 0 0 1 0 14z" }]],
  light: [dot(10, 10, 3.4), stroke("M10 2v2M10 16v2M2 10h2M16 10h2M4.3 4.3l1.4 1.4M14.3 14.3l1.4 1.4M4.3 15.7l1.4-1.4M14.3 5.7l1.4-1.4")],
  dark: [["path", { d: "M16.5 12.2A7 7 0 0 1 7.8 3.5a7 7 0 1 0 8.7 8.7z" }]],
  leave: [stroke("M8 3.5H4.5v13H8M8.5 10h8M13.5 7l3 3-3 3")],
};

/** One icon; it is decoration, the control that holds it has the name. */
export function icon(name) {
  const children = shapes[name].map(([tag, attributes]) => vector(tag, attributes));
  return vector("svg", { viewBox: "0 0 20 20", class: "icon", "aria-hidden": "true", focusable: "false" }, ...children);
}

function dot(cx, cy, r) {
  return ["circle", { cx, cy, r }];
}

function stroke(d) {
  return ["path", { d, class: "stroke" }];
}
