// One request to the server, by its OpenAI-compatible API, with the solver's events in the stream.

class Refused extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

// Hands each event to `hear`; gives {usage, sprint} in the end. Throws Refused, or what fetch throws.
async function ask(model, question, key, signal, hear) {
  const response = await fetch('v1/chat/completions', {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', ...(key ? { Authorization: `Bearer ${key}` } : {}) },
    body: JSON.stringify({
      model,
      messages: [{ role: 'user', content: question }],
      stream: true,
      stream_options: { include_usage: true, include_events: true },
    }),
    signal,
  });
  if (!response.ok) throw new Refused(response.status, await reasonOf(response));
  let usage = null;
  for await (const text of eventsOf(response.body)) {
    if (text === '[DONE]') return usage;
    const chunk = JSON.parse(text);
    if (chunk.error) throw new Refused(0, String(chunk.error.message));
    if (chunk.sprint_event) hear(chunk.sprint_event);
    if (chunk.usage) usage = { usage: chunk.usage, sprint: chunk.sprint };
  }
  throw new Refused(0, 'The connection to the server broke off.');
}

async function* eventsOf(body) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = '';
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    const events = (rest + value).split('\n\n');
    rest = events.pop();
    for (const event of events) {
      if (event.startsWith('data: ')) yield event.slice('data: '.length);
    }
  }
}

async function reasonOf(response) {
  try {
    return String((await response.json()).error.message);
  } catch {
    return `The server answers with status ${response.status}.`;
  }
}
