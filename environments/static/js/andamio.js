/* What the pages do beyond HTML. Everything works without this file; it only makes it nicer. */
(() => {
  "use strict";

  const root = document.documentElement;
  const language = root.lang || "en";
  const wordsOfTime = new Intl.RelativeTimeFormat(language, { numeric: "always" });
  const STEPS = [["day", 86400], ["hour", 3600], ["minute", 60], ["second", 1]];
  const DAYS_IN_WORDS = 30;

  const refreshTimes = () => {
    for (const time of document.querySelectorAll("time[data-relative]")) {
      const seconds = (new Date(time.dateTime) - Date.now()) / 1000;
      const size = Math.abs(seconds);
      if (size < 10 || size > DAYS_IN_WORDS * 86400) continue;
      const [unit, length] = STEPS.find(([, one]) => size >= one);
      const words = wordsOfTime.format(Math.trunc(seconds / length), unit);
      if (time.textContent !== words) time.textContent = words;
    }
  };

  const chooseTheme = (button) => {
    const theme = button.dataset.themeChoice;
    if (theme) root.dataset.theme = theme;
    else delete root.dataset.theme;
    const secure = location.protocol === "https:" ? "; Secure" : "";
    document.cookie = `theme=${theme}; Path=/; Max-Age=${theme ? 31536000 : 0}; SameSite=Lax${secure}`;
    for (const one of document.querySelectorAll("[data-theme-choice]")) {
      one.setAttribute("aria-pressed", String(one.dataset.themeChoice === theme));
    }
  };

  const showCopied = (button) => {
    button.classList.add("copy-done");
    const icon = button.querySelector("use");
    const before = icon?.getAttribute("href");
    icon?.setAttribute("href", before.replace(/#.*/, "#check"));
    setTimeout(() => {
      button.classList.remove("copy-done");
      icon?.setAttribute("href", before);
    }, 1600);
  };

  const copy = async (button) => {
    const block = button.closest(".code");
    const text = button.dataset.copy ?? block?.querySelector("pre")?.textContent ?? "";
    try {
      await navigator.clipboard.writeText(text);
      showCopied(button);
    } catch {
      const shown = block?.querySelector("pre") ?? button.previousElementSibling;
      if (shown) getSelection().selectAllChildren(shown);
    }
  };

  const closeMenus = (except) => {
    for (const menu of document.querySelectorAll("details[data-menu][open]")) {
      if (!except || !menu.contains(except)) menu.open = false;
    }
  };

  const openDialog = (id) => {
    const dialog = document.getElementById(id);
    if (!(dialog instanceof HTMLDialogElement)) return;
    dialog.showModal();
    dialog.querySelector("[autofocus], input, select, textarea, .button")?.focus();
  };

  document.addEventListener("click", (event) => {
    const target = event.target instanceof Element ? event.target : null;
    closeMenus(target);
    const button = target?.closest("button");
    if (!button) return;
    if ("themeChoice" in button.dataset) chooseTheme(button);
    else if ("copy" in button.dataset || "copyBlock" in button.dataset) copy(button);
    else if ("dialog" in button.dataset) openDialog(button.dataset.dialog);
    else if ("close" in button.dataset) button.closest(".notice, .failure")?.remove();
  });

  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    const menu = document.activeElement?.closest("details[data-menu][open]");
    closeMenus(null);
    menu?.querySelector("summary")?.focus();
  });

  // A part of the page that got no answer says so, and takes it back once it gets one.
  let leaving = false; // following a link breaks off what is under way: no trouble

  const noteLeaving = () => {
    leaving = true;
    setTimeout(() => { leaving = false; }, 3000);
  };

  const sayOffline = () => {
    if (leaving) return;
    const words = document.getElementById("offline");
    if (words) document.getElementById("toasts")?.replaceChildren(words.content.cloneNode(true));
  };

  const forgetTrouble = (event) => {
    if (event.detail.successful) document.getElementById("toasts")?.replaceChildren();
  };

  document.addEventListener("htmx:afterSettle", refreshTimes);
  window.addEventListener("beforeunload", noteLeaving);
  document.addEventListener("htmx:sendError", sayOffline);
  document.addEventListener("htmx:afterRequest", forgetTrouble);
  setInterval(refreshTimes, 15000);
})();
