// Adds to times how long ago they were, by the server's clock as live.js learns it.
// Screen readers do not hear it: it changes every minute.
const MINUTE = 60e3, HOUR = 60 * MINUTE, DAY = 24 * HOUR, LONGEST = 7 * DAY;
const words = new Intl.RelativeTimeFormat(document.documentElement.lang, { numeric: "always" });
let told = null; // the product's time when the server last said it
let heard = 0; // on the clock that nobody can set

function ago(past) {
  if (past < 2 * HOUR) return words.format(-Math.floor(past / MINUTE), "minute");
  if (past < 2 * DAY) return words.format(-Math.floor(past / HOUR), "hour");
  return words.format(-Math.floor(past / DAY), "day");
}

function write() {
  if (told === null) return;
  const now = told + performance.now() - heard;
  for (const time of document.querySelectorAll("time[data-ago]")) {
    const past = now - Date.parse(time.dateTime);
    const mark = time.nextElementSibling?.matches(".ago") ? time.nextElementSibling : document.createElement("span");
    if (past < MINUTE || past > LONGEST) {
      mark.remove();
      continue;
    }
    mark.className = "ago";
    mark.setAttribute("aria-hidden", "true");
    mark.textContent = ` (${ago(past)})`;
    if (!mark.isConnected) time.after(mark);
  }
}

document.addEventListener("moment", (event) => {
  told = event.detail;
  heard = performance.now();
  write();
});
setInterval(write, MINUTE);
