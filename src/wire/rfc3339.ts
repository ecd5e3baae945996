/** Times as the wire has them: RFC 3339, in UTC, to the millisecond. */

/** Makes a function from milliseconds since 1970 to text. It keeps its last answer: of many in a millisecond, one is made. */
export function rfc3339(): (ms: number) => string {
  let last = NaN, text = "";
  return function format(ms) {
    if (ms !== last) text = new Date(last = ms).toISOString();
    return text;
  };
}
