import assert from "node:assert/strict";
import { test } from "node:test";
import { colourNames } from "../../Sources/Hub/Pages/colour-names.js";
import { colourOf, luminance, payloadOf } from "../../Sources/Hub/Pages/colour.js";

test("a payload is read as the firmware reads it", () => {
  const cases = {
    red: "#ff0000", ReD: "#ff0000", "red\n": "#ff0000", "red;x": "#ff0000", " red": null, "": null, "\0": null, redd: null,
    "#abc": "#aabbcc", "#ABCDEF": "#abcdef", "#12345": null, "#1234567": null, "#12345678": null, "#123456;": "#123456",
    "#": null, "#12g": null, rebeccapurple: null, transparent: null,
  };
  const read = Object.fromEntries(Object.keys(cases).map((payload) => [payload, colourOf(payload)]));
  assert.deepEqual(read, cases);
});

test("there are 147 names, and gray is spelt both ways", () => {
  assert.equal(colourNames.size, 147);
  assert.equal(colourNames.get("darkslategrey"), colourNames.get("darkslategray"));
});

test("what a person types becomes a payload, a forgotten # included", () => {
  const cases = { " RoyalBlue ": "royalblue", ffb347: "#ffb347", "#FFF": "#fff", "red;x": null, blurple: null, "#12": null, "": null };
  const read = Object.fromEntries(Object.keys(cases).map((typed) => [typed, payloadOf(typed)]));
  assert.deepEqual(read, cases);
});

test("luminance goes from black to white", () => {
  assert.equal(luminance("#000000"), 0);
  assert.ok(Math.abs(luminance("#ffffff") - 1) < 1e-9);
  assert.ok(luminance("#0000ff") < luminance("#00ff00"));
});
