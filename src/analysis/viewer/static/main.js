// The page: the URL contains the open problem, and the filters determine the list.

const page = data('page');
let listed = [];
let open = -1;

function addressOf(id) {
  return `#${encodeURIComponent(id)}`;
}

// The id in the URL; a typed URL may contain a % that encodes nothing.
function idFromAddress() {
  const named = location.hash.slice(1);
  try {
    return decodeURIComponent(named);
  } catch {
    return named;
  }
}

function openFromAddress() {
  const id = idFromAddress();
  open = id ? page.rows.findIndex((row) => row.id === id) : listed[0] ?? -1;
  if (open >= 0) openProblem(page, open);
  else sayNothingIsOpen(id);
  markCurrent(open);
}

function sayNothingIsOpen(id) {
  byId('problem').replaceChildren(...id
    ? [element('h2', {}, 'No such problem'), element('p', {}, 'No problem of this page has the id ',
      element('b', { class: 'text' }, id), '. Choose one from the list.')]
    : [element('p', {}, 'No problem passes the filters.')]);
  byId('problem').scrollTop = 0;
}

function filter() {
  listed = writeList(page);
  markCurrent(open);
}

function step(by) {
  const next = listed[listed.indexOf(open) + by];
  if (next !== undefined) location.hash = addressOf(page.rows[next].id);
}

document.title = `${page.methods.join(', ')}: ${page.dataset}`;
byId('method').append(...page.methods.map((name, method) => element('option', { value: method }, name)));
byId('of').hidden = page.methods.length < 2;
byId('filters').addEventListener('input', filter);
byId('filters').addEventListener('submit', (event) => event.preventDefault());
addEventListener('hashchange', openFromAddress);
addEventListener('keydown', (event) => {
  if (event.target.matches('input[type=search], select') || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === 'j') step(1);
  if (event.key === 'k') step(-1);
});
writeOverview(page);
filter();
openFromAddress();
