// The texts of one method: plans with their prompts, executions next to them, and the final answer.

function writeTexts(view, method, name, onPath) {
  if (!view) return element('p', { class: 'text' }, 'This problem is not in the folder.');
  const parts = view.phases.map((_, index) => writePhase(view, index + 1, method, name, onPath));
  // A majority answer is not in any text.
  const found = view.final === null && view.answer;
  const heading = view.serial ? 'Response' : found ? 'Answer' : 'Final answer';
  const text = view.final ?? view.answer;
  parts.push(element('section', { class: 'written', id: textId(method, 'final-0'), tabindex: -1 },
    writeHeading('h4', heading, method, 'final-0', name),
    text ? found ? answerNodes(text) : writeText(text) : element('p', { class: 'missing' }, 'none')));
  return element('div', {}, ...parts);
}

function writePhase(view, number, method, name, onPath) {
  const phase = view.phases[number - 1];
  const plan = element('div', { class: 'text plan' });
  let prompts = 0;
  for (const part of phase.plan) {
    if (part.text) plan.append(element('p', {}, withMath(part.text)));
    if (part.prompt === null) continue;
    prompts += 1;
    if (!part.prompt) continue; // baselines ask their executors in another way
    const place = textPlace(view, number, prompts);
    plan.append(element('p', { class: 'prompt' },
      element('button', { type: 'button', onclick: () => goToText(method, place) }, `${number}.${prompts}`),
      ' ', withMath(part.prompt)));
  }
  const executions = phase.executions.map((text, index) => {
    const path = onPath.has(`${number}.${index + 1}`);
    const place = `${number}-${index + 1}`;
    const title = `Execution ${number}.${index + 1}${path ? ' (critical path)' : ''}`;
    return element('article', {
      class: `written execution${path ? ' on-path' : ''}`, id: textId(method, place), tabindex: -1,
    },
    writeHeading('h5', title, method, place, name),
    text ? writeText(text) : element('p', { class: 'missing' }, 'empty'));
  });
  const place = `${number}-0`;
  return element('section', {},
    element('section', { class: 'written', id: textId(method, place), tabindex: -1 },
      writeHeading('h4', `Phase ${number}`, method, place, name), plan),
    element('div', { class: 'executions' }, ...executions));
}

function writeText(text) {
  return element('div', { class: 'text' }, withMath(text));
}
