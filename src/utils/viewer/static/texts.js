// What one method wrote: plans with their prompts, executions beside them, and the final answer.

function placeOf(method, phase, prompt) {
  return `text-${method}-${phase}-${prompt}`;
}

function goToText(method, phase, prompt) {
  const last = byId(placeOf(method, 'final', 0));
  const target = byId(placeOf(method, phase, prompt)) ?? byId(placeOf(method, phase, 0)) ?? last;
  target?.scrollIntoView({ block: 'start' });
  target?.focus();
}

function writeTexts(view, method, onPath) {
  if (!view) return element('p', { class: 'text' }, 'This problem is not in the folder.');
  const parts = view.phases.map((phase, index) => writePhase(phase, index + 1, method, onPath));
  // A majority stands in no text.
  const found = view.final === null && view.answer;
  const heading = view.serial ? 'Response' : found ? 'Answer' : 'Final answer';
  const text = view.final ?? view.answer;
  parts.push(element('section', { id: placeOf(method, 'final', 0), tabindex: -1 },
    element('h4', {}, heading),
    text ? found ? answerNodes(text) : writeText(text) : element('p', { class: 'missing' }, 'none')));
  return element('div', {}, ...parts);
}

function writePhase(phase, number, method, onPath) {
  const plan = element('div', { class: 'text plan', id: placeOf(method, number, 0), tabindex: -1 });
  let prompts = 0;
  for (const part of phase.plan) {
    if (part.text) plan.append(element('p', {}, withMath(part.text)));
    if (part.prompt === null) continue;
    prompts += 1;
    if (!part.prompt) continue; // of baselines, whose executors are asked otherwise
    const prompt = prompts;
    plan.append(element('p', { class: 'prompt' },
      element('button', { type: 'button', onclick: () => goToText(method, number, prompt) }, `${number}.${prompt}`),
      ' ', withMath(part.prompt)));
  }
  const executions = phase.executions.map((text, index) => {
    const path = onPath.has(`${number}.${index + 1}`);
    return element('article', {
      class: path ? 'execution on-path' : 'execution',
      id: placeOf(method, number, index + 1), tabindex: -1,
    },
    element('h5', {}, `Execution ${number}.${index + 1}${path ? ' (critical path)' : ''}`),
    text ? writeText(text) : element('p', { class: 'missing' }, 'empty'));
  });
  return element('section', {}, element('h4', {}, `Phase ${number}`), plan,
    element('div', { class: 'executions' }, ...executions));
}

function writeText(text) {
  return element('div', { class: 'text' }, withMath(text));
}
