// Scanline's services, read from the descriptors that protoc wrote: no generated code, so nothing to keep in step.
import { FileDescriptorSetSchema, create, createFileRegistry, fromBinary, toBinary } from "./protobuf.js";
import { call } from "./grpc-web.js";

const LIST_TIMEOUT_MS = 10_000;

/** The services of the server that this page came from. */
export class Scanline {
  #generate;
  #listModels;
  #cadenceMode;

  constructor(registry) {
    this.#generate = registry.getService("scanline.v1.GenerationService").method.generate;
    this.#listModels = registry.getService("scanline.v1.ModelService").method.listModels;
    this.#cadenceMode = registry.getEnum("scanline.v1.CadenceMode");
    this.modelState = registry.getEnum("scanline.v1.ModelState");
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
    for await (const response of this.#stream(this.#listModels, {}, { timeoutMs: LIST_TIMEOUT_MS })) {
      return response.models;
    }
    throw new Error("The server answered ListModels with no message.");
  }

  /**
   * Streams scanline.v1.GenerateResponse messages.
   *
   * @param request the fields of scanline.v1.GenerateRequest; `cadence.mode` by short name, e.g. "ROW"
   */
  generate(request, options) {
    const mode = this.#cadenceMode.values.find((value) => value.name === `CADENCE_MODE_${request.cadence.mode}`).number;
    return this.#stream(this.#generate, { ...request, cadence: { ...request.cadence, mode } }, options);
  }

  async *#stream(method, request, options) {
    const url = new URL(`${method.parent.typeName}/${method.name}`, import.meta.url);
    const body = toBinary(method.input, create(method.input, request));
    for await (const bytes of call(url, body, options)) {
      yield fromBinary(method.output, bytes);
    }
  }
}
