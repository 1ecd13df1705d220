// The page's life: a problem is chosen, both methods solve it, and their numbers are compared.

const DRAW_EVERY = 50; // milliseconds
const { models, problems } = data('demo');
const NAMES = ['SPRINT', 'serial'];
const OWN = 'your own';

let runs = [];
let stopping = null;
let reference = '';
let drawn = 0;

function chooseSample() {
  const sample = problems[byId('sample').value];
  if (!sample) return;
  byId('question').value = sample.question;
}

// The reference answer, as long as the problem is the sample's.
function referenceOf(question) {
  return problems.find((problem) => problem.question === question)?.answer ?? '';
}

async function solve(event) {
  event.preventDefault();
  if (stopping) return;
  const question = byId('question').value;
  reference = referenceOf(question);
  stopping = new AbortController();
  const { signal } = stopping;
  runs = [];
  forgetMark();
  byId('columns').replaceChildren();
  byId('outcome').replaceChildren();
  setRunning(true, 'Solving …');
  requestAnimationFrame(draw);
  const race = (model, method) => follow(model, method, question, signal);
  if (byId('in-turn').checked) {
    for (const [method, model] of models.entries()) if (!signal.aborted) await race(model, method);
  } else {
    await Promise.all(models.map(race));
  }
  const failed = runs.some((run) => run.error);
  stopping = null;
  setRunning(false, signal.aborted ? 'Stopped.' : failed ? 'At least one method failed.' : 'Done.');
  drawNow();
  byId('outcome').replaceChildren(outcome(runs));
}

// One method's run, from its request to its end.
async function follow(model, method, question, signal) {
  const run = newRun(NAMES[method], method === 1);
  runs[method] = run;
  byId('columns').append(openPane(run, method));
  try {
    run.usage = await ask(model, question, byId('key').value, signal, (event) => hear(run, event));
  } catch (error) {
    run.stopped = signal.aborted;
    run.error = error.message || 'the request failed';
    if (error.status === 401) byId('key-row').hidden = false;
  }
  endRun(run);
  writeVerdict(run);
  markOnPath(run);
}

function setRunning(running, says) {
  byId('solve').disabled = running;
  byId('stop').disabled = !running;
  byId('state').textContent = says;
}

function draw(time) {
  if (!stopping) return;
  if (time - drawn >= DRAW_EVERY) {
    drawn = time;
    drawNow();
  }
  requestAnimationFrame(draw);
}

function drawNow() {
  const views = [...models.keys()].map((method) => (runs[method] ? viewOf(runs[method]) : null));
  const focused = byId('timeline').contains(document.activeElement) ? document.activeElement.id : '';
  byId('timeline').replaceChildren(drawTimeline(views, NAMES, 'seconds'));
  if (focused) byId(focused)?.focus({ preventScroll: true });
  runs.forEach(writeRun);
  markAgain();
}

function writeVerdict(run) {
  const { verdict } = run.shown;
  if (run.error) {
    verdict.classList.add('failed');
    verdict.append(run.stopped ? 'Stopped.' : `Failed: ${run.error}`);
    return;
  }
  const answer = answerOf(run.final);
  verdict.append('Answer: ', answerNodes(answer));
  if (reference) {
    const right = answer === reference;
    const says = right ? '✓ right' : `✗ wrong, the reference is ${reference}`;
    verdict.append(' ', element('b', { class: right ? 'right' : 'wrong' }, says));
  }
  if (run.note) verdict.append(` (${run.note})`);
}

function markOnPath(run) {
  writeRun(run);
  for (const execution of executionsOnPath(viewOf(run), 'seconds')) {
    byId(textId(run.shown.method, execution.replace('.', '-')))?.classList.add('on-path');
  }
}

// The last box of a final answer, or all of it.
function answerOf(final) {
  const opening = final.lastIndexOf('\\boxed{');
  if (opening < 0) return final.trim();
  const inside = final.slice(opening + '\\boxed{'.length);
  const closing = closingBrace(inside);
  return (closing < 0 ? inside : inside.slice(0, closing)).trim();
}

// "SPRINT 3.1 s, 210 sequential tokens of 340; serial 4.4 s, 420 tokens; 1.4 times as fast"
function outcome([sprint, serial]) {
  const says = [sprint, serial].filter((run) => run?.usage).map((run) => {
    const { usage, sprint: { sequential_tokens: sequential } } = run.usage;
    const tokens = run.serial || sequential === null || !run.final ? plural(usage.completion_tokens, 'token')
      : `${sequential} sequential tokens of ${usage.completion_tokens}`;
    return `${run.name} ${show(run.seconds, 1)} s, ${tokens}`;
  });
  if (sprint?.usage && serial?.usage && sprint.final && serial.final && sprint.seconds > 0) {
    says.push(`${show(serial.seconds / sprint.seconds, 1)} times as fast`);
  }
  return says.join('; ');
}

byId('sample').append(
  ...problems.map((problem, number) => element('option', { value: number }, problem.name)),
  element('option', { value: OWN }, OWN));
byId('sample').addEventListener('change', chooseSample);
byId('question').addEventListener('input', () => {
  const known = problems.findIndex((problem) => problem.question === byId('question').value);
  byId('sample').value = known < 0 ? OWN : known;
});
byId('form').addEventListener('submit', solve);
byId('stop').addEventListener('click', () => stopping?.abort());
chooseSample();
