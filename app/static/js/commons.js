/* What the pages add when scripts run. Every page works without this file. */
(() => {
  "use strict";

  const find = (selector, root = document) => root.querySelector(selector);
  const findAll = (selector, root = document) => [root, ...root.querySelectorAll("*")].filter((element) => element.matches?.(selector));

  const isShown = (element) => element.getClientRects().length > 0;

  document.documentElement.dataset.scripted = "";

  document.addEventListener("htmx:configRequest", ({ detail }) => {
    if (detail.verb !== "get") detail.headers["X-CSRFToken"] = find('meta[name="csrf-token"]').content;
  });

  document.addEventListener("htmx:load", ({ detail }) => {
    if (detail.elt !== document.body) prepare(detail.elt);
  });

  document.addEventListener("DOMContentLoaded", () => {
    prepare(document);
    foldFiltersWhenNarrow();
    rememberShortcutSwitch();
  });

  function prepare(root) {
    findAll(".error-summary, [data-focus]", root)[0]?.focus();
    findAll("[data-reveal]", root).forEach((button) => { button.hidden = false; });
    findAll("[data-limit]", root).forEach(count);
    findAll("[data-zone-of]", root).forEach(offerZone);
  }

  /* What the server refused, said at the head of the page */

  document.addEventListener("htmx:responseError", ({ detail }) => { if (!isBell(detail.elt)) refuse(detail.xhr); });
  document.addEventListener("htmx:sendError", ({ detail }) => { if (!isBell(detail.elt)) refuse(); });

  function refuse(answer) {
    const flashes = document.getElementById("flashes");
    const notice = document.getElementById("refusal").content.firstElementChild.cloneNode(true);
    const isPlain = answer?.getResponseHeader("Content-Type")?.startsWith("text/plain");
    notice.dataset.status = answer?.status ?? 0;
    find("p", notice).textContent = isPlain ? answer.responseText : flashes.dataset.fault;
    flashes.replaceChildren(notice);
  }

  /* The bar at the foot of a narrow screen may appear or grow over the field in use */

  document.addEventListener("htmx:oobAfterSwap", ({ detail }) => {
    const field = document.activeElement.getBoundingClientRect();
    const isCovered = isShown(detail.elt) && field.bottom > detail.elt.getBoundingClientRect().top;
    if (isCovered && field.height < window.innerHeight / 2) document.activeElement.scrollIntoView({ block: "nearest" });
  });

  /* While a way on is chosen or its line is typed, the panel that holds it is not put anew from what was sent before;
     what comes nevertheless shows the choice as it is by now */

  const ways = new Map();

  document.addEventListener("input", ({ target }) => {
    if (!target.closest("#similar .ways")) return;
    ways.set(target.name, target.value);
    htmx.trigger("#similar", "htmx:abort");
  });

  document.addEventListener("htmx:afterSettle", ({ detail }) => {
    if (detail.target?.id !== "similar") return;
    findAll("#similar .ways :is(input, textarea)").filter((control) => ways.has(control.name)).forEach((control) => {
      if (control.type === "radio") control.checked = control.value === ways.get(control.name);
      else control.value = ways.get(control.name);
    });
  });

  /* Whoever writes by hand has chosen to */

  document.addEventListener("input", ({ target }) => {
    if (target.dataset.checks) document.getElementById(target.dataset.checks).checked = true;
  });

  /* Characters left */

  document.addEventListener("input", ({ target }) => {
    if (target.matches("[data-limit]")) count(target);
  });

  function count(control) {
    const counter = document.getElementById(`${control.id}-counter`);
    if (!counter || (!control.value && !counter.dataset.counting)) return;
    const left = Number(control.dataset.limit) - [...control.value].length;
    counter.dataset.counting = "yes";
    counter.classList.toggle("over", left < 0);
    counter.textContent = (left < 0 ? counter.dataset.over : counter.dataset.left).replace("{n}", Math.abs(left));
  }

  /* Show a password, open a dialog, close a menu */

  document.addEventListener("click", ({ target }) => {
    const reveal = target.closest("[data-reveal]");
    if (reveal) toggleSecret(reveal);
    const opener = target.closest("[data-opens]");
    if (opener) document.getElementById(opener.dataset.opens).showModal();
    if (target.matches("dialog")) target.close();
    findAll("details.menu[open]").forEach((menu) => { if (!menu.contains(target)) menu.open = false; });
  });

  /* That a match led to its page: told aside, so that the link waits for nothing */

  document.addEventListener("click", ({ target }) => {
    const match = target.closest(".match-title a")?.closest("[data-match]");
    if (!match || !document.getElementById("judge")) return;
    const told = new URLSearchParams({ match: match.dataset.match, csrf_token: find('meta[name="csrf-token"]').content });
    navigator.sendBeacon("/matches/opens", told);
  });

  /* Notices: the bell asks for its number while somebody looks, and when some were read */

  const isBell = (element) => element.id === "notices-count";
  const askBell = () => { if (document.getElementById("notices-count")) htmx.trigger("#notices-count", "look"); };

  document.addEventListener("htmx:beforeRequest", (event) => {
    if (isBell(event.detail.elt) && document.hidden) event.preventDefault();
  });
  document.addEventListener("visibilitychange", askBell);

  /* The button that was pressed may be gone then; the one in its place has the keyboard */

  const noticeButtons = () => findAll("button", document.getElementById("notices"));
  let pressed = -1;

  document.addEventListener("htmx:beforeSwap", ({ detail }) => {
    if (detail.target.id === "notices") pressed = noticeButtons().indexOf(document.activeElement);
  });

  document.addEventListener("htmx:afterSettle", ({ detail }) => {
    if (detail.target?.id !== "notices") return;
    if (pressed >= 0 && document.activeElement === document.body) (noticeButtons()[pressed] ?? document.getElementById("notices")).focus();
    askBell();
  });

  /* A suggested tag ticks its box in the form beside; on the page without the form the button sends it there itself */

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-ticks]");
    const box = button && find(`input[type="checkbox"][name="${button.dataset.ticks}"][value="${CSS.escape(button.value)}"]`);
    if (!box) return;
    event.preventDefault();
    if (!box.checked) box.click();
    const next = button.closest("li").nextElementSibling ?? button.closest("section");
    button.closest("li").remove();
    (find("button", next) ?? find("h2", next)).focus();
  });

  /* Whoever goes through them by keyboard keeps a place when what comes anew has no more of the tag in focus */

  let isAmongTags = false;

  document.addEventListener("htmx:beforeSwap", ({ detail }) => {
    isAmongTags = detail.target.id === "similar" && Boolean(document.activeElement.closest("[aria-labelledby=suggested-tags]"));
  });

  document.addEventListener("htmx:afterSettle", ({ detail }) => {
    if (!isAmongTags || detail.target?.id !== "similar") return;
    isAmongTags = false;
    if (document.activeElement === document.body) (find("[data-ticks]", detail.target) ?? find("h2", detail.target)).focus();
  });

  /* The time zone of the device is chosen at a press, if the list has it; the form is saved as ever */

  function offerZone(button) {
    const list = document.getElementById(button.dataset.zoneOf);
    const named = Intl.DateTimeFormat().resolvedOptions().timeZone;
    const options = [...list.options];
    const isCalled = (option) => option.dataset.also?.split(" ").includes(named);
    const zone = (options.find((option) => option.value === named) ?? options.find(isCalled))?.value;
    if (!zone) return;
    const offer = () => { button.parentElement.hidden = list.value === zone; };
    button.textContent = button.dataset.words.replace("{zone}", zone.replaceAll("_", " "));
    button.addEventListener("click", () => { list.value = zone; list.focus(); offer(); });
    list.addEventListener("change", offer);
    offer();
  }

  function toggleSecret(button) {
    const control = document.getElementById(button.dataset.reveal);
    const shown = control.type === "text";
    button.dataset.show ??= button.textContent;
    control.type = shown ? "password" : "text";
    button.textContent = shown ? button.dataset.show : button.dataset.hide;
  }

  function foldFiltersWhenNarrow() {
    if (window.matchMedia("(width < 56rem)").matches) findAll(".facet-box").forEach((box) => { box.open = false; });
  }

  /* Colours: at once here, and kept by the server for the next page */

  document.addEventListener("submit", (event) => {
    if (!event.target.matches(".theme-choice") || !event.submitter) return;
    event.preventDefault();
    const before = find('[aria-pressed="true"]', event.target);
    showColours(event.submitter);
    const body = new URLSearchParams(new FormData(event.target, event.submitter));
    fetch(event.target.action, { method: "POST", body, redirect: "manual" })
      .then((answer) => { if (answer.status >= 400) throw answer; })
      .catch(() => { showColours(before); refuse(); });
  });

  function showColours(choice) {
    document.documentElement.dataset.theme = choice.value;
    find('meta[name="color-scheme"]').content = choice.value === "auto" ? "light dark" : choice.value;
    findAll("button", choice.form).forEach((button) => button.setAttribute("aria-pressed", String(button === choice)));
  }

  /* Keyboard: an element says its key in data-key; j, k and o walk the list */

  const switchedOff = () => document.body.dataset.shortcuts === "off" || localStorage.getItem("shortcuts") === "off";
  let prefix = "";

  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") return closeMenus();
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || switchedOff()) return;
    if (event.target.closest("input, textarea, select, [contenteditable], dialog")) return;
    const keys = prefix + event.key;
    prefix = event.key === "g" && !prefix ? "g " : "";
    const element = keyed(keys);
    if (element) {
      event.preventDefault();
      element.matches("input, textarea, select") ? element.focus() : element.click();
    } else if (keys === "j" || keys === "k") {
      walk(keys === "j" ? 1 : -1);
    } else if (keys === "o" && event.target.matches(".row-title a")) {
      event.target.click();
    }
  });

  function keyed(keys) {
    return findAll("[data-key]").find((element) => element.dataset.key === keys && isShown(element));
  }

  function walk(step) {
    const links = findAll(".row-title a");
    const next = links[links.indexOf(document.activeElement) + step];
    if (next) next.focus();
  }

  function closeMenus() {
    findAll("details.menu[open]").forEach((menu) => {
      menu.open = false;
      find("summary", menu).focus();
    });
  }

  function rememberShortcutSwitch() {
    const box = find("[data-shortcuts-switch]");
    box.checked = !switchedOff();
    box.addEventListener("change", () => localStorage.setItem("shortcuts", box.checked ? "on" : "off"));
  }
})();
