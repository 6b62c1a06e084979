// Keeps an open page true: asks one small JSON what is known, and shows the page anew when it tells something else.
const EVERY = 30, SPREAD = 10, LONGEST = 300; // seconds
const OLD = 180e3, FAILURES = 3; // milliseconds since the last publication; how often asking may fail
const CONTROLS = "a[href], button, summary, input, [tabindex]";
const main = document.querySelector("main");
const news = document.getElementById("news");
const asked = location.search !== ""; // an answer to this reader alone: its plain page says whether there is news

let shown = asked ? null : told(main);
let known = null; // the content with which this page was last compared
let looks = 0; // how often to look yet: a node or a cache on the way may still have the page of before
let waiting = null; // a newer page, kept back from a reader who is filling in a form
let failures = 0, isAsking = false, timer;

const random = (from, to) => from + Math.random() * (to - from);
const wait = (seconds) => new Promise((done) => setTimeout(done, 1000 * seconds));
const list = (what) => [...main.querySelectorAll(what)];
const stale = (yes) => { document.getElementById("stale").hidden = !yes; };
const spoken = () => list("h1, #updates").map((one) => one.textContent.trim()).join(" ");
const isBusy = () => document.activeElement.matches("main :is(input, select, textarea)")
  || list("input, textarea").some((one) => one.value !== one.defaultValue);

// What a page tells, but for its moment, which moves all the time, and for whether it is stale.
function told(part) {
  const copy = part.cloneNode(true);
  copy.querySelectorAll("#as-of, #stale").forEach((one) => one.remove());
  return copy.innerHTML;
}

// Where the reader is: what is open, focused and scrolled, by names that a newer page has too.
function place() {
  const name = (one) => one.id || one.getAttribute("href") || one.textContent;
  const part = (one) => one.closest("section") ?? main;
  const within = (one) => part(one).getAttribute("aria-labelledby") + [...part(one).querySelectorAll("details")].indexOf(one);
  const open = new Map(list("details").map((one) => [within(one), one.open]));
  const scrolled = list("[tabindex]").map((one) => one.scrollLeft);
  const focused = list(CONTROLS).find((one) => one === document.activeElement);
  const anchor = list("[id]:not(#as-of)").find((one) => one.getBoundingClientRect().bottom > 0);
  const top = anchor?.getBoundingClientRect().top;
  return () => {
    list("details").forEach((one) => { one.open = open.get(within(one)) ?? one.open; });
    list("[tabindex]").forEach((one, index) => { one.scrollLeft = scrolled[index] ?? 0; });
    if (focused) list(CONTROLS).find((one) => name(one) === name(focused))?.focus({ preventScroll: true });
    const same = anchor && document.getElementById(anchor.id);
    if (same && scrollY > 0) scrollBy({ top: same.getBoundingClientRect().top - top, behavior: "instant" });
  };
}

function show(page) {
  const back = place(), before = spoken();
  main.replaceChildren(...page.querySelector("main").childNodes);
  document.title = page.title;
  back();
  if (spoken() !== before) document.getElementById("said")?.replaceChildren(spoken());
  waiting = null;
  if (news) news.hidden = true;
}

async function fresh(path) {
  const answer = await fetch(path, { cache: "no-cache" });
  if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
  return answer;
}

async function look() {
  const answer = await fresh(location.pathname);
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const next = told(page.querySelector("main"));
  const differs = shown !== null && next !== shown;
  shown = next;
  looks = differs ? 0 : looks - 1;
  if (!differs && !waiting) return;
  waiting = page;
  if (news && (asked || isBusy())) news.hidden = false;
  else show(page);
}

// Whether what is published is old. The server's date counts: the reader's clock may be wrong.
async function ask() {
  const answer = await fresh("/now.json");
  const now = await answer.json();
  const date = Date.parse(answer.headers.get("Date")), published = Date.parse(now.published_at);
  if (known !== now.content) looks = known === null ? 1 : 2;
  known = now.content;
  if (looks > 0) {
    await wait(random(0, 5));
    await look();
  }
  const moment = document.getElementById("as-of");
  if (moment && !looks && !waiting && Date.parse(moment.dateTime) < Date.parse(now.as_of)) {
    moment.dateTime = now.as_of;
    moment.textContent = now.time;
  }
  if (date) document.dispatchEvent(new CustomEvent("moment", { detail: date + Date.parse(now.as_of) - published }));
  return date - published > OLD;
}

async function turn() {
  if (isAsking) return;
  isAsking = true;
  try {
    stale(await ask());
    failures = 0;
  } catch {
    failures += 1;
    if (failures >= FAILURES) stale(true);
  }
  isAsking = false;
  plan(Math.min(LONGEST, random(EVERY - SPREAD, EVERY + SPREAD) * 2 ** failures));
}

function plan(seconds) {
  clearTimeout(timer);
  if (!document.hidden) timer = setTimeout(turn, 1000 * seconds);
}

document.addEventListener("visibilitychange", () => plan(random(0, 3)));
news?.querySelector("button").addEventListener("click", () => (asked ? location.reload() : show(waiting)));
plan(random(5, 35));
