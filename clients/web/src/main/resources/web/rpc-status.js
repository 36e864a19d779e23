// The status of a call: google.rpc.Status and the details that Scanline's errors carry.
import { BinaryReader } from "./protobuf.js";

/** Names of the canonical codes, by number. */
export const STATUS_NAMES = [
  "OK", "CANCELLED", "UNKNOWN", "INVALID_ARGUMENT", "DEADLINE_EXCEEDED", "NOT_FOUND", "ALREADY_EXISTS",
  "PERMISSION_DENIED", "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION", "ABORTED", "OUT_OF_RANGE", "UNIMPLEMENTED",
  "INTERNAL", "UNAVAILABLE", "DATA_LOSS", "UNAUTHENTICATED",
];

/** A call that did not end with OK. */
export class RpcError extends Error {
  /**
   * @param {string} status name of the canonical code
   * @param {string} message what went wrong, for people
   * @param {{reason?: string, violations?: {field: string, description: string}[], retryAfterMs?: number}} [details]
   */
  constructor(status, message, details = {}) {
    super(message);
    this.name = "RpcError";
    this.status = status;
    this.reason = details.reason ?? "";
    this.violations = details.violations ?? [];
    this.retryAfterMs = details.retryAfterMs;
  }
}

/** What the trailers `grpc-status`, `grpc-message` and `grpc-status-details-bin` say; undefined when it is OK. */
export function errorFromTrailers(trailers) {
  const code = Number(trailers.get("grpc-status"));
  if (code === 0) {
    return undefined;
  }
  const status = STATUS_NAMES[code] ?? "UNKNOWN";
  const encoded = trailers.get("grpc-status-details-bin");
  const details = encoded ? decodeDetails(fromBase64(encoded)) : {};
  return new RpcError(status, percentDecode(trailers.get("grpc-message") ?? ""), details);
}

/** The error for an HTTP answer that is not a gRPC one, as gRPC maps HTTP status codes. */
export function errorFromHttp(httpStatus) {
  const names = new Map([
    [400, "INTERNAL"], [401, "UNAUTHENTICATED"], [403, "PERMISSION_DENIED"], [404, "UNIMPLEMENTED"],
    [429, "UNAVAILABLE"], [502, "UNAVAILABLE"], [503, "UNAVAILABLE"], [504, "UNAVAILABLE"],
  ]);
  return new RpcError(names.get(httpStatus) ?? "UNKNOWN", `The server answered HTTP ${httpStatus} instead of gRPC.`);
}

// google.rpc.Status { int32 code = 1; string message = 2; repeated Any details = 3; }
function decodeDetails(bytes) {
  const details = { violations: [] };
  for (const any of fields(bytes).get(3) ?? []) {
    const { 1: typeUrl, 2: value } = firstValues(any); // Any { string type_url = 1; bytes value = 2; }
    switch (text(typeUrl).split("/").pop()) {
      case "google.rpc.ErrorInfo": // { string reason = 1; ... }
        details.reason = text(firstValues(value)[1]);
        break;
      case "google.rpc.BadRequest": // { repeated FieldViolation field_violations = 1; }
        for (const violation of fields(value ?? new Uint8Array()).get(1) ?? []) {
          const { 1: field, 2: description } = firstValues(violation);
          details.violations.push({ field: text(field), description: text(description) });
        }
        break;
      case "google.rpc.RetryInfo": { // { Duration retry_delay = 1; }, Duration { int64 seconds = 1; int32 nanos = 2; }
        const { 1: seconds = 0, 2: nanos = 0 } = firstValues(firstValues(value)[1]);
        details.retryAfterMs = Number(seconds) * 1000 + Number(nanos) / 1e6;
        break;
      }
      default: // a detail for other readers
    }
  }
  return details;
}

/** All fields of an encoded message: number -> values; length-delimited ones as bytes, varints as numbers. */
function fields(bytes) {
  const reader = new BinaryReader(bytes);
  const found = new Map();
  while (reader.pos < reader.len) {
    const [number, wireType] = reader.tag();
    let value;
    if (wireType === 2) {
      value = reader.bytes();
    } else if (wireType === 0) {
      value = reader.int64();
    } else {
      reader.skip(wireType, number);
      continue;
    }
    found.set(number, [...(found.get(number) ?? []), value]);
  }
  return found;
}

function firstValues(bytes) {
  const entries = [...fields(bytes ?? new Uint8Array())].map(([number, values]) => [number, values[0]]);
  return Object.fromEntries(entries);
}

function text(bytes) {
  return bytes ? new TextDecoder().decode(bytes) : "";
}

function fromBase64(encoded) {
  return Uint8Array.from(atob(encoded), (character) => character.charCodeAt(0));
}

function percentDecode(encoded) {
  try {
    return decodeURIComponent(encoded);
  } catch (malformed) {
    return encoded; // gRPC asks to show what cannot be decoded as it came
  }
}
