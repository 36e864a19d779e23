// The form: what the person wants, as a request; and what the server found wrong with it, beside the field at fault.
import { cadenceOf } from "./cadence.js";

const MAX_SEED = 2n ** 64n - 1n;
/** Characters of a prompt that make the name of its images. */
const LONGEST_NAME = 40;

/** Whether a model (scanline.v1.Model) draws codes one by one, which a decoder makes images of. */
const drawsCodes = (model) => model.latent?.kind === "tokens" && model.order !== 0;

/** Whether a model (scanline.v1.Model) draws images: value by value, code by code, or from random numbers at once. */
const draws = (model) => model.order !== 0 || model.latent?.kind === "gaussian";

/** What a model does that draws none. */
const insteadOfDrawing = (model) =>
  model.latent ? "only encodes and decodes" : model.captionTokens ? "only puts images into words" : "only looks at images";

/** A value that cannot even be put into a request. */
export class FieldError extends Error {
  constructor(field, message) {
    super(message);
    this.field = field;
  }
}

/** Reads the form and marks its fields. Limits are the server's business: it is asked and its answer is shown. */
export class RequestForm {
  #form;
  #models = [];

  /** @param {HTMLFormElement} form with one `data-field` element for each field of the request */
  constructor(form) {
    this.#form = form;
    this.#input("model").addEventListener("change", () => this.#modelChosen());
    this.#input("dice").addEventListener("click", () => this.rollSeed());
    for (const name of ["temperature", "top-p", "guidance"]) {
      this.#input(name).addEventListener("input", () => this.#showRange(name));
      this.#showRange(name);
    }
    this.rollSeed();
  }

  /**
   * Offers these models (scanline.v1.Model[]) and says whether any of them draws and answers.
   *
   * @param {number} serving the state of those that answer
   */
  offer(models, serving) {
    this.#models = models;
    this.#input("model").replaceChildren(...models.map((model, index) => {
      const option = new Option(`${model.name} ${model.version}`, index);
      option.disabled = model.state !== serving || !draws(model);
      if (model.state !== serving) {
        option.textContent += " (not serving)";
        option.title = model.notServingReason;
      } else if (option.disabled) {
        option.textContent += ` (${insteadOfDrawing(model)})`;
      }
      return option;
    }));
    const first = models.findIndex((model) => model.state === serving && draws(model));
    this.#input("model").value = first;
    this.#modelChosen();
    return first >= 0;
  }

  /** A seed that a person can read out. */
  rollSeed() {
    this.#input("seed").value = crypto.getRandomValues(new Uint32Array(1))[0];
  }

  /**
   * What to ask, how to call it, whether codes are drawn, and by when it must be done.
   *
   * @throws {FieldError} when a field holds no value of its kind
   */
  read() {
    const model = this.#model;
    const conditional = model.classNames.length > 0;
    const topK = this.#input("top-k").value;
    const deadline = this.#input("deadline").value;
    const request = {
      model: { name: model.name, version: model.version },
      count: this.#wholeNumber("count", "count"),
      sampling: {
        temperature: this.#input("temperature").valueAsNumber,
        topP: this.#input("top-p").valueAsNumber,
        topK: topK === "" ? 0 : this.#wholeNumber("top-k", "sampling.top_k"),
      },
      cadence: cadenceOf(this.cadence, drawsCodes(model)),
    };
    if (conditional) {
      request.label = { index: Number(this.#input("label").value) };
    }
    if (model.prompt) {
      request.prompt = this.#input("prompt").value;
      request.guidance = this.#input("guidance").valueAsNumber;
    }
    const seed = this.#seed();
    if (seed !== undefined) {
      request.seed = seed;
    }
    return {
      request,
      name: conditional ? model.classNames[request.label.index] : request.prompt?.slice(0, LONGEST_NAME) || model.name,
      drawsCodes: drawsCodes(model),
      timeoutMs: deadline === "" ? undefined : Number(deadline) * 1000,
    };
  }

  /** Shows what is wrong with fields, and returns the violations that belong to no field of the form. */
  showViolations(violations) {
    this.clearViolations();
    return violations.filter(({ field, description }) => {
      const place = this.#place(field);
      if (!place) {
        return true;
      }
      const note = place.querySelector(".violation");
      note.textContent = description;
      note.hidden = false;
      place.closest("details")?.setAttribute("open", "");
      place.querySelector("input, select").setAttribute("aria-invalid", "true");
      return false;
    });
  }

  /** Says what the model read of the prompt (scanline.v1.PromptRead); undefined: there is none. */
  showRead(read) {
    this.#input("prompt-note").textContent = read?.unknown
      ? `${read.unknown} of ${read.ids} ids stand for what the model does not know.` : "";
  }

  clearViolations() {
    this.#form.querySelectorAll(".violation").forEach((note) => { note.hidden = true; });
    this.#form.querySelectorAll("[aria-invalid]").forEach((input) => input.removeAttribute("aria-invalid"));
  }

  /** When to show what, as chosen. */
  get cadence() {
    return this.#input("cadence").value;
  }

  get #model() {
    const model = this.#models[this.#input("model").value];
    if (!model) {
      throw new FieldError("model", "No model that draws is serving.");
    }
    return model;
  }

  #modelChosen() {
    const model = this.#models[this.#input("model").value];
    const names = model?.classNames ?? [];
    this.#input("label-field").hidden = names.length === 0;
    this.#input("label").replaceChildren(...names.map((name, index) => new Option(name, index)));
    this.#input("prompt-field").hidden = !model?.prompt;
    this.#input("guidance-field").hidden = !model?.prompt;
    this.showRead(undefined);
    if (model?.prompt) {
      this.#input("guidance").value = model.prompt.recommendedGuidance;
      this.#showRange("guidance");
    }
    const broken = this.#models.filter((other) => other.notServingReason);
    const notes = broken.map((other) => `${other.name} ${other.version}: ${other.notServingReason}`);
    if (model) {
      this.#input("temperature").value = model.recommendedTemperature || 1;
      this.#showRange("temperature");
      notes.unshift(describe(model));
    }
    this.#input("model-note").textContent = notes.join("\n");
  }

  #seed() {
    const text = this.#input("seed").value.trim();
    if (text === "") {
      return undefined;
    }
    if (!/^[0-9]{1,20}$/.test(text) || BigInt(text) > MAX_SEED) {
      throw new FieldError("seed", `A seed is a whole number from 0 to ${MAX_SEED}.`);
    }
    return BigInt(text);
  }

  #wholeNumber(name, field) {
    const number = this.#input(name).valueAsNumber;
    if (!Number.isInteger(number) || number < 0 || number > 0xFFFFFFFF) {
      throw new FieldError(field, "A whole number is needed here.");
    }
    return number;
  }

  /** The place of a field, or of the longest prefix of its path that has one. */
  #place(field) {
    for (let path = field; path !== ""; path = path.includes(".") ? path.slice(0, path.lastIndexOf(".")) : "") {
      const place = this.#form.querySelector(`[data-field="${CSS.escape(path)}"]`);
      if (place) {
        return place;
      }
    }
    return null;
  }

  #showRange(name) {
    this.#input(`${name}-value`).value = this.#input(name).valueAsNumber.toFixed(2);
  }

  #input(id) {
    return document.getElementById(id);
  }
}

function describe(model) {
  const { width, height, channels, levels } = model.geometry;
  const depth = channels === 1 ? `${levels} levels` : `${channels} × ${levels} levels`;
  const parameters = Number(model.parameters).toLocaleString("en");
  const codes = drawsCodes(model) ? `, drawn as ${model.latent.shape.join(" × ")} codes of ${model.latent.codes}` : "";
  return `${model.family}, ${parameters} parameters, ${width} × ${height}, ${depth}${codes}`;
}
