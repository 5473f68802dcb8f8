import assert from "node:assert/strict";
import { test } from "node:test";

import {
  formatFixed, formatP, formatPercent, formatRanges, formatValue, formatWeight,
} from "../../amplify_viz/ui/web/numbers.js"; // prettier-ignore

test("a weight has three significant digits, and a bound where it is too small to matter", () => {
  assert.equal(formatWeight(0), "0");
  assert.equal(formatWeight(1), "1.00");
  assert.equal(formatWeight(0.12345), "0.123");
  assert.equal(formatWeight(0.000123456), "0.000123");
  assert.equal(formatWeight(0.00009), "<0.0001");
});

test("a value keeps three significant digits and a true minus sign", () => {
  assert.equal(formatValue(-12.345), "−12.3");
  assert.equal(formatValue(0), "0");
  assert.equal(formatValue(0.0000123), "1.23e−5");
  assert.equal(formatValue(1234567), "1.23e+6");
  assert.equal(formatValue(NaN), "–");
});

test("a column of numbers has the same decimals throughout", () => {
  assert.equal(formatFixed(-0.956, 2), "−0.96");
  assert.equal(formatFixed(5, 2), "5.00");
  assert.equal(formatFixed(null, 2), "–");
});

test("a p-value is written as in the figure", () => {
  assert.equal(formatP(0.0432), "0.043");
  assert.equal(formatP(0.00000043), "4e−7");
  assert.equal(formatP(0), "<1e−300");
  assert.equal(formatP(null), "–");
});

test("a probability is a percentage", () => assert.equal(formatPercent(0.9817), "98.2 %"));

test("runs of positions are drawn together and counted from one", () => {
  assert.equal(formatRanges([0, 1, 2, 5]), "1–3, 6");
  assert.equal(formatRanges([3]), "4");
  assert.equal(formatRanges([]), "");
});
