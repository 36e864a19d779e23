// The page: wires the form, the server, the images and the captions together.
import { Captions } from "./captions.js";
import { Scanline } from "./contract.js";
import { ErrorBox } from "./error-box.js";
import { FieldError, RequestForm } from "./request-form.js";
import { Gallery } from "./gallery.js";
import { Numbers, formatTime } from "./numbers.js";
import { Toolbox } from "./toolbox.js";

const byId = (id) => document.getElementById(id);
const form = new RequestForm(byId("request"));
const errorBox = new ErrorBox(byId("error"));
const toolbox = new Toolbox(byId("tools"), () => gallery.toolChanged());
const gallery = new Gallery(byId("gallery"), toolbox, new Numbers(byId("numbers")), {
  fork: (figure, steps) => attempt("Forking…", (chosen) => gallery.fork(figure, steps, chosen)),
  repaint: (figure, mask) => attempt("Drawing it anew…", (chosen) => gallery.repaint(figure, mask, chosen)),
  explain: say,
  changed: showButtons,
  trouble: showError,
});
const captions = new Captions(byId("captions"));

let scanline;

byId("request").addEventListener("submit", (event) => {
  event.preventDefault();
  if (!gallery.open && scanline) {
    generate();
  }
});
byId("pause").addEventListener("click", () => (gallery.paused ? goOn() : gallery.pause()));
byId("cancel").addEventListener("click", () => gallery.cancel());
byId("cadence").addEventListener("change", () => gallery.setCadence(form.cadence));
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") {
    gallery.cancel();
  }
});
window.addEventListener("pagehide", () => gallery.leave());

await connect();

async function connect() {
  try {
    const server = await Scanline.connect();
    const models = await server.listModels();
    const serving = form.offer(models, server.serving);
    captions.offer(server, models);
    say(serving ? "Ready." : "No model that draws is serving.");
    scanline = server;
    byId("generate").disabled = !serving;
  } catch (failure) {
    say("The models could not be listed.");
    showError(failure);
  }
}

function generate() {
  return attempt(undefined, async (chosen) => {
    say(`Drawing ${chosen.request.count} × ${chosen.name}…`);
    showImages();
    form.showRead(await gallery.generate(scanline, chosen));
  });
}

function goOn() {
  errorBox.hide();
  say("Drawing on…");
  gallery.goOn();
}

/** Does what the form says, and says how it went. */
async function attempt(doing, work) {
  errorBox.hide();
  form.clearViolations();
  const began = performance.now();
  try {
    const chosen = form.read();
    if (doing) {
      say(doing);
    }
    await work(chosen);
    say(`Done in ${formatTime(performance.now() - began)}.`);
  } catch (failure) {
    if (failure.status === "CANCELLED") {
      say("Cancelled.");
    } else {
      say("Not done.");
      showError(failure);
    }
  }
}

/** Offers what can be done now, and keeps the focus on a button that can be pressed, for those who use the keyboard. */
function showButtons() {
  const focused = document.activeElement;
  const { open, pausable, paused } = gallery;
  byId("generate").disabled = open;
  byId("cancel").disabled = !open;
  byId("pause").disabled = !pausable && !paused;
  byId("pause").textContent = paused ? "Resume" : "Pause";
  if (paused) {
    say("Paused. Resume goes on from here.");
  }
  if (focused?.closest(".actions") && focused.disabled) {
    byId(open ? "cancel" : "generate").focus();
  }
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
  const violations = failure instanceof FieldError
    ? [{ field: failure.field, description: failure.message }] : failure.violations ?? [];
  errorBox.show(failure, form.showViolations(violations));
}
