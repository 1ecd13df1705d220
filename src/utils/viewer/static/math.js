// Finds the mathematics in a text, and sets it when it comes into sight.

const OPENING = /\\\(|\\\[|\$\$?|\\begin\{((?:align|gather|equation|alignat|multline|[pbvBV]?matrix|cases|array|split|aligned|gathered)\*?)\}|\\boxed\s?\{/g;
const LONGEST = 3000; // characters of one formula; what is longer stays as it is
const OPTIONS = { output: 'mathml', throwOnError: true, strict: 'ignore', trust: false, maxExpand: 300, maxSize: 20 };

const inSight = new IntersectionObserver((entries) => {
  for (const entry of entries) {
    if (entry.isIntersecting) {
      inSight.unobserve(entry.target);
      setFormula(entry.target);
    }
  }
}, { root: byId('problem'), rootMargin: '600px' });

// The text as nodes; each formula is a span that holds its source until it is set.
function withMath(text) {
  const nodes = document.createDocumentFragment();
  let done = 0;
  OPENING.lastIndex = 0;
  for (let opening; (opening = OPENING.exec(text)); ) {
    const formula = formulaAt(text, opening);
    if (!formula) continue;
    nodes.append(text.slice(done, opening.index));
    const span = element('span', { class: 'math' }, text.slice(opening.index, formula.end));
    span.formula = formula;
    inSight.observe(span);
    nodes.append(span);
    done = OPENING.lastIndex = formula.end;
  }
  nodes.append(text.slice(done));
  return nodes;
}

function setFormula(span) {
  const { tex, display } = span.formula;
  const set = document.createElement('span');
  try {
    katex.render(tex, set, { ...OPTIONS, displayMode: display });
  } catch {
    return; // no mathematics after all, or nested too deeply: the source stays
  }
  span.replaceChildren(...set.childNodes);
  span.classList.add(display ? 'display' : 'inline');
}

// {tex, display, end} of the formula that begins with `opening`, or null.
function formulaAt(text, opening) {
  const start = opening.index;
  const inside = start + opening[0].length;
  if (isEscaped(text, start)) return null;
  const near = text.slice(inside, inside + LONGEST);
  if (opening[0] === '$') return betweenDollars(near, inside);
  if (opening[0].startsWith('\\boxed')) {
    const closing = closingBrace(near);
    return closing < 0 ? null : {
      tex: text.slice(start, inside + closing + 1), display: false, end: inside + closing + 1,
    };
  }
  if (opening[1]) {
    const mark = `\\end{${opening[1]}}`;
    const closing = near.indexOf(mark);
    const end = inside + closing + mark.length;
    return closing < 0 ? null : { tex: text.slice(start, end), display: true, end };
  }
  const mark = { '\\(': '\\)', '\\[': '\\]', '$$': '$$' }[opening[0]];
  const closing = near.indexOf(mark);
  if (closing < 0) return null;
  const display = mark !== '\\)';
  return { tex: near.slice(0, closing), display, end: inside + closing + mark.length };
}

// Amounts of money are no mathematics: no white space next to the dollars within, no digit behind
// (but for a command, as in `$\$$1500`).
function betweenDollars(near, inside) {
  if (!near || /\s/.test(near[0])) return null;
  const blank = near.search(/\n\s*\n/);
  const reach = blank < 0 ? near : near.slice(0, blank);
  for (let at = reach.indexOf('$'); at >= 0; at = reach.indexOf('$', at + 1)) {
    if (isEscaped(reach, at) || /\s/.test(reach[at - 1] ?? ' ')) continue;
    if (/\d/.test(near[at + 1] ?? '') && near[0] !== '\\') continue;
    return { tex: reach.slice(0, at), display: false, end: inside + at + 1 };
  }
  return null;
}

// Whether the character stands behind an odd number of backslashes.
function isEscaped(text, at) {
  let before = at;
  while (before > 0 && text[before - 1] === '\\') before -= 1;
  return (at - before) % 2 === 1;
}

// Where the brace closes that is open before the text; -1 if nowhere.
function closingBrace(text) {
  let depth = 1;
  for (let at = 0; at < text.length; at += 1) {
    if (text[at] === '\\') at += 1;
    else if (text[at] === '{') depth += 1;
    else if (text[at] === '}' && (depth -= 1) === 0) return at;
  }
  return -1;
}
