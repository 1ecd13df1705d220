// The list of problems: filters and order, by one method's numbers.

const SYMBOL = { correct: '✓', incorrect: '✗', no_answer: '∅' };
const FILTERS = {
  all: () => true,
  wrong: (one) => one !== null && one.status !== null && one.status !== 'correct',
  unparsable: (one) => one !== null && !['correct', 'incorrect', null].includes(one.status),
  marked: (one) => one !== null && one.marked,
};
// The value that orders the list, and how a row shows it; without an order, its length.
const ORDERS = {
  given: null,
  longest: (one) => one?.sequential ?? null,
  phases: (one) => one?.phases ?? null,
  widest: (one) => one?.width ?? null,
  slowest: (one) => one?.seconds ?? null,
};

// The numbers of the problems that pass the filters, in order.
function chosenProblems(page) {
  const method = Number(byId('method').value);
  const words = byId('search').value.toLowerCase().split(/\s+/);
  const passes = FILTERS[byId('filter').value];
  const found = [...page.rows.keys()].filter((number) => {
    const row = page.rows[number];
    const text = `${row.id} level ${row.level} ${row.subject}`.toLowerCase();
    return passes(row.summaries[method]) && words.every((word) => text.includes(word));
  });
  const value = ORDERS[byId('order').value];
  if (value) {
    const of = (number) => value(page.rows[number].summaries[method]) ?? -1;
    found.sort((one, other) => of(other) - of(one));
  }
  return found;
}

function writeList(page) {
  const found = chosenProblems(page);
  const count = found.length === page.rows.length
    ? plural(found.length, 'problem') : `${found.length} of ${plural(page.rows.length, 'problem')}`;
  byId('found').replaceChildren(element('span', { role: 'status' }, count), ...shownMethods(page).map(
    (method) => element('span', { class: 'summary', title: page.methods[method] }, page.methods[method])));
  const beginning = commonBeginning(page);
  byId('problems').replaceChildren(...found.map((number) => writeRow(page, number, beginning)));
  return found;
}

// A prefix shared by all ids, up to a `_`, is of no use in a narrow list.
function commonBeginning(page) {
  const [first, ...others] = page.rows.map((row) => row.id);
  let length = others.length ? first.lastIndexOf('_') + 1 : 0;
  while (length > 0 && !others.every((id) => id.startsWith(first.slice(0, length)))) {
    length = length > 1 ? first.lastIndexOf('_', length - 2) + 1 : 0;
  }
  return length;
}

// There is room for two; if there are more, only the one that filters is shown.
function shownMethods(page) {
  return page.methods.length > 2 ? [Number(byId('method').value)] : [...page.methods.keys()];
}

function writeRow(page, number, beginning) {
  const row = page.rows[number];
  const order = byId('order').value;
  const value = (one) => show((ORDERS[order] ?? ORDERS.longest)(one), order === 'slowest' ? 2 : 0);
  const numbers = shownMethods(page).map((method) => {
    const one = row.summaries[method];
    const says = `${page.methods[method]}: ${one ? verdictWords(one) : 'not in the folder'}`;
    return element('span', { class: `summary ${verdictOf(one)}`, title: says },
      one ? `${one.status ? SYMBOL[one.status] ?? '?' : '–'} ${value(one)}` : '–');
  });
  return element('li', { 'data-number': number },
    element('a', { href: addressOf(row.id), title: row.id },
      element('bdi', {}, row.id.slice(beginning) || row.id)), ...numbers);
}

function verdictOf(one) {
  if (!one || one.status === null) return 'unknown';
  return one.status === 'correct' ? 'right' : 'wrong';
}

function verdictWords(one) {
  const verdict = one.status ? STATUS[one.status] : 'no reference';
  return [verdict, one.phases === null ? '' : plural(one.phases, 'phase'),
    one.width ? `up to ${plural(one.width, 'prompt')} at once` : ''].filter(Boolean).join(', ');
}

function markCurrent(number) {
  for (const item of byId('problems').children) {
    const current = item.dataset.number === String(number);
    if (current) item.firstChild.setAttribute('aria-current', 'true');
    else item.firstChild.removeAttribute('aria-current');
    if (current) item.scrollIntoView({ block: 'nearest' });
  }
}

function writeOverview(page) {
  const lines = page.methods.map((name, method) => {
    const known = page.rows.map((row) => row.summaries[method]).filter((one) => one !== null);
    const graded = known.filter((one) => one.status !== null);
    const right = graded.filter((one) => one.status === 'correct').length;
    const tokens = meanOf(known.map((one) => one.sequential));
    const phases = meanOf(known.map((one) => one.phases));
    const means = [tokens === null ? '' : `${show(tokens)} sequential ${page.unit}`,
      phases === null ? '' : `${show(phases, 1)} phases`].filter(Boolean).join(' and ');
    const says = [`${plural(known.length, 'problem')}`, graded.length ? `${right} correct` : 'no reference answers',
      means && `on average ${means}`];
    return element('li', {}, element('b', {}, name), `: ${says.filter(Boolean).join(', ')}`);
  });
  byId('overview').replaceChildren(element('h1', {}, page.dataset), element('ul', {}, ...lines));
}

// Over known values; null if there are none.
function meanOf(values) {
  const known = values.filter((value) => value !== null);
  return known.length ? known.reduce((sum, value) => sum + value, 0) / known.length : null;
}
