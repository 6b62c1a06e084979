"use strict";
(() => {
  const MARK = "X-Status-Stand-In";
  const SHORTEST = 30, LONGEST = 120;
  let pause = SHORTEST, timer = 0, asking = false;

  // The reader's language first; without a script the site's default stands first.
  const parts = [...document.querySelectorAll("main > [lang]")];
  const spoken = navigator.languages.map((one) => one.split("-")[0].toLowerCase());
  const mine = spoken.map((one) => parts.find((part) => part.lang === one)).find(Boolean);
  if (mine && mine !== parts[0]) {
    parts[0].before(mine);
    document.documentElement.lang = mine.lang;
    document.title = mine.querySelector("h1").textContent.trim();
  }

  // A reload would send a form again; only a fragment, which a form's address lacks, needs it.
  const enter = () => location.href.includes("#") ? location.reload() : location.replace(location.href);

  const plan = () => {
    clearTimeout(timer);
    if (document.hidden) return;
    timer = setTimeout(look, pause * (2 / 3 + Math.random() * 2 / 3) * 1000);
    pause = Math.min(pause * 1.2, LONGEST);
  };

  const isBack = async () => {
    // A redirect (to the page for logging in, say) is the panel's own answer too: it has no status here.
    const answer = await fetch(location.href, { method: "HEAD", cache: "no-store", redirect: "manual" });
    return !answer.headers.has(MARK) && answer.status < 500;
  };

  async function look() {
    if (asking) return;
    asking = true;
    const back = await isBack().catch(() => false);
    asking = false;
    if (back) enter();
    else plan();
  }

  document.addEventListener("visibilitychange", () => {
    pause = SHORTEST;
    if (document.hidden) clearTimeout(timer);
    else look();
  });
  // Some browsers bring a page back from memory, whatever its headers say: never show an old stand-in.
  addEventListener("pageshow", (event) => { if (event.persisted) enter(); });
  plan();
})();
