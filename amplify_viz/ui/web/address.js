/** Makes the page's address say the look that is shown, in place: the browser's Back leads where it led before. */

import { saying } from "./look_link.js";

/** @param {{data: {names: string[], link: Record<string, string>}}} component */
export default function ({ data: { names, link } }) {
  const said = saying(location.href, names, link);
  if (said !== location.href) history.replaceState(history.state, "", said);
  return () => {};
}
