// Server-sent events over fetch: unlike EventSource it can send a token in a header.
// https://html.spec.whatwg.org/multipage/server-sent-events.html

// Calls told() for every event; answers with the last event's id when the stream ends, and throws an error that knows it.
export async function follow(path, { token, last, told }) {
  const headers = { Accept: "text/event-stream" };
  if (token) headers.Authorization = `Bearer ${token}`;
  if (last !== null) headers["Last-Event-ID"] = last;
  const response = await fetch(path, { headers, cache: "no-store" });
  if (!response.ok) throw Object.assign(new Error(`events: ${response.status}`), { status: response.status, last });
  let rest = "";
  try {
    for await (const chunk of pieces(response.body.pipeThrough(new TextDecoderStream()))) {
      const lines = (rest + chunk).split(/\r\n|\n|\r(?!$)/);
      rest = lines.pop();
      for (const line of lines) {
        if (line.startsWith("id:")) last = line.slice(3).trim();
        if (line.startsWith("data:")) told();
      }
    }
  } catch (error) {
    throw Object.assign(error, { last });
  }
  return last;
}

// A ReadableStream is not an async iterable in every browser yet.
async function* pieces(stream) {
  const reader = stream.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    yield value;
  }
}
