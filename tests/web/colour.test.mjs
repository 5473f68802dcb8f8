import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import {
  contrast, css, fromOklab, inkOn, luminance, mix, onBackground, parseColour, standingOut, toOklab,
} from "../../amplify_viz/ui/web/colour.js"; // prettier-ignore
import { depth } from "../../amplify_viz/ui/web/depth.js";

const SOURCE = readFileSync(new URL("../../amplify_viz/colours.py", import.meta.url), "utf8");
const PALETTE = SOURCE.match(/#[0-9a-f]{6}/g).map(parseColour);
const HEADS = SOURCE.match(/HEADS = \(([^)]*)\)/)[1].match(/#[0-9a-f]{6}/g).map(parseColour);
const THEMES = {
  light: { background: [255, 255, 255], text: [27, 37, 41] },
  dark: { background: [17, 23, 26], text: [228, 234, 236] },
};

test("colours are read in every form that a canvas gives back", () => {
  assert.deepEqual(parseColour("#0a141e"), [10, 20, 30]);
  assert.deepEqual(parseColour("#fff"), [255, 255, 255]);
  assert.deepEqual(parseColour("rgba(10, 20, 30, 0.5)"), [10, 20, 30]);
  assert.throws(() => parseColour("unset"), /not a colour: unset/);
});

test("a mix lies between its ends", () => {
  assert.deepEqual(mix([0, 0, 0], [100, 200, 50], 0.5), [50, 100, 25]);
  assert.equal(css([50.4, 100, 25], 0.5), "rgba(50, 100, 25, 0.5)");
});

test("contrast is that of WCAG", () => {
  assert.equal(contrast([0, 0, 0], [255, 255, 255]), 21);
  assert.equal(contrast([119, 119, 119], [119, 119, 119]), 1);
  assert.ok(Math.abs(contrast([118, 118, 118], [255, 255, 255]) - 4.54) < 0.01);
});

test("OKLab and back is the same colour", () => {
  for (const rgb of PALETTE) fromOklab(toOklab(rgb)).forEach((channel, i) => assert.ok(Math.abs(channel - rgb[i]) < 1));
});

test("the palette is drawn as it is on white", () => {
  for (const rgb of PALETTE) assert.deepEqual(onBackground(rgb, THEMES.light.background), rgb);
});

test("every colour of the palette is seen on a dark page", () => {
  for (const rgb of PALETTE) {
    const seen = contrast(onBackground(rgb, THEMES.dark.background), THEMES.dark.background);
    assert.ok(seen >= 3, `${rgb}: ${seen}`);
  }
});

test("heads stay apart on a dark page", () => {
  const apart = (colours) =>
    Math.min(
      ...colours.flatMap((a, i) =>
        colours.slice(i + 1).map((b) => Math.hypot(...toOklab(a).map((part, axis) => part - toOklab(b)[axis]))),
      ),
    );
  const dark = HEADS.map((rgb) => onBackground(rgb, THEMES.dark.background));
  assert.ok(apart(dark) > 0.65 * apart(HEADS), `${apart(dark)} of ${apart(HEADS)}`);
});

test("text on any colour is readable", () => {
  for (const rgb of PALETTE) assert.ok(contrast(inkOn(rgb), rgb) >= 4.5);
});

test("a colour is moved no further than it must to stand out", () => {
  for (const { background } of Object.values(THEMES)) {
    for (const rgb of PALETTE) assert.ok(contrast(standingOut(rgb, background, 4.5), background) >= 4.5);
  }
  assert.deepEqual(standingOut([0, 0, 0], [255, 255, 255], 4.5), [0, 0, 0]);
});

test("a deeper shade is always further from the page's colour", () => {
  for (const theme of Object.values(THEMES)) {
    const blue = onBackground([31, 111, 196], theme.background);
    const steps = Array.from({ length: 21 }, (_, i) => contrast(depth(i / 20, theme, blue), theme.background));
    steps.slice(1).forEach((step, i) => assert.ok(step > steps[i]));
  }
});

test("white is lighter than black", () => assert.deepEqual([luminance([0, 0, 0]), luminance([255, 255, 255])], [0, 1]));
