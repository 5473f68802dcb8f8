/**
 * The door to Streamlit: turns a view's `mount` into the default export of a component.
 *
 * Streamlit calls it again whenever data or theme change and uses what it returned last when the component goes.  A
 * click is a trigger, known to Python in one run only, so it cannot go round in circles.
 *
 * @typedef {{update: (bytes: Uint8Array) => void, destroy: () => void, root: HTMLElement}} Live
 * @typedef {{look?: Partial<import("./look.js").Look>, view?: string}} Change  of the look, or another view to open
 * @typedef {{onChange?: (change: Change) => void, chunks?: import("./chunks.js").Given}} Options
 * @typedef {(element: ParentNode, bytes: Uint8Array, options?: Options) => Live} Mount
 *
 * @param {Mount} mount
 */
export function component(mount) {
  const views = new WeakMap();
  return ({ data, parentElement, setTriggerValue }) => {
    const known = views.get(parentElement);
    const onChange = (change) => setTriggerValue("changed", change);
    if (known?.live.root.isConnected) {
      known.onChange = onChange;
      known.live.update(data);
    } else {
      known?.live.destroy();
      const entry = { onChange };
      entry.live = mount(parentElement, data, { onChange: (change) => entry.onChange(change) });
      views.set(parentElement, entry);
    }
    return () => {
      views.get(parentElement)?.live.destroy();
      views.delete(parentElement);
    };
  };
}
