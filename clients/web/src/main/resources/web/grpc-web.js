// gRPC-Web over fetch: one request message, a stream of response messages. A frame is a flag byte, a big-endian
// 32-bit length and a payload; flag 0x80 marks the trailers.
// https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-WEB.md
import { RpcError, errorFromHttp, errorFromTrailers } from "./rpc-status.js";

const CONTENT_TYPE = "application/grpc-web+proto";
const HEADER_BYTES = 5;
const COMPRESSED = 0x01;
const TRAILERS = 0x80;
const MAX_FRAME_BYTES = 64 * 1024 * 1024;

/**
 * Calls a method and yields the bytes of every response message as it arrives.
 *
 * @param {URL|string} url of the method
 * @param {Uint8Array} message the encoded request
 * @param {{signal?: AbortSignal, timeoutMs?: number, keepalive?: boolean}} [options] `signal` cancels the call;
 *     `timeoutMs` is its deadline; `keepalive` lets it outlive the page
 * @throws {RpcError} when the call does not end with OK
 */
export async function* call(url, message, { signal, timeoutMs, keepalive = false } = {}) {
  const deadline = timeoutMs === undefined ? undefined : AbortSignal.timeout(timeoutMs);
  const headers = { "content-type": CONTENT_TYPE, accept: CONTENT_TYPE, "x-grpc-web": "1" };
  if (timeoutMs !== undefined) {
    headers["grpc-timeout"] = grpcTimeout(timeoutMs);
  }
  try {
    const response = await fetch(url, {
      method: "POST",
      headers,
      body: frame(message),
      cache: "no-store",
      keepalive,
      signal: AbortSignal.any([signal, deadline].filter(Boolean)),
    });
    yield* messages(response);
  } catch (failure) {
    if (signal?.aborted) {
      throw new RpcError("CANCELLED", "Cancelled here.");
    }
    if (deadline?.aborted) {
      throw new RpcError("DEADLINE_EXCEEDED", `Not finished within ${timeoutMs} ms.`);
    }
    throw failure instanceof RpcError ? failure : new RpcError("UNAVAILABLE", `No connection: ${failure.message}`);
  }
}

async function* messages(response) {
  if (response.headers.has("grpc-status")) { // an answer of trailers alone may carry them as headers
    throwUnlessOk(response.headers);
  }
  if (!response.ok || !response.headers.get("content-type")?.startsWith("application/grpc-web")) {
    throw errorFromHttp(response.status);
  }
  let ended = response.headers.has("grpc-status");
  for await (const { flag, payload } of frames(response.body)) {
    if (flag & COMPRESSED) {
      throw new RpcError("INTERNAL", "The server compressed a message although it was not asked to.");
    }
    if (flag & TRAILERS) {
      throwUnlessOk(parseTrailers(payload));
      ended = true;
    } else {
      yield payload;
    }
  }
  if (!ended) {
    throw new RpcError("UNAVAILABLE", "The connection broke before the call ended.");
  }
}

/** Cuts a byte stream into frames; payloads are views that stay valid. */
async function* frames(body) {
  let pending = new Uint8Array();
  for await (const chunk of chunks(body)) {
    pending = pending.length === 0 ? chunk : concatenate(pending, chunk);
    while (pending.length >= HEADER_BYTES) {
      const length = new DataView(pending.buffer, pending.byteOffset).getUint32(1);
      if (length > MAX_FRAME_BYTES) {
        throw new RpcError("INTERNAL", `The server sent a frame of ${length} bytes.`);
      }
      if (pending.length < HEADER_BYTES + length) {
        break;
      }
      yield { flag: pending[0], payload: pending.subarray(HEADER_BYTES, HEADER_BYTES + length) };
      pending = pending.subarray(HEADER_BYTES + length);
    }
  }
  if (pending.length > 0) {
    throw new RpcError("UNAVAILABLE", "The connection broke inside a message.");
  }
}

/** Chunks of a stream; leaving the loop early cancels the stream, and so the call. */
async function* chunks(body) {
  const reader = body.getReader();
  let open = true;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) {
        open = false;
        return;
      }
      yield value;
    }
  } finally {
    if (open) {
      await reader.cancel().catch(() => undefined); // it fails when the stream has failed, which the caller knows
    }
  }
}

function frame(message) {
  const framed = new Uint8Array(HEADER_BYTES + message.length);
  new DataView(framed.buffer).setUint32(1, message.length);
  framed.set(message, HEADER_BYTES);
  return framed;
}

function concatenate(first, second) {
  const joined = new Uint8Array(first.length + second.length);
  joined.set(first);
  joined.set(second, first.length);
  return joined;
}

function parseTrailers(payload) {
  const lines = new TextDecoder().decode(payload).split("\r\n").filter((line) => line.includes(":"));
  return new Map(lines.map((line) => {
    const colon = line.indexOf(":");
    return [line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim()];
  }));
}

function throwUnlessOk(trailers) {
  const error = errorFromTrailers(trailers);
  if (error) {
    throw error;
  }
}

/** At most eight digits and a unit, as gRPC writes a time-out. */
function grpcTimeout(milliseconds) {
  const whole = Math.max(1, Math.ceil(milliseconds));
  return whole < 1e8 ? `${whole}m` : `${Math.min(Math.ceil(whole / 1000), 99999999)}S`;
}
