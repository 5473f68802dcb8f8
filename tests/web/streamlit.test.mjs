import assert from "node:assert/strict";
import { test } from "node:test";

import { onPoint, point } from "../../amplify_viz/ui/web/link.js";
import { component } from "../../amplify_viz/ui/web/streamlit.js";

function stage() {
  const log = [];
  const mount = (_, data, { onChange }) => {
    log.push(`mount ${data}`);
    return {
      root: { isConnected: true },
      update: (newer) => log.push(`update ${newer}`),
      destroy: () => log.push("destroy"),
      click: (change) => onChange(change),
    };
  };
  const views = [];
  const render = component((...args) => (views.push(mount(...args)), views.at(-1)));
  return { log, views, render };
}

test("a view is mounted once in a place and then updated", () => {
  const { log, render } = stage();
  const parentElement = {};
  render({ data: 1, parentElement, setTriggerValue() {} });
  const leave = render({ data: 2, parentElement, setTriggerValue() {} });
  leave();
  assert.deepEqual(log, ["mount 1", "update 2", "destroy"]);
});

test("two places have two views", () => {
  const { log, render } = stage();
  render({ data: 1, parentElement: {}, setTriggerValue() {} });
  render({ data: 2, parentElement: {}, setTriggerValue() {} });
  assert.deepEqual(log, ["mount 1", "mount 2"]);
});

test("a view whose element was taken away is mounted anew", () => {
  const { log, views, render } = stage();
  const parentElement = {};
  render({ data: 1, parentElement, setTriggerValue() {} });
  views[0].root.isConnected = false;
  render({ data: 2, parentElement, setTriggerValue() {} });
  assert.deepEqual(log, ["mount 1", "destroy", "mount 2"]);
});

test("a change reaches the newest run of the page, as a trigger", () => {
  const { views, render } = stage();
  const parentElement = {};
  const sent = [];
  render({ data: 1, parentElement, setTriggerValue: (...args) => sent.push(["old", ...args]) });
  render({ data: 2, parentElement, setTriggerValue: (...args) => sent.push(["new", ...args]) });
  views[0].click({ look: { layer: 3 } });
  assert.deepEqual(sent, [["new", "changed", { look: { layer: 3 } }]]);
});

test("views hear each other but not themselves, until they end", () => {
  const [a, b, ending] = [{}, {}, new AbortController()];
  const heard = [];
  onPoint(a, ending.signal, (...args) => heard.push(["a", ...args]));
  onPoint(b, ending.signal, (...args) => heard.push(["b", ...args]));
  point(a, "text", 4);
  ending.abort();
  point(a, "text", 5);
  assert.deepEqual(heard, [["b", "text", 4]]);
});
