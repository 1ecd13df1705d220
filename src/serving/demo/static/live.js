// What one method has done so far: the server's events, kept as the view that a timeline is drawn of.

const LONGEST_TEXT = 100_000; // characters of one text
const CUT = '\n… (too long to show)';

function newRun(name, serial) {
  const run = {
    name, serial, phases: [], thought: '', final: '', bars: [], zero: performance.now(),
    begun: true, ended: false, seconds: 0, error: '', note: '', usage: null, shown: null,
  };
  openBar(run, 0, serial ? 0 : 1, 0, 0);
  return run;
}

// One event. Times are those of the server, in seconds since the problem began.
function hear(run, event) {
  const { seconds, phase = 0, prompt = 0, text = '' } = event;
  run.zero = performance.now() - 1000 * seconds;
  const heard = {
    plan_text: () => { lastPart(run, phase).text = longer(lastPart(run, phase).text, text); },
    prompt_opened: () => { lastPart(run, phase).prompt = ''; },
    prompt_text: () => {
      const part = partOf(run, phase, prompt);
      part.prompt = longer(part.prompt, text);
    },
    prompt_closed: () => {
      phaseOf(run, phase).executions[prompt - 1] = '';
      openBar(run, prompt, phase, prompt, seconds);
    },
    plan_done: () => closeBars(run, seconds, (bar) => !bar.lane),
    execution_text: () => {
      const { executions } = phaseOf(run, phase);
      executions[prompt - 1] = longer(executions[prompt - 1] ?? '', text);
    },
    execution_done: () => {
      const { executions, done } = phaseOf(run, phase);
      executions[prompt - 1] = longer('', text);
      done.add(prompt);
      closeBars(run, seconds, (bar) => bar.prompt === prompt);
    },
    phase_joined: () => {
      phaseOf(run, phase).joined = true;
      markPath(run, phase);
      openBar(run, 0, phase + 1, 0, seconds);
    },
    thought_text: () => { run.thought = longer(run.thought, text); },
    answer_text: () => { run.final = longer(run.final, text); },
    discarded: () => discard(run, phase, prompt, seconds),
    cut_short: () => { run.note = event.reason; },
  }[event.event];
  if (!heard) return;
  if (text) noteFirst(run, phase, event.event === 'execution_text' ? prompt : 0, seconds);
  heard();
}

// The run is over; what has come stays.
function endRun(run) {
  run.seconds = run.usage ? run.usage.sprint.seconds : now(run);
  run.ended = true;
  // A call that was expected and never made.
  run.bars = run.bars.filter((bar) => bar.end !== null || bar.first !== null || run.error);
  closeBars(run, run.seconds, () => true);
  const last = run.bars.at(-1);
  if (last && !last.lane && last.kept) last.path ??= [last.start, last.end];
}

function now(run) {
  return run.ended ? run.seconds : Math.max(0, (performance.now() - run.zero) / 1000);
}

// The view of the moment; bars of calls under way end now.
function viewOf(run) {
  const end = now(run);
  const bars = run.bars.map((bar) => ({ ...bar, end: bar.end ?? Math.max(end, bar.start) }));
  const whole = Math.max(end, ...bars.map((bar) => bar.end));
  return { phases: run.phases, serial: run.serial, timelines: [{ unit: 'seconds', bars, end: whole }] };
}

function longer(text, piece) {
  if (text.endsWith(CUT)) return text;
  const whole = text + piece;
  return whole.length > LONGEST_TEXT ? whole.slice(0, LONGEST_TEXT) + CUT : whole;
}

function phaseOf(run, number) {
  while (run.phases.length < number) {
    run.phases.push({ plan: [], executions: [], done: new Set(), joined: false });
  }
  return run.phases[number - 1];
}

// The part of a plan that is being written: text, up to its prompt.
function lastPart(run, phase) {
  const { plan } = phaseOf(run, phase);
  if (!plan.length || plan.at(-1).prompt !== null) plan.push({ text: '', prompt: null });
  return plan.at(-1);
}

function partOf(run, phase, prompt) {
  return phaseOf(run, phase).plan.filter((part) => part.prompt !== null)[prompt - 1] ?? lastPart(run, phase);
}

function openBar(run, lane, phase, prompt, start) {
  run.bars.push({ lane, start, end: null, phase, prompt, path: null, first: null, kept: true, note: '' });
}

function closeBars(run, seconds, chosen) {
  for (const bar of run.bars) {
    if (bar.end === null && chosen(bar)) bar.end = Math.max(seconds, bar.start);
  }
}

function noteFirst(run, phase, prompt, seconds) {
  const bar = run.bars.find((one) => one.end === null && one.prompt === prompt && (!phase || one.phase === phase));
  if (bar) bar.first ??= seconds;
}

// An attempt that does not count: its bars stay, struck out, and its texts go.
function discard(run, phase, prompt, seconds) {
  const lost = (bar) => (run.serial || bar.phase === phase) && (!prompt || bar.prompt === prompt);
  closeBars(run, seconds, lost);
  for (const bar of run.bars.filter(lost)) {
    Object.assign(bar, { kept: false, note: 'discarded', path: null });
  }
  if (prompt) {
    phaseOf(run, phase).executions[prompt - 1] = '';
  } else {
    run.phases.length = Math.min(run.phases.length, Math.max(0, phase - 1));
    run.thought = run.final = '';
  }
  openBar(run, prompt, phase, prompt, seconds);
}

// The phase waited for its last execution, which waited for the plan up to its prompt.
function markPath(run, phase) {
  const bars = run.bars.filter((bar) => bar.kept && bar.phase === phase && bar.end !== null);
  const planner = bars.find((bar) => !bar.lane);
  if (!planner) return;
  const last = bars.reduce((one, other) => (other.end > one.end ? other : one), planner);
  planner.path = [planner.start, Math.min(planner.end, last.lane ? last.start : planner.end)];
  if (last.lane) last.path = [last.start, last.end];
}
