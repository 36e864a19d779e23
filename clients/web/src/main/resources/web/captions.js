// Pictures put into words: a picture goes to the server, its tokens come back one by one.
import { ErrorBox } from "./error-box.js";
import { formatTime } from "./numbers.js";
import { RpcError } from "./rpc-status.js";

/** The section of the page for models that write captions; hidden where there is none. */
export class Captions {
  #element;
  #errorBox;
  #scanline;
  #models = [];
  #picture;
  #shownPicture;
  #abort = new AbortController();

  /** @param {HTMLElement} element the section */
  constructor(element) {
    this.#element = element;
    this.#errorBox = new ErrorBox(element.querySelector(".error"));
    const drop = this.#part("drop");
    this.#part("file").addEventListener("change", (event) => this.#choose(event.target.files[0]));
    drop.addEventListener("dragover", (event) => {
      event.preventDefault();
      drop.toggleAttribute("data-over", true);
    });
    drop.addEventListener("dragleave", () => drop.removeAttribute("data-over"));
    drop.addEventListener("drop", (event) => {
      event.preventDefault();
      drop.removeAttribute("data-over");
      this.#choose(event.dataTransfer.files[0]);
    });
    this.#part("picture").addEventListener("error", (event) => { event.target.hidden = true; }); // the server says why
    this.#part("temperature").addEventListener("input", () => this.#showTemperature());
    this.#part("again").addEventListener("click", () => this.#write());
    this.#showTemperature();
  }

  /** Offers those of the models (scanline.v1.Model[]) that write captions. */
  offer(scanline, models) {
    this.#scanline = scanline;
    this.#models = models.filter((model) => model.state === scanline.serving && model.captionTokens > 0);
    this.#part("model").replaceChildren(
      ...this.#models.map((model, index) => new Option(`${model.name} ${model.version}`, index)));
    this.#element.hidden = this.#models.length === 0;
  }

  #choose(file) {
    if (!file) {
      return; // the choice was given up, or no file was dropped
    }
    this.#picture = file;
    URL.revokeObjectURL(this.#shownPicture);
    this.#shownPicture = URL.createObjectURL(file);
    this.#part("picture").src = this.#shownPicture;
    this.#part("picture").hidden = false;
    this.#part("again").disabled = false;
    this.#write();
  }

  async #write() {
    this.#abort.abort(); // the newest picture counts
    const abort = new AbortController();
    this.#abort = abort;
    this.#errorBox.hide();
    this.#part("tokens").replaceChildren();
    this.#say("writing", "");
    try {
      const { name, version } = this.#models[this.#part("model").value];
      const bytes = new Uint8Array(await this.#picture.arrayBuffer());
      const request = {
        model: { name, version },
        image: { case: "picture", value: bytes },
        sampling: { temperature: this.#part("temperature").valueAsNumber },
      };
      await this.#read(this.#scanline.caption(request, { signal: abort.signal }));
    } catch (failure) {
      if (!abort.signal.aborted) {
        this.#say("failed", "");
        this.#errorBox.show(failure);
      }
    }
  }

  async #read(responses) {
    let started;
    for await (const { event } of responses) {
      switch (event.case) {
        case "started":
          started = event.value;
          break;
        case "token":
          this.#part("tokens").append(element(event.value));
          break;
        case "finished":
          this.#finish(started, event.value);
          return;
        default: // an event that a newer server may send
      }
    }
    throw new RpcError("INTERNAL", "The caption ended without a last word.");
  }

  #finish(started, { end, logLikelihoodNats, firstTokenUs, totalUs }) {
    const time = (microseconds) => formatTime(Number(microseconds) / 1000);
    const drawn = this.#part("temperature").valueAsNumber > 0 ? `, seed ${started.seed}` : "";
    const cut = end === this.#scanline.captionCutOff ? `, cut off at ${started.maxTokens} tokens` : "";
    this.#say("complete", `${logLikelihoodNats.toFixed(2)} nats in all${cut}${drawn}; first token after `
      + `${time(firstTokenUs)}, all after ${time(totalUs)} on the server`);
  }

  #say(state, summary) {
    this.#element.dataset.state = state;
    this.#part("summary").textContent = summary;
  }

  #showTemperature() {
    const temperature = this.#part("temperature").valueAsNumber;
    this.#part("temperature-value").value = temperature === 0 ? "the likeliest" : temperature.toFixed(2);
  }

  #part(name) {
    return document.getElementById(`caption-${name}`);
  }
}

/** A token and how sure the model was of it. */
function element({ text, logProbability }) {
  const item = document.createElement("li");
  const shown = document.createElement("span");
  shown.className = "token";
  shown.textContent = text;
  const figure = document.createElement("span");
  figure.className = "log-probability";
  figure.textContent = logProbability.toFixed(2);
  item.append(shown, figure);
  item.title = `Probability ${(100 * Math.exp(logProbability)).toFixed(1)} %`;
  item.style.setProperty("--probability", Math.exp(logProbability));
  return item;
}
