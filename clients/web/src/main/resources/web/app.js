// The page: wires the form, the server and the images together.
import { Scanline } from "./contract.js";
import { FieldError, RequestForm } from "./request-form.js";
import { Generation } from "./generation.js";
import { Numbers, formatTime } from "./numbers.js";

const byId = (id) => document.getElementById(id);
const form = new RequestForm(byId("request"));
const numbers = new Numbers(byId("numbers"));

let scanline;
let running;

byId("request").addEventListener("submit", (event) => {
  event.preventDefault();
  if (!running && scanline) {
    generate();
  }
});
byId("cancel").addEventListener("click", () => running?.cancel());
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") {
    running?.cancel();
  }
});

await connect();

async function connect() {
  try {
    const server = await Scanline.connect();
    const serving = form.offer(await server.listModels(), server.modelState);
    say(serving ? "Ready." : "No model is serving.");
    scanline = server;
    byId("generate").disabled = !serving;
  } catch (failure) {
    say("The models could not be listed.");
    showError(failure);
  }
}

async function generate() {
  hideError();
  form.clearViolations();
  const began = performance.now();
  try {
    const { request, name, timeoutMs } = form.read();
    running = new Generation(byId("gallery"), numbers);
    setRunning(true);
    say(`Drawing ${request.count} × ${name}…`);
    showImages();
    await running.run(scanline, request, name, timeoutMs);
    form.showRead(running.promptRead);
    say(`Done in ${formatTime(performance.now() - began)}.`);
  } catch (failure) {
    if (failure.status === "CANCELLED") {
      say("Cancelled.");
    } else {
      say("Not done.");
      showError(failure);
    }
  } finally {
    setRunning(false);
    running = undefined;
  }
}

/** Keeps the focus on a button that can be pressed, for those who use the keyboard. */
function setRunning(isRunning) {
  const [next, previous] = isRunning ? [byId("cancel"), byId("generate")] : [byId("generate"), byId("cancel")];
  next.disabled = false;
  if (document.activeElement === previous) {
    next.focus();
  }
  previous.disabled = true;
}

/** Scrolls to the images where they are below the form, as on a phone. */
function showImages() {
  const main = document.querySelector("main");
  if (main.getBoundingClientRect().top > window.innerHeight / 2) {
    main.scrollIntoView();
  }
}

function say(text) {
  byId("status").textContent = text;
}

function showError(failure) {
  const known = failure.status !== undefined || failure instanceof FieldError;
  if (!known) {
    console.error(failure);
  }
  const violations = failure instanceof FieldError
    ? [{ field: failure.field, description: failure.message }] : failure.violations ?? [];
  const elsewhere = form.showViolations(violations).map(({ field, description }) => `${field}: ${description}`);
  byId("error-status").textContent = failure.status ?? (known ? "INVALID_ARGUMENT" : "INTERNAL");
  byId("error-reason").textContent = failure.reason ?? "";
  byId("error-message").textContent = [failure.message, ...elsewhere].join("\n");
  byId("error-retry").textContent =
    failure.retryAfterMs === undefined ? "" : `The same request can succeed in ${formatTime(failure.retryAfterMs)}.`;
  byId("error").hidden = false;
}

function hideError() {
  byId("error").hidden = true;
}
