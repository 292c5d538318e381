/* Keeps what is typed: on the server a few seconds later, on this device at once, until the server has it. */
(() => {
  "use strict";

  const words = () => document.getElementById("draft-words");
  const find = (selector, root = document) => root.querySelector(selector);
  const findAll = (selector, root = document) => [...root.querySelectorAll(selector)];

  const WAIT = 3000;
  const RETRIES = [5000, 10000, 20000, 40000, 60000];
  const MOST_ON_LEAVING = 60000;  // a browser finishes no longer request of a page that is left; this device has the text
  const HEALED = ["0", "400", "401"];  // no answer, a token or a session of before: over, once something is saved
  const KEPT_FOR = 60 * 24 * 3600 * 1000;
  const keepers = new WeakMap();
  const all = new Set();

  const newToken = () => Array.from(crypto.getRandomValues(new Uint8Array(16)), (each) => each.toString(16).padStart(2, "0")).join("");

  document.addEventListener("DOMContentLoaded", () => {
    forgetWhatWasTaken();
    showClocks(document);
    prepare(document);
    giveToServer().catch(() => {});
  });
  document.addEventListener("htmx:load", ({ detail }) => { if (detail.elt !== document.body) prepare(detail.elt.parentElement ?? detail.elt); });
  document.addEventListener("htmx:afterRequest", ({ detail }) => {
    forgetWhatWasTaken();
    const keeper = keepers.get(detail.elt);
    if (keeper && !detail.successful) keeper.goOn();
  });

  for (const name of ["input", "change"]) {
    document.addEventListener(name, ({ target }) => keepers.get(target.form)?.change());
  }
  document.addEventListener("submit", ({ target }) => keepers.get(target)?.send(), true);
  document.addEventListener("visibilitychange", () => each((keeper) => document.hidden ? keeper.save(true) : keeper.lookAgain()));
  window.addEventListener("pagehide", () => each((keeper) => keeper.save(true)));
  window.addEventListener("pageshow", ({ persisted }) => { if (persisted) each((keeper) => keeper.goOn()); });
  window.addEventListener("online", () => each((keeper) => keeper.lookAgain()));
  document.addEventListener("click", (event) => {
    const afresh = event.target.closest("[data-afresh]");
    if (!afresh) return;
    event.preventDefault();
    const offers = afresh.closest("[data-offers]");
    find(`[name="draft-of"][value="${CSS.escape(offers.dataset.offers)}"]`)?.form.querySelector("input:not([type=hidden]), textarea")?.focus();
    offers.replaceChildren();
  });

  function prepare(root) {
    if (!words()) return;
    findAll("[data-draft]", root).forEach((box) => {
      if (!keepers.has(box.closest("form"))) keep(box);
    });
  }

  function each(act) {
    all.forEach((keeper) => keeper.form.isConnected ? act(keeper) : all.delete(keeper));
  }

  /* One form */

  function keep(box) {
    const form = box.closest("form");
    const status = find("[data-says]", box);
    const field = (name) => form.elements[`draft-${name}`];
    let changes = Number(field("turn").value);
    let saved = changes;
    let timer = 0;
    let failures = 0;
    let leftWith = null;
    let goneOn = null;
    let isSent = false;
    let isWarned = false;
    let running = null;

    const cameBack = Boolean(field("tab").value);
    field("key").value ||= newToken();
    field("tab").value ||= newToken();

    const texts = () => [...form.elements].filter((control) => control.matches("textarea, [type=text]"));
    const isWritten = () => field("seen").value !== "0" || texts().some((control) => control.value.trim());
    const isDirty = () => changes !== saved;
    const copyName = () => nameOfCopy(field("key").value);

    function say(text, ...more) {
      if (status.textContent !== text) status.textContent = text;
      findAll(":scope > :not(.saved)", box).forEach((extra) => extra.remove());
      box.append(...more);
    }

    function change() {
      isSent = false;
      if (!isWritten()) return;
      status.setAttribute("role", "status");  // only where somebody writes: a page has many forms
      field("turn").value = changes += 1;
      copy();
      if (!failures && !isWarned) later(WAIT);
    }

    function copy() {
      writeCopy(copyName(), { of: field("of").value, at: Date.now(), body: bodyOf(form), isSent });
    }

    function later(wait) {
      clearTimeout(timer);
      timer = setTimeout(() => save(), wait);
    }

    async function save(isLeaving = false) {
      clearTimeout(timer);
      if (!isDirty() || isSent || !form.isConnected) return;
      if (running && !isLeaving) return later(500);
      if (running && leftWith === changes) return;
      leftWith = isLeaving ? changes : null;
      running?.abort();
      const asked = running = new AbortController();
      const sent = changes;
      try {
        const answer = await post(bodyOf(form), form.elements.csrf_token.value, { isLeaving, signal: asked.signal });
        const said = await heard(answer);
        running = null;
        if (said.version && answer.ok) took(sent, said);
        else await refused(answer.status, said);
      } catch (fault) {
        if (fault.name === "AbortError") return;
        running = null;
        fail(words().dataset.away);
      }
    }

    function took(sent, { version, saved_at, address }) {
      field("seen").value = version;
      saved = sent;
      failures = 0;
      findAll("#flashes [data-status]").filter((notice) => HEALED.includes(notice.dataset.status)).forEach((notice) => notice.remove());
      say(words().dataset[address ? "saved" : "alone"].replace("{time}", clock(saved_at)));
      if (isDirty()) later(WAIT);
      else removeCopy(copyName());
    }

    async function refused(code, said) {
      if (code === 409 && said.version) return warn(said);
      if (code === 410 && said.was_sent) return beginAnother();
      if (code === 429 || code >= 500) return fail(words().dataset.away);
      const token = code <= 401 ? await freshToken() : form.elements.csrf_token.value;
      if (!token) return fail(words().dataset.out, words().content.lastElementChild.cloneNode(true));
      if (token !== form.elements.csrf_token.value) {
        renewTokens(token);
        return later(0);
      }
      saved = changes;
      say(said.text ?? "");
    }

    /* The text was published, and its form is still here: only what is typed on is a draft, and another one */
    function beginAnother() {
      removeCopy(copyName());
      if (changes === goneOn) { saved = changes; return; }
      field("key").value = newToken();
      if (form.elements.key) form.elements.key.value = field("key").value;
      field("seen").value = "0";
      copy();
      later(0);
    }

    function fail(text, ...more) {
      say(text, ...more);
      later(RETRIES[Math.min(failures, RETRIES.length - 1)]);
      failures += 1;
    }

    function warn({ version, message, address }) {
      const notice = words().content.firstElementChild.cloneNode(true);
      find("p", notice).textContent = message;
      find("a", notice).href = address;
      find("[data-mine]", notice).addEventListener("click", () => {
        field("seen").value = version;
        isWarned = false;
        save();
      });
      say("", notice);
      isWarned = true;
    }

    function send() {
      clearTimeout(timer);
      running?.abort();
      isSent = true;
      if (isWritten()) copy();
    }

    function goOn() {
      if (!isSent) return;
      change();
      goneOn = changes;
    }

    function lookAgain() {
      if (failures && !isWarned) later(0);
    }

    const keeper = { form, cameBack, change, save, send, goOn, lookAgain };
    keepers.set(form, keeper);
    all.add(keeper);
    if (box.dataset.savedAt) say(words().dataset.saved.replace("{time}", clock(box.dataset.savedAt)));
    if (cameBack) change();
  }

  /* The server */

  function post(body, token, { isLeaving = false, signal } = {}) {
    const sent = new URLSearchParams(body);
    sent.set("csrf_token", token);
    const keepalive = isLeaving && sent.toString().length < MOST_ON_LEAVING;
    return fetch("/drafts", { method: "POST", body: sent, headers: { "HX-Request": "true" }, redirect: "error", keepalive, signal });
  }

  async function heard(answer) {
    return answer.headers.get("Content-Type")?.startsWith("application/json") ? answer.json() : { text: await answer.text() };
  }

  /* After signing in again in another tab, as the same person */
  async function freshToken() {
    const answer = await fetch("/drafts/form-token", { headers: { "HX-Request": "true" } });
    const { person, csrf_token } = answer.ok ? await heard(answer) : {};
    return String(person) === words().dataset.person ? csrf_token : null;
  }

  function renewTokens(token) {
    findAll('input[name="csrf_token"]').forEach((input) => { input.value = token; });
    find('meta[name="csrf-token"]').content = token;
  }

  /* What only this device has, of the person who is signed in: to the server, where the forms offer it */
  async function giveToServer() {
    if (!words() || (!all.size && location.pathname !== "/drafts")) return;
    const open = new Map([...all].map((keeper) => [nameOfCopy(keeper.form.elements["draft-key"].value), keeper]));
    const given = new Set();
    for (const name of namesOfCopies()) {
      const copy = readCopy(name);
      if (!copy || Date.now() - copy.at > KEPT_FOR) { removeCopy(name); continue; }
      if (open.get(name)?.cameBack) continue;
      const address = await give(copy);
      if (address === null) continue;
      removeCopy(name);
      if (!address) continue;
      if (open.has(name) || location.pathname === "/drafts") return location.replace(open.has(name) ? address : "/drafts");
      given.add(copy.of);
    }
    for (const of of given) await offerAgain(of);
  }

  /* Where a newer text has taken its place meanwhile, or where it was typed on after it was published, it becomes a draft
     of its own; what was published needs none, and has no address. */
  async function give({ body, isSent }) {
    const token = find('meta[name="csrf-token"]').content;
    let answer = await post(body, token);
    const refusal = answer.ok ? {} : await heard(answer.clone());
    if (refusal.was_sent && isSent) return "";
    if (refusal.was_sent || (answer.status === 409 && refusal.version)) {
      const apart = new URLSearchParams(body);
      apart.set("draft-key", newToken());
      if (apart.has("key")) apart.set("key", apart.get("draft-key"));
      apart.set("draft-seen", "0");
      answer = await post(apart, token);
    }
    const said = await heard(answer);
    return answer.ok && said.version ? said.address ?? "/drafts" : null;
  }

  async function offerAgain(of) {
    const shown = find(`[data-offers="${CSS.escape(of)}"]`) ?? find(`[name="draft-of"][value="${CSS.escape(of)}"]`)?.form;
    if (!shown) return;
    const answer = await fetch(`/drafts/offers/${encodeURIComponent(of)}`);
    if (!answer.ok) return;
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").body.firstElementChild;
    showClocks(fresh);
    shown.matches("form") ? shown.before(fresh) : shown.replaceWith(fresh);
  }

  /* This device */

  function nameOfCopy(key) { return `draft ${words().dataset.person} ${key}`; }

  function namesOfCopies() {
    return Object.keys(localStorage).filter((name) => name.startsWith(nameOfCopy("")));
  }

  function writeCopy(name, copy) {
    try { localStorage.setItem(name, JSON.stringify(copy)); } catch { /* full or forbidden: the server still has it */ }
  }

  function readCopy(name) {
    try { return JSON.parse(localStorage.getItem(name)); } catch { return null; }
  }

  function removeCopy(name) { localStorage.removeItem(name); }

  function forgetWhatWasTaken() {
    const taken = document.cookie.match(/(?:^|; )drafts-done=([^;]+)/)?.[1];
    if (!taken) return;
    Object.keys(localStorage).filter((name) => name.startsWith("draft ") && name.endsWith(` ${taken}`)).forEach(removeCopy);
    document.cookie = "drafts-done=; path=/; max-age=0; samesite=lax";
  }

  function bodyOf(form) {
    const sent = new URLSearchParams(new FormData(form));
    sent.delete("csrf_token");
    return sent.toString();
  }

  /* The reader's own clock */

  function clock(moment) {
    const then = new Date(moment);
    const isToday = then.toDateString() === new Date().toDateString();
    const parts = { hour: "numeric", minute: "2-digit", ...(isToday ? {} : { day: "numeric", month: "short" }) };
    return then.toLocaleString(document.documentElement.lang, parts);
  }

  function showClocks(root) {
    findAll("[data-clock]", root).forEach((time) => { time.textContent = time.dataset.clock.replace("{time}", clock(time.dateTime)); });
  }
})();
