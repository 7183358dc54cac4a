/* What the fields of a form do beyond HTML. The form works without this file: the server then says what is wrong
   once the form is sent. */
(() => {
  "use strict";

  // A choice that follows another field: only what goes with it is offered; `data-with` names the values it goes with.
  const offered = new WeakMap();

  const follow = (select) => {
    const leader = document.getElementById(select.dataset.follows);
    if (!leader) return false;
    if (!offered.has(select)) offered.set(select, [...select.options]);
    const before = select.value;
    const fitting = offered.get(select).filter((option) => option.dataset.with.split(" ").includes(leader.value));
    if (!fitting.length) return false;
    select.replaceChildren(...fitting);
    // What was chosen, or the next larger: never less than somebody asked for, if there is so much.
    select.value = (fitting.find((option) => Number(option.value) >= Number(before)) ?? fitting.at(-1)).value;
    return select.value !== before;
  };

  const say = (select) => {
    const said = document.getElementById("fields-said");
    if (said) said.textContent = `${select.labels[0].textContent.trim()}: ${select.selectedOptions[0].textContent}`;
  };

  // Before HTMX hears of the change: what it sends must be what is shown.
  document.addEventListener("change", (event) => {
    for (const select of document.querySelectorAll(`[data-follows="${event.target.id}"]`)) {
      if (follow(select)) say(select);
    }
  }, true);

  // Errors that came with a part of the page: the field knows, and what hides it opens.
  const mark = (list) => {
    const field = document.querySelector(`[aria-describedby~="${list.id}"]`);
    if (!field) return;
    if (list.childElementCount) {
      field.setAttribute("aria-invalid", "true");
      for (let fold = field.closest("details"); fold; fold = fold.parentElement.closest("details")) fold.open = true;
    } else {
      field.removeAttribute("aria-invalid");
    }
  };

  // A link to a field that is folded away: not every browser unfolds it.
  const reveal = () => {
    const target = location.hash.length > 1 && document.getElementById(location.hash.slice(1));
    const hidden = target && target.closest("details:not([open])");
    if (!hidden) return;
    for (let fold = hidden; fold; fold = fold.parentElement.closest("details")) fold.open = true;
    target.scrollIntoView();
    target.focus();
  };
  addEventListener("hashchange", reveal);
  reveal();

  // What stands there already is not put there again: a screen reader would read it again.
  document.addEventListener("htmx:oobBeforeSwap", (event) => {
    const { target, fragment } = event.detail;
    const words = (node) => node.textContent.replace(/\s+/g, " ").trim();
    if (words(target) === words(fragment)) event.detail.shouldSwap = false;
  });

  document.addEventListener("htmx:oobAfterSwap", (event) => {
    if (event.detail.target.matches(".field-errors")) mark(event.detail.target);
  });

  // What was unfolded stays so when its part of the page is renewed.
  const unfolded = new Map();
  document.addEventListener("toggle", ({ target }) => {
    if (target.id) unfolded.set(target.id, target.open);
  }, true);
  document.addEventListener("htmx:afterSwap", () => {
    for (const [id, open] of unfolded) {
      const fold = document.getElementById(id);
      if (fold && open && !fold.open) fold.open = true;
    }
  });

  for (const select of document.querySelectorAll("[data-follows]")) {
    if (follow(select)) select.dispatchEvent(new Event("change", { bubbles: true }));
  }
})();
