// The texts of one method while they are written: only what is new is put on the page.

function openPane(run, method) {
  const final = element('section', { class: 'written', id: textId(method, 'final-0'), tabindex: -1 });
  const writing = element('div', {
    class: 'writing', tabindex: 0, role: 'region', 'aria-label': `What ${run.name} writes`,
  });
  const verdict = element('p', { class: 'verdict' });
  const column = element('section', { class: 'column' }, element('h3', {}, run.name), verdict, writing);
  run.shown = { column, writing, verdict, final, method, phases: [], texts: new Map() };
  writing.append(final);
  if (run.serial) final.append(element('h4', {}, 'Thought'), textOf(run, 'thought', 'text thought'));
  final.append(element('h4', {}, 'Answer'), textOf(run, 'final', 'text answer'));
  return column;
}

function writeRun(run) {
  const { writing } = run.shown;
  const follows = writing.scrollHeight - writing.scrollTop - writing.clientHeight < 60;
  dropPhases(run);
  run.phases.forEach((phase, index) => writeLivePhase(run, phase, index + 1));
  if (run.serial) writeText(textOf(run, 'thought'), run.thought, run.ended);
  writeText(textOf(run, 'final'), run.final, run.ended);
  if (follows) writing.scrollTop = writing.scrollHeight;
}

// Phases that were discarded, or begun again since.
function dropPhases(run) {
  const { phases, texts } = run.shown;
  const same = phases.findIndex((one, index) => one.of !== run.phases[index]);
  if (same < 0) return;
  for (const one of phases.splice(same)) one.section.remove();
  for (const key of texts.keys()) if (Number(key.split(' ')[0]) > same) texts.delete(key);
}

function writeLivePhase(run, phase, number) {
  const { method, phases, final } = run.shown;
  if (!phases[number - 1]) phases.push(openPhase(run, phase, number, method, final));
  const shown = phases[number - 1];
  if (shown.complete) return;
  let prompts = 0;
  phase.plan.forEach((part, index) => {
    const prose = `${number} prose ${index}`;
    if (part.text) {
      if (!run.shown.texts.has(prose)) shown.plan.append(textOf(run, prose, 'text'));
      writeText(textOf(run, prose), part.text, part.prompt !== null || phase.joined);
    }
    if (part.prompt === null) return;
    prompts += 1;
    const task = `${number} task ${index}`;
    if (!run.shown.texts.has(task)) shown.plan.append(openTask(run, task, method, number, prompts));
    writeText(textOf(run, task), part.prompt, prompts <= phase.executions.length);
  });
  phase.executions.forEach((text, index) => {
    const key = `${number} execution ${index}`;
    if (!run.shown.texts.has(key)) {
      shown.executions.append(openExecution(run, key, method, number, index + 1));
    }
    writeText(textOf(run, key), text, phase.done.has(index + 1));
  });
  shown.complete = phase.joined;
}

function openPhase(run, phase, number, method, final) {
  const plan = element('div', { class: 'text plan' });
  const executions = element('div', { class: 'executions' });
  const section = element('section', {},
    element('section', { class: 'written', id: textId(method, `${number}-0`), tabindex: -1 },
      writeHeading('h4', `Phase ${number}`, method, `${number}-0`, run.name), plan),
    executions);
  final.before(section);
  return { of: phase, section, plan, executions, complete: false };
}

function openTask(run, key, method, phase, prompt) {
  const place = `${phase}-${prompt}`;
  const follow = () => byId(textId(method, place)) && goToText(method, place);
  return element('p', { class: 'prompt' },
    element('button', { type: 'button', onclick: follow }, `${phase}.${prompt}`),
    ' ', textOf(run, key, 'text', 'span'));
}

function openExecution(run, key, method, phase, prompt) {
  const place = `${phase}-${prompt}`;
  return element('article', { class: 'written execution', id: textId(method, place), tabindex: -1 },
    writeHeading('h5', `Execution ${phase}.${prompt}`, method, place, run.name), textOf(run, key, 'text'));
}

// The element of a text, made when it is asked for first.
function textOf(run, key, classes = 'text', tag = 'div') {
  const { texts } = run.shown;
  if (!texts.has(key)) texts.set(key, element(tag, { class: classes }, document.createTextNode('')));
  return texts.get(key);
}

// A text that is complete has its mathematics set.
function writeText(node, text, complete) {
  if (node.complete === text) return;
  const shown = node.firstChild;
  if (complete) {
    node.complete = text;
    node.replaceChildren(withMath(text));
  } else if (node.complete !== undefined || !text.startsWith(shown.data)) {
    node.complete = undefined;
    node.replaceChildren(document.createTextNode(text));
  } else {
    shown.appendData(text.slice(shown.length));
  }
}
