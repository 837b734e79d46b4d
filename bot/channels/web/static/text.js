// Text by code points: what the server counts. JavaScript counts UTF-16 units, two for 𠮷.

const astral = /[\ud800-\udbff][\udc00-\udfff]/;

/** A function from code points to UTF-16 units of a text; beyond its end, the end. */
export function unitsOf(text) {
  if (!astral.test(text)) return (point) => Math.min(Math.max(point, 0), text.length);
  const starts = [];
  for (let at = 0; at < text.length; at += text.codePointAt(at) > 0xffff ? 2 : 1) starts.push(at);
  return (point) => (point < starts.length ? starts[Math.max(point, 0)] : text.length);
}

/** `text[start:end]` by code points. */
export function slice(text, start, end) {
  const unit = unitsOf(text);
  return text.slice(unit(start), unit(end));
}

/** How many code points a text has. */
export function length(text) {
  let count = 0;
  for (let at = 0; at < text.length; at += text.codePointAt(at) > 0xffff ? 2 : 1) count += 1;
  return count;
}

/**
 * The paragraphs of a text, each a list of `{text, kinds}`. `ranges`: `{start, end, kind}` in code points; they may
 * overlap and reach beyond the text. Lines without text are left out.
 */
export function paragraphs(text, ranges) {
  const unit = unitsOf(text);
  const marked = ranges
    .map((range) => ({ start: unit(range.start), end: unit(range.end), kind: range.kind }))
    .filter((range) => range.start < range.end);
  const found = [];
  let offset = 0;
  for (const line of text.split("\n")) {
    if (line.trim()) found.push(pieces(line, offset, marked));
    offset += line.length + 1;
  }
  return found;
}

function pieces(line, offset, ranges) {
  const end = offset + line.length;
  const here = ranges.filter((range) => range.start < end && range.end > offset);
  const cuts = new Set([0, line.length]);
  for (const range of here) {
    cuts.add(Math.max(range.start - offset, 0));
    cuts.add(Math.min(range.end - offset, line.length));
  }
  const sorted = [...cuts].sort((a, b) => a - b);
  return sorted.slice(1).map((cut, at) => ({
    text: line.slice(sorted[at], cut),
    kinds: here
      .filter((range) => range.start <= offset + sorted[at] && range.end >= offset + cut)
      .map((range) => range.kind),
  }));
}
