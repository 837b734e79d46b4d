// Talks to the server: JSON, answers that come in pieces, and problems told in one shape.

const csrf = document.querySelector('meta[name="csrf-token"]')?.content;

/** What went wrong: `status` 0 where the server was not reached. */
export class Problem extends Error {
  constructor({ status = 0, code = "network", detail = "", requestId = "", retryAfter = 0 } = {}) {
    super(detail || code);
    Object.assign(this, { status, code, detail, requestId, retryAfter });
  }

  /** Whether the same may succeed later without anybody doing anything. */
  get passes() {
    return this.status === 429 || (this.status === 503 && this.code !== "no_index");
  }
}

function problemOf(said, headers) {
  return new Problem({
    status: said.status ?? 500,
    code: said.code ?? "any",
    detail: said.detail ?? "",
    requestId: said.request_id ?? headers?.get("X-Request-ID") ?? "",
    retryAfter: Number(headers?.get("Retry-After") ?? said.retry_after) || 0,
  });
}

async function send(path, { method = "GET", body, accept = "application/json", signal } = {}) {
  const headers = { Accept: accept };
  if (body !== undefined) headers["Content-Type"] = "application/json";
  if (csrf && method !== "GET") headers["X-CSRF-Token"] = csrf;
  let response;
  try {
    const sent = body === undefined ? undefined : JSON.stringify(body);
    response = await fetch(path, { method, headers, body: sent, signal, credentials: "same-origin" });
  } catch (error) {
    throw error.name === "AbortError" ? error : new Problem();
  }
  if (response.ok) return response;
  const said = await response.json().catch(() => ({}));
  throw problemOf({ status: response.status, ...said }, response.headers);
}

/** The JSON of an address. */
export async function get(path) {
  return (await send(path)).json();
}

/** Delete what is at an address. */
export async function remove(path) {
  await send(path, { method: "DELETE" });
}

/** Send JSON where nothing comes back. */
export async function post(path, body) {
  await send(path, { method: "POST", body });
}

/** Ask a question: the answer, whether it comes at once or in pieces. */
export async function ask(question, conversationId, { signal, onStage, onDelta }) {
  const body = conversationId ? { question, conversation_id: conversationId } : { question };
  const accept = "text/event-stream, application/json;q=0.9";
  const response = await send("/v1/ask", { method: "POST", body, accept, signal });
  if (!response.headers.get("Content-Type")?.startsWith("text/event-stream")) return response.json();
  const handlers = { stage: (said) => onStage(said.stage), delta: (said) => onDelta(said.text) };
  try {
    for await (const event of events(response.body)) {
      const said = JSON.parse(event.data);
      if (event.name === "answer") return said;
      if (event.name === "problem") throw problemOf(said, response.headers);
      handlers[event.name]?.(said);
    }
  } catch (error) {
    if (error instanceof Problem || error.name === "AbortError") throw error;
    throw new Problem();
  }
  throw new Problem({ status: 0, code: "broken" });
}

/** Server-sent events of a stream: `{name, data}`. */
async function* events(stream) {
  const reader = stream.pipeThrough(new TextDecoderStream()).getReader();
  let waiting = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    waiting = (waiting + value).replace(/\r\n/g, "\n");
    for (let end = waiting.indexOf("\n\n"); end >= 0; end = waiting.indexOf("\n\n")) {
      const event = parsed(waiting.slice(0, end));
      waiting = waiting.slice(end + 2);
      if (event.data) yield event;
    }
  }
}

function parsed(block) {
  const event = { name: "message", data: "" };
  for (const line of block.split("\n")) {
    const [, field, value] = /^([^:]*):? ?(.*)$/.exec(line);
    if (field === "event") event.name = value;
    else if (field === "data") event.data += event.data ? `\n${value}` : value;
  }
  return event;
}
