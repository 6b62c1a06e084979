// Keeps what is typed into a form until it is sent: on the server, and in this browser for as long as the server has not
// got it. After signing in again it is offered back, whichever of the two had it.
const PAUSE = 2000, RETRY = 8000;
const me = document.body.dataset.me;
const SHELF = `unsent ${me} `;
let token = document.querySelector("[name=csrf_token]")?.value;

const stash = (key, words) => { try { localStorage.setItem(SHELF + key, words); } catch { /* no room: the server has it */ } };
const unstash = (key) => { try { localStorage.removeItem(SHELF + key); } catch { /* as above */ } };

// Who signed in anew in another tab goes on in this one; somebody else does not.
async function renew() {
  const answer = await fetch("/staff/unsent", { credentials: "same-origin" });
  const told = answer.ok && !answer.redirected ? await answer.json() : {};
  if (String(told.me) !== me) return false;
  token = told.csrf_token;
  for (const input of document.querySelectorAll("[name=csrf_token]")) input.value = token;
  return true;
}

// What became of it: "kept", "sent" before, or why not: "away", "ended", "refused".
async function deliver(words, again = false) {
  const body = new URLSearchParams(words);
  body.set("csrf_token", token);
  const answer = await fetch("/staff/unsent", { method: "POST", body, credentials: "same-origin" });
  if (answer.ok) {
    const told = await answer.json();
    return { state: told.words ? "kept" : "sent", words: told.words };
  }
  if (answer.status === 403 && !again && await renew()) return deliver(words, true);
  if (answer.status === 401 || answer.status === 403) return { state: "ended" };
  return { state: answer.status < 500 ? "refused" : "away" };
}

const tried = (words) => deliver(words).catch(() => ({ state: "away" }));

function watch(form) {
  const note = form.querySelector(".kept"), key = form.elements.form_key.value;
  let timer = null, typed = 0, over = false;

  function words() {
    const found = new URLSearchParams(new FormData(form));
    found.set("unsent-place", location.pathname);
    found.set("unsent-title", document.querySelector("h1").textContent.trim());
    return found.toString();
  }

  function say(told) {
    note.hidden = false;
    note.textContent = told.words ?? note.dataset[told.state] ?? "";
    note.classList.toggle("late", told.state !== "kept");
    // Only trouble is spoken: what goes well would interrupt every few seconds.
    note.setAttribute("role", told.state === "kept" ? "none" : "status");
  }

  async function save() {
    const mine = typed, told = await tried(words());
    timer = null;
    if (over) return;
    if (told.state === "kept" && mine === typed) unstash(key);
    if (told.state !== "sent") say(told);
    if (told.state === "away" || told.state === "ended") soon(RETRY);
    else if (mine !== typed) soon(PAUSE);
  }

  function soon(wait) { timer ??= setTimeout(save, wait); }

  form.addEventListener("input", () => {
    typed += 1;
    stash(key, words());
    soon(PAUSE);
  });
  form.addEventListener("submit", (event) => {
    if (event.submitter?.formTarget === "_blank") return;
    over = true; // the answer says what became of it; should none come, this browser still has it
    clearTimeout(timer);
    stash(key, words());
  });
}

// What never reached us, in this browser: brought now that we can be reached again.
async function bring() {
  const here = document.querySelector("form [name=form_key]")?.value;
  let isNews = false;
  for (const name of Object.keys(localStorage).filter((one) => one.startsWith(SHELF))) {
    const words = localStorage.getItem(name), told = await tried(words);
    if (told.state === "kept" || told.state === "sent") localStorage.removeItem(name);
    const place = new URLSearchParams(words).get("unsent-place");
    isNews ||= told.state === "kept" && place === location.pathname && name !== SHELF + here;
  }
  const offers = document.querySelector(".unsent");
  if (!isNews || !offers) return;
  const page = new DOMParser().parseFromString(await (await fetch(location.href)).text(), "text/html");
  offers.replaceWith(page.querySelector(".unsent") ?? offers);
}

if (me && token) {
  document.querySelectorAll("form:has([name=form_key])").forEach(watch);
  try { bring().catch(() => {}); } catch { /* a browser that keeps nothing */ }
}
