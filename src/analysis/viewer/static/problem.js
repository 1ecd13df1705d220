// One problem: question, numbers, timeline, and the texts of the methods side by side.

const STATUS = {
  correct: '✓\u00a0correct', incorrect: '✗\u00a0incorrect', no_answer: '∅\u00a0no answer',
  unparseable: '?\u00a0unparsable', gold_unparseable: '?\u00a0reference unparsable', timeout: '?\u00a0timeout',
};

let chosenUnit = 'seconds';

function openProblem(page, number) {
  const row = page.rows[number];
  const problem = data(`problem-${number}`);
  const about = [row.level && levelOf(row), row.subject].filter(Boolean).join(', ');
  const timeline = element('div', {});
  const texts = element('div', { class: 'columns' });
  const draw = (unit) => {
    timeline.replaceChildren(drawTimeline(problem.views, page.methods, unit));
    texts.replaceChildren(...problem.views.map((view, method) => element('section', { class: 'column' },
      element('h3', {}, page.methods[method]),
      writeTexts(view, method, page.methods[method], executionsOnPath(view, unit)))));
    markAgain();
  };
  const units = unitsOf(problem.views);
  const unit = units.includes(chosenUnit) ? chosenUnit : units[0];
  byId('problem').replaceChildren(
    element('h2', {}, row.id), about ? element('p', { class: 'about' }, about) : '',
    element('div', { class: 'text question' }, withMath(problem.question)),
    element('p', {}, element('b', {}, 'Reference answer: '), answerNodes(problem.reference)),
    problem.solution ? element('details', {}, element('summary', {}, 'Solution of the dataset'),
      writeText(problem.solution)) : '',
    writeNumbers(page, row, problem), unitChoice(units, unit, draw), timeline, texts);
  forgetMark();
  if (unit) draw(unit);
  byId('problem').scrollTop = 0;
  // So that keys scroll it, unless somebody is typing elsewhere.
  if (!byId('filters').contains(document.activeElement)) byId('problem').focus({ preventScroll: true });
}

function levelOf(row) {
  return /^level/i.test(row.level) ? row.level : `level ${row.level}`;
}

function writeNumbers(page, row, problem) {
  const priced = row.summaries.some((one) => one && one.priced !== null);
  const header = ['method', 'verdict', 'answer', `sequential ${page.unit}`, `total ${page.unit}`,
    'phases', 'widest', 'wall clock (s)', ...(priced ? ['priced path (s)'] : []), 'faults'];
  const rows = page.methods.map((name, method) => {
    const one = row.summaries[method];
    const view = problem.views[method];
    if (!one || !view) return [name, 'not in the folder'];
    const verdict = one.status ? STATUS[one.status] : '– no reference';
    return [name, one.judged ? `${verdict} (judged by a model)` : verdict,
      answerNodes(view.answer), show(one.sequential), show(one.total),
      show(one.phases), show(one.width), show(one.seconds, 2),
      ...(priced ? [show(one.priced, 2)] : []), view.faults];
  });
  const table = element('table', {},
    element('thead', {}, element('tr', {}, ...header.map((name) => element('th', { scope: 'col' }, name)))),
    element('tbody', {}, ...rows.map(([name, ...cells]) => element('tr', {},
      element('th', { scope: 'row' }, name), ...cells.map((cell) => element('td', {}, cell))))));
  return element('div', { class: 'wide' }, table);
}

function unitChoice(units, chosen, draw) {
  if (units.length < 2) return '';
  return element('fieldset', { class: 'units' }, element('legend', {}, 'Time axis'),
    ...units.map((unit) => {
      const input = element('input', { type: 'radio', name: 'unit', value: unit });
      input.checked = unit === chosen;
      input.addEventListener('change', () => {
        chosenUnit = unit;
        draw(unit);
      });
      return element('label', {}, input, ` ${unit}`);
    }));
}
