// Scanline's services, read from the descriptors that protoc wrote: no generated code, so nothing to keep in step.
import { FileDescriptorSetSchema, create, createFileRegistry, fromBinary, toBinary } from "./protobuf.js";
import { call } from "./grpc-web.js";
import { RpcError } from "./rpc-status.js";

const UNARY_TIMEOUT_MS = 10_000;

/** The services of the server that this page came from. */
export class Scanline {
  #generation;
  #listModels;
  #caption;
  #number;

  constructor(registry) {
    this.#generation = registry.getService("scanline.v1.GenerationService").method;
    this.#listModels = registry.getService("scanline.v1.ModelService").method.listModels;
    this.#caption = registry.getService("scanline.v1.CaptionService").method.caption;
    this.#number = (type, name) =>
      registry.getEnum(`scanline.v1.${type}`).values.find((value) => value.name === name).number;
    this.serving = this.#number("ModelState", "MODEL_STATE_SERVING");
    this.cancelled = this.#number("FinishReason", "FINISH_REASON_CANCELLED");
    this.captionCutOff = this.#number("CaptionEnd", "CAPTION_END_LENGTH");
  }

  /** Reads the descriptors from the server. */
  static async connect() {
    const response = await fetch(new URL("proto/scanline.binpb", import.meta.url));
    if (!response.ok) {
      throw new Error(`The server did not give its descriptors: HTTP ${response.status}.`);
    }
    const descriptors = fromBinary(FileDescriptorSetSchema, new Uint8Array(await response.arrayBuffer()));
    return new Scanline(createFileRegistry(descriptors));
  }

  /** All models of the server: scanline.v1.Model[]. */
  async listModels() {
    return (await this.#unary(this.#listModels, {})).models;
  }

  /**
   * Streams scanline.v1.GenerateResponse messages.
   *
   * @param request the fields of scanline.v1.GenerateRequest; `cadence.mode` by short name, e.g. "ROW"
   * @param {{held?: boolean, signal?: AbortSignal, timeoutMs?: number}} options `held`: a broken stream ends nothing
   */
  generate(request, { held, ...options }) {
    const onDisconnect = this.#number("OnDisconnect", held ? "ON_DISCONNECT_FINISH_AND_HOLD" : "ON_DISCONNECT_STOP");
    const full = { ...request, cadence: this.#cadence(request.cadence), onDisconnect };
    return this.#stream(this.#generation.generate, full, options);
  }

  /** Goes on with a held generation: streams scanline.v1.GenerateResponse messages. `cadence` as in `generate`. */
  async *resume({ generationId, nextIndex, cadence }, options) {
    const request = { generationId, nextIndex, cadence: this.#cadence(cadence) };
    for await (const { response } of this.#stream(this.#generation.resume, request, options)) {
      yield response;
    }
  }

  /**
   * Gives up a generation, or one image of it; answers how many images that were.
   *
   * @param {number|undefined} imageIndex undefined: all
   * @param {{keepalive?: boolean}} [options] `keepalive`: the call outlives the page
   */
  async cancel(generationId, imageIndex, options) {
    return (await this.#unary(this.#generation.cancel, { generationId, imageIndex }, options)).images;
  }

  /** Streams scanline.v1.CaptionResponse messages; `request` has the fields of scanline.v1.CaptionRequest. */
  caption(request, options) {
    return this.#stream(this.#caption, request, options);
  }

  #cadence(cadence) {
    return { ...cadence, mode: this.#number("CadenceMode", `CADENCE_MODE_${cadence.mode}`) };
  }

  async #unary(method, request, options) {
    for await (const response of this.#stream(method, request, { timeoutMs: UNARY_TIMEOUT_MS, ...options })) {
      return response;
    }
    throw new RpcError("INTERNAL", `The server answered ${method.name} with no message.`);
  }

  async *#stream(method, request, options) {
    const url = new URL(`${method.parent.typeName}/${method.name}`, import.meta.url);
    const body = toBinary(method.input, create(method.input, request));
    for await (const bytes of call(url, body, options)) {
      yield fromBinary(method.output, bytes);
    }
  }
}
