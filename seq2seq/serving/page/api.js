// Calls of the API. Addresses are relative, so that the page also works below the path of a proxy.

const LONGEST_WAIT_SECONDS = 30;
const MOST_ATTEMPTS = 6; // at a server that is busy: a page that never gives up would keep it busy

let key = ""; // for servers that ask for one; forgotten with the page

/** Send this key with every request. */
export function setKey(text) {
  key = text.trim();
}

/** An answer of the server that is no result. */
export class Refusal extends Error {
  constructor(status, message, retrySeconds) {
    super(message);
    this.status = status;
    this.retrySeconds = retrySeconds;
  }

  get isPassing() {
    return this.status === 0 || this.status === 429 || this.status === 503;
  }
}

/** The answer to a request as JSON; where `body` is left out, it is a GET. Throws a Refusal. */
async function call(route, body, signal) {
  const headers = { "Content-Type": "application/json" };
  const options = body === undefined ? {} : { method: "POST", headers, body: JSON.stringify(withKey(body)) };
  let response;
  try {
    response = await fetch(route, { ...options, signal });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Refusal(0, "The server does not answer. Is seq2seq serve still running?");
  }
  if (response.ok) return response.json();
  const seconds = Number(response.headers.get("Retry-After"));
  throw new Refusal(response.status, await said(response), seconds > 0 ? seconds : undefined);
}

const withKey = (body) => (key ? { ...body, api_key: key } : body);

async function said(response) {
  const answer = await response.json().catch(() => ({}));
  if (response.status === 503) return "The translator is busy.";
  if (response.status === 403) return "This server asks for a key, and this one is missing or wrong.";
  if (response.status === 429) return "There were too many requests within a short time.";
  if (typeof answer.error === "string") return `The server refused this: ${answer.error}`;
  return `The server failed (HTTP ${response.status}). Its log says why.`;
}

/** Of several requests for the same place of the page, only the newest counts: it aborts the older ones. */
export class Newest {
  #controller = new AbortController();

  /** Drop what is under way. */
  abort() {
    this.#controller.abort();
    this.#controller = new AbortController();
  }

  /**
   * The answer, or undefined where a newer request has taken the place of this one. While the server is busy or
   * away, the request is repeated, and `onWait` gets a sentence that says so.
   */
  async call(route, body, onWait) {
    this.abort();
    const { signal } = this.#controller;
    try {
      return await persist(route, body, signal, onWait);
    } catch (error) {
      if (signal.aborted) return undefined;
      throw error;
    }
  }
}

async function persist(route, body, signal, onWait) {
  for (let attempt = 0; ; attempt++) {
    try {
      return await call(route, body, signal);
    } catch (error) {
      const isHopeless = error.status !== 0 && attempt + 1 === MOST_ATTEMPTS;
      if (signal.aborted || !error.isPassing || isHopeless) throw error;
      const seconds = Math.min(error.retrySeconds ?? 2 ** attempt, LONGEST_WAIT_SECONDS);
      onWait(`${error.message} Trying again in ${seconds} ${seconds === 1 ? "second" : "seconds"}.`);
      await pause(seconds, signal);
    }
  }
}

function pause(seconds, signal) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, seconds * 1000);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      reject(signal.reason);
    });
  });
}
