// Planner and executors of all methods on one axis, one lane each, with the critical path marked.

const LEGEND = [
  ['planner', 'planner, serial'], ['executor', 'executor'], ['waiting', 'waiting for the first token'],
  ['discarded', 'discarded'], ['path', 'critical path'],
];

// The units of a problem's views, in display order.
function unitsOf(views) {
  const known = views.flatMap((view) => (view ? view.timelines.map((line) => line.unit) : []));
  return [...new Set(known)].sort((one) => (one === 'seconds' ? -1 : 1));
}

function drawTimeline(views, methods, unit) {
  const lines = views.map((view) => view?.timelines.find((line) => line.unit === unit) ?? null);
  const end = Math.max(...lines.map((line) => line?.end ?? 0)) || 1;
  const drawn = element('div', { class: 'lanes' });
  lines.forEach((line, method) => {
    if (!line) {
      if (views[method]) drawn.append(element('p', {}, `${methods[method]}: no ledger, so no seconds.`));
      return;
    }
    drawn.append(element('h4', {}, `${methods[method]}: ${amount(line.end, unit)}`));
    drawn.append(...drawLanes(line, end, method, views[method], unit));
  });
  drawn.append(drawAxis(end, unit));
  return element('div', { class: 'timeline' }, drawn, drawLegend(lines));
}

function drawLanes(line, end, method, view, unit) {
  const lanes = new Map();
  // Baselines without a planner have nothing on its lane.
  const planned = line.bars.some((bar) => !bar.lane && bar.end > bar.start);
  const drawn = line.bars.filter((bar) => bar.lane || planned || line.bars.length === 1);
  const ofText = barsOfTexts(view, drawn);
  for (const bar of drawn) {
    const place = textPlace(view, bar.phase, bar.prompt);
    const made = drawBar(bar, end, unit, () => goToText(method, place));
    if (ofText.get(place) === bar) made.id = barId(method, place);
    if (!lanes.has(bar.lane)) lanes.set(bar.lane, []);
    lanes.get(bar.lane).push(made);
  }
  return [...lanes.keys()].sort((one, other) => one - other).map((lane) => {
    const name = lane ? `executor ${lane}` : view.serial ? 'serial' : 'planner';
    return element('div', { class: 'lane' },
      element('span', { class: 'lane-name' }, name),
      element('div', { class: 'track' }, ...lanes.get(lane)));
  });
}

function drawBar(bar, end, unit, onclick) {
  const kind = bar.lane ? 'executor' : 'planner';
  const label = bar.lane ? `${bar.phase}.${bar.prompt}` : bar.phase ? `${bar.phase}` : '';
  const says = [
    bar.lane ? `executor ${label}` : bar.phase ? `planner, phase ${label}` : 'serial answer',
    `${amount(bar.start, unit)} to ${amount(bar.end, unit)}`,
    bar.path ? 'on the critical path' : '', bar.note,
  ];
  const title = says.filter(Boolean).join('; ');
  const made = element('button', {
    type: 'button',
    class: `bar ${kind}${bar.kept ? '' : ' discarded'}`,
    title,
    'aria-label': title,
    onclick,
  });
  place(made, bar.start, bar.end, end);
  const length = bar.end - bar.start || 1;
  if (bar.first !== null && bar.first > bar.start) {
    const waiting = element('span', { class: 'waiting' });
    place(waiting, 0, Math.min(bar.first, bar.end) - bar.start, length);
    made.append(waiting);
  }
  if (bar.path) {
    const path = element('span', { class: 'path' });
    place(path, bar.path[0] - bar.start, bar.path[1] - bar.start, length);
    made.append(path);
  }
  made.append(element('span', { class: 'label' }, label));
  return made;
}

function place(made, start, end, whole) {
  made.style.left = `${(100 * start) / whole}%`;
  made.style.width = `${(100 * (end - start)) / whole}%`;
}

function drawAxis(end, unit) {
  const step = niceStep(end / 6);
  const axis = element('div', { class: 'track axis' });
  for (let tick = 0; tick <= end; tick += step) {
    const mark = element('span', { class: 'tick' }, amount(tick, tick ? null : unit, step));
    mark.style.left = `${(100 * tick) / end}%`;
    axis.append(mark);
  }
  return element('div', { class: 'lane scale' }, element('span', { class: 'lane-name' }), axis);
}

function niceStep(rough) {
  if (!(rough > 1e-9)) return 1;
  const power = 10 ** Math.floor(Math.log10(rough));
  return [1, 2, 5, 10].find((factor) => factor * power >= rough) * power;
}

function amount(value, unit, step = 0.01) {
  const whole = unit === 'tokens' || unit === 'characters';
  const digits = whole || step >= 1 ? 0 : Math.min(3, Math.ceil(-Math.log10(step)));
  const number = value.toFixed(digits);
  return unit ? `${number} ${unit === 'seconds' ? 's' : unit}` : number;
}

function drawLegend(lines) {
  const bars = lines.flatMap((line) => line?.bars ?? []);
  const needed = {
    planner: true, path: true, executor: bars.some((bar) => bar.lane),
    waiting: bars.some((bar) => bar.first !== null), discarded: bars.some((bar) => !bar.kept),
  };
  return element('p', { class: 'legend' }, ...LEGEND.filter(([kind]) => needed[kind]).map(
    ([kind, name]) => element('span', {}, element('i', { class: `key ${kind}` }), name)));
}

// The numbers of the executions that are on the critical path.
function executionsOnPath(view, unit) {
  const line = view?.timelines.find((one) => one.unit === unit);
  return new Set((line?.bars ?? []).filter((bar) => bar.path && bar.prompt)
    .map((bar) => `${bar.phase}.${bar.prompt}`));
}
