// Finds the mathematics in a text, and renders it when it becomes visible.

const OPENING = /\\\(|\\\[|\$\$?|\\begin\{((?:align|gather|equation|alignat|multline|[pbvBV]?matrix|cases|array|split|aligned|gathered)\*?)\}|\\boxed\s?\{/g;
const LONGEST = 3000; // characters of one formula; a longer one is not rendered
const MOST = 3000; // formulas of one text
const OPTIONS = {
  output: 'mathml', throwOnError: true, strict: 'ignore', trust: false, maxExpand: 300, maxSize: 20,
};

const inSight = new IntersectionObserver((entries) => {
  const seen = entries.filter((entry) => entry.isIntersecting).map((entry) => entry.target);
  seen.forEach((span) => inSight.unobserve(span));
  const set = seen.filter(setFormula);
  // All are measured after all are rendered, so that the page is laid out once.
  const wide = set.filter((span) => span.offsetWidth > span.parentElement.clientWidth);
  wide.forEach((span) => span.classList.add('display'));
}, { rootMargin: '600px', scrollMargin: '600px' });

// The text as nodes; each formula is a span with its source until it is rendered.
function withMath(text) {
  const nodes = document.createDocumentFragment();
  let done = 0;
  let formulas = 0;
  OPENING.lastIndex = 0;
  for (let opening; formulas < MOST && (opening = OPENING.exec(text)); ) {
    const formula = formulaAt(text, opening);
    if (!formula) continue;
    formulas += 1;
    nodes.append(withDollars(text.slice(done, opening.index)));
    // A lone dollar sign is money: a formula could be torn from its amount at the end of a line.
    nodes.append(formula.tex.trim() === '\\$' ? '$'
      : formulaSpan(text.slice(opening.index, formula.end), formula));
    done = OPENING.lastIndex = formula.end;
  }
  nodes.append(withDollars(text.slice(done)));
  return nodes;
}

// Outside of mathematics an escaped dollar is a dollar, unless its backslash is escaped itself.
function withDollars(text) {
  return text.replace(/(?<!\\)((?:\\\\)*)\\\$/g, '$1$$');
}

// A bare answer: as mathematics if it is written as such, else as text.
function answerNodes(answer) {
  if (!answer) return '–';
  const isFormula = /[\\^_]/.test(answer) && !/(?<!\\)[$%&#]|\\[([]|\n/.test(answer) && answer.length < 300;
  const nodes = isFormula ? formulaSpan(answer, { tex: answer, display: false }) : withMath(answer);
  return element('span', { class: 'text', title: answer }, nodes);
}

function formulaSpan(source, formula) {
  const span = element('span', { class: 'math' }, source);
  span.formula = formula;
  inSight.observe(span);
  return span;
}

// Whether it could be rendered; otherwise (no mathematics, or nested too deeply) the source stays.
function setFormula(span) {
  const { tex, display } = span.formula;
  const set = document.createElement('span');
  const options = { ...OPTIONS, displayMode: display, macros: { '\\mbox': '\\text' } };
  try {
    katex.render(tex.replace(/(?<!\\)%/g, '\\%'), set, options); // people mean no comments
  } catch {
    return false;
  }
  span.replaceChildren(...set.childNodes);
  span.classList.add(display ? 'display' : 'inline');
  return true;
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

// The next dollar closes, or none does. Amounts of money are no mathematics: blanks next to the
// dollars within, or a digit behind, need a sign of mathematics between them.
function betweenDollars(near, inside) {
  const closing = /(?<!\\)(?:\\\\)*\$/.exec(near);
  if (!closing) return null;
  const end = closing.index + closing[0].length;
  const tex = near.slice(0, end - 1);
  if (!tex.trim() || /\n\s*\n/.test(tex)) return null;
  const bare = /^\s|\s$/.test(tex) || /\d/.test(near[end] ?? '');
  if (bare && (!/[\\^_=]/.test(tex) || /(?<![\\A-Za-z])[A-Za-z]{2,}\s+[A-Za-z]{2,}/.test(tex))) return null;
  return { tex, display: false, end: inside + end };
}

// Whether the character follows an odd number of backslashes.
function isEscaped(text, at) {
  let before = at;
  while (before > 0 && text[before - 1] === '\\') before -= 1;
  return (at - before) % 2 === 1;
}

// Where the brace that is open before the text closes; -1 if it does not.
function closingBrace(text) {
  let depth = 1;
  for (let at = 0; at < text.length; at += 1) {
    if (text[at] === '\\') at += 1;
    else if (text[at] === '{') depth += 1;
    else if (text[at] === '}' && (depth -= 1) === 0) return at;
  }
  return -1;
}
