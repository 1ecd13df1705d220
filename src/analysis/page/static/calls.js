// Links from a call's bar to its text and back; following one highlights both.

// The place of a call's text: an execution's, a plan's, or the final one.
function textPlace(view, phase, prompt) {
  const written = view.phases[phase - 1];
  if (!written) return 'final-0';
  return `${phase}-${prompt <= written.executions.length ? prompt : 0}`;
}

// The bar of each text, by the text's place: the last kept attempt, else the last one.
function barsOfTexts(view, bars) {
  const found = new Map();
  for (const bar of bars) {
    const text = textPlace(view, bar.phase, bar.prompt);
    const own = text.endsWith(`-${bar.lane}`); // some executors have left no text, and lead to the plan
    if (own && (bar.kept || !found.get(text)?.kept)) found.set(text, bar);
  }
  return found;
}

function textId(method, place) {
  return `text-${method}-${place}`;
}

function barId(method, place) {
  return `bar-${method}-${place}`;
}

function goToText(method, place) {
  const text = mark(method, place).text;
  text.scrollIntoView({ block: 'start' });
  text.focus({ preventScroll: true });
}

function goToBar(method, place) {
  const bar = mark(method, place).bar;
  bar.scrollIntoView({ block: 'center' });
  bar.focus({ preventScroll: true });
}

// The highlighted item in the open problem, as [method, place], to highlight it again when redrawn.
let marked = null;

function forgetMark() {
  marked = null;
}

function markAgain() {
  if (marked) mark(...marked);
}

function mark(method, place) {
  marked = [method, place];
  const call = { text: byId(textId(method, place)), bar: byId(barId(method, place)) };
  for (const one of byId('problem').querySelectorAll('[aria-current]')) one.removeAttribute('aria-current');
  call.text.setAttribute('aria-current', 'true');
  call.bar?.setAttribute('aria-current', 'true');
  return call;
}

// With the way back to the bar, where one is drawn.
function writeHeading(tag, title, method, place, name) {
  const says = `To the timeline: ${title}, ${name}`;
  const back = byId(barId(method, place)) && element('button', {
    type: 'button', class: 'back', title: says, 'aria-label': says, onclick: () => goToBar(method, place),
  }, '↑ timeline');
  return element('div', { class: 'heading' }, element(tag, {}, title), back);
}
